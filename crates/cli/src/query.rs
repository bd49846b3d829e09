//! `fishdip query`

use fishdip_train::predict::InputFormat;
use fishdip_train::tasks::read::{Format, ReadOptions};
use fishdip_train::{
    Error, OutFile, QueryModel, QueryOptions, QueryReport, TextFile, adapter_data, query, write_json_line,
};
use std::io::Write;
use std::path::PathBuf;

use crate::args::QueryArgs;
use crate::exit::Failure;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::stop::{self, GoesOn};
use crate::view::View;

pub(crate) fn run(args: &QueryArgs) -> Result<(), Failure> {
    if !(0.0..1.0).contains(&args.dropout) || args.dropout == 0.0 {
        return Err(Failure::Use(format!("--dropout is a share above 0 and below 1, not {}", args.dropout)));
    }
    let options = options(args)?;
    let mut runtime = runtime(&args.backend)?;
    runtime.interrupter = stop::on_signals(GoesOn::Not)?;
    let report = query(model(args)?, &options, &runtime, &mut View::new())?;
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &report)?;
    } else {
        write!(out, "{}", summary(&report))?;
    }
    Ok(out.flush()?)
}

fn model(args: &QueryArgs) -> Result<QueryModel<'_>, Failure> {
    match (&args.adapter, &args.base, args.task) {
        (Some(folder), ..) => Ok(QueryModel::Adapter { folder, base: args.model.as_deref() }),
        (None, Some(model), Some(task)) => Ok(QueryModel::Base { model, task }),
        _ => Err(Failure::Use(
            "name an adapter with --adapter, or a model with --base and its --task".to_owned(),
        )),
    }
}

fn options(args: &QueryArgs) -> Result<QueryOptions, Failure> {
    let mut read = ReadOptions::default();
    args.place.put_into(&mut read);
    match args.format.0 {
        InputFormat::Text | InputFormat::Words if read != ReadOptions::default() => {
            return Err(Failure::Use(
                "--word-column, --tag-column and --text-key are for data files; name the layout of the pool with --format".to_owned(),
            ));
        }
        InputFormat::Text | InputFormat::Words => {}
        InputFormat::Data(format) => read.check_for(format).map_err(Error::from)?,
    }
    let (format, data_read) = data(args)?;
    let of_data = |path: &Option<PathBuf>| {
        let path = path.clone()?;
        Some(TextFile { path, format: InputFormat::Data(format), read: data_read.clone() })
    };
    let out = OutFile::new(&args.out, args.force)?;
    out.is_none_of(
        std::iter::once(&args.pool).chain(&args.labelled).chain(&args.test).map(PathBuf::as_path),
    )?;
    Ok(QueryOptions {
        pool: TextFile { path: args.pool.clone(), format: args.format.0, read },
        labelled: of_data(&args.labelled),
        test: of_data(&args.test),
        strategy: args.strategy.clone(),
        count: args.count as usize,
        seed: args.seed,
        per_word: args.per_word,
        passes: args.passes as usize,
        dropout: args.dropout,
        out,
        output: args.output_format.into(),
    })
}

/// How data with labels are read: as the adapter's training was, where nothing else is said.
fn data(args: &QueryArgs) -> Result<(Format, ReadOptions), Failure> {
    let own = args.adapter.as_deref().map(adapter_data).transpose()?;
    Ok(match (args.data_format, own) {
        (None, Some(data)) => (data.format, data.read_options()),
        (Some(format), Some(data)) if data.format == format => (format, data.read_options()),
        (format, _) => (format.unwrap_or_default(), ReadOptions::default()),
    })
}

fn summary(report: &QueryReport) -> String {
    let width = report.chosen.iter().map(|chosen| shown(&chosen.id).chars().count()).max().unwrap_or(0);
    let lines = report.chosen.iter().map(|chosen| {
        let score = chosen.score.map_or_else(String::new, |score| format!("  score {score}"));
        format!("{:width$}  line {}{score}\n", shown(&chosen.id), chosen.line)
    });
    let lines: Vec<String> = lines.collect();
    format!(
        "{}\n{} of {} texts, by {} with seed {}, in {:.1} s\nwritten  {}\n",
        lines.concat(),
        report.chosen.len(),
        report.pool,
        report.strategy,
        report.seed,
        report.seconds,
        shown(&report.out.display().to_string())
    )
}
