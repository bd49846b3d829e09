//! `fishdip active`

use fishdip_train::{ActiveReport, RunConfig, RunPath, Sinks, active, resume_active, write_json_line};
use std::io::Write;
use std::path::Path;

use crate::args::ActiveArgs;
use crate::exit::Failure;
use crate::out_of_memory::OutOfMemory;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::stop::{self, GoesOn};
use crate::view::View;

pub(crate) fn run(args: &ActiveArgs) -> Result<(), Failure> {
    let mut runtime = runtime(&args.backend)?;
    runtime.interrupter = stop::on_signals(GoesOn::Resume("active"))?;
    let (mut view, mut out_of_memory) = (View::new(), OutOfMemory::watch(GoesOn::Resume("active")));
    let mut sink = Sinks(vec![&mut view, &mut out_of_memory]);
    let report = match (&args.resume, &args.config) {
        (Some(run), _) => resume_active(run, &runtime, &mut sink)?,
        (None, Some(file)) => {
            let config = RunConfig::load(file, &args.set)?;
            let run = args.run.clone().map_or_else(|| next_of(file), RunPath::At);
            active(&config, &run, &runtime, &mut sink)?
        }
        (None, None) => {
            return Err(Failure::Use("name a config with --config, or a run with --resume".to_owned()));
        }
    };
    drop(sink);
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &report)?;
    } else {
        write(&mut out, &report)?;
    }
    Ok(out.flush()?)
}

/// `runs/NAME-N` with the smallest N that is free.
fn next_of(config: &Path) -> RunPath {
    let name = config.file_stem().unwrap_or_else(|| "active".as_ref());
    RunPath::Numbered(Path::new("runs").join(name))
}

fn write(out: &mut impl Write, report: &ActiveReport) -> std::io::Result<()> {
    let metric = &report.metric;
    let width = metric.chars().count().max(6);
    writeln!(out, "\nlabels  {metric:>width$}  macro F1  seconds")?;
    for round in &report.rounds {
        let macro_f1 = round.macro_f1.map_or_else(|| "-".to_owned(), |f1| format!("{f1:.4}"));
        let seconds = round.query_seconds.unwrap_or(0.0) + round.train_seconds;
        writeln!(out, "{:>6}  {:>width$.4}  {macro_f1:>8}  {seconds:>7.1}", round.labels, round.score)?;
    }
    if let Some(auc) = report.auc {
        let macro_f1 = report.auc_macro_f1.map_or_else(String::new, |auc| format!(", of macro F1 {auc:.4}"));
        writeln!(out, "\narea under the curve of {metric} {auc:.4}{macro_f1}")?;
    }
    if let Some(why) = &report.stopped {
        writeln!(out, "no more labels were asked for: {why}")?;
    }
    writeln!(
        out,
        "{} of {} labels of the pool by {}, {:.0} s\nrun      {}\nadapter  {}",
        report.labels,
        report.pool,
        report.strategy,
        report.seconds,
        shown(&report.run.display().to_string()),
        shown(&report.adapter.display().to_string())
    )
}
