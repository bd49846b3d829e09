//! `fishdip pretrain`

use fishdip_train::predict::InputFormat;
use fishdip_train::tasks::counted;
use fishdip_train::{
    PretrainReport, RunConfig, RunPath, Sinks, pretrain, resume_pretraining, write_json_line,
};
use std::io::Write;
use std::path::Path;

use crate::args::PretrainArgs;
use crate::exit::Failure;
use crate::out_of_memory::OutOfMemory;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::stop::{self, GoesOn};
use crate::view::View;

pub(crate) fn run(args: &PretrainArgs) -> Result<(), Failure> {
    let mut runtime = runtime(&args.backend)?;
    runtime.interrupter = stop::on_signals(GoesOn::Resume("pretrain"))?;
    let (mut view, mut out_of_memory) = (View::new(), OutOfMemory::watch(GoesOn::Resume("pretrain")));
    let mut sink = Sinks(vec![&mut view, &mut out_of_memory]);
    let report = match (&args.resume, &args.config) {
        (Some(run), _) => resume_pretraining(run, &runtime, &mut sink)?,
        (None, Some(file)) => {
            let run = args.run.clone().map_or_else(|| next_of(file), RunPath::At);
            pretrain(&config(args, file)?, &run, &runtime, &mut sink)?
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
        write!(out, "{}", summary(&report))?;
    }
    Ok(out.flush()?)
}

fn config(args: &PretrainArgs, file: &Path) -> Result<RunConfig, Failure> {
    let mut config = RunConfig::load(file, &args.set)?;
    if args.from.is_some() {
        config.model.adapter.clone_from(&args.from);
    }
    let table = config.pretrain.get_or_insert_default();
    if args.text.is_some() {
        table.text.clone_from(&args.text);
    }
    if args.text_key.is_some() {
        table.text_key.clone_from(&args.text_key);
    }
    if let Some(format) = args.format {
        table.format = match format.0 {
            InputFormat::Text => None,
            InputFormat::Words => {
                return Err(Failure::Use(
                    "a pretraining takes texts as they stand: --format text".to_owned(),
                ));
            }
            InputFormat::Data(format) => Some(format),
        };
    }
    Ok(config)
}

/// `runs/NAME-N` with the smallest N that is free.
fn next_of(config: &Path) -> RunPath {
    let name = config.file_stem().unwrap_or_else(|| "pretrain".as_ref());
    RunPath::Numbered(Path::new("runs").join(name))
}

fn summary(report: &PretrainReport) -> String {
    let loss = match (report.loss_before, report.loss) {
        (Some(before), Some(after)) => {
            format!(
                "loss on {} blocks that are held out: before {before:.4}, after {after:.4}\n",
                report.held_out
            )
        }
        _ => String::new(),
    };
    let share = 100.0 * report.entries_trained as f64 / report.entries_total as f64;
    format!(
        "\n{loss}{} texts in {} blocks, {} of {} parameters trained at a time ({share:.2} %), {}, {:.0} s\nrun      {}\nadapter  {}\n",
        report.texts,
        report.blocks,
        report.entries_trained,
        report.entries_total,
        counted(report.steps, "step"),
        report.seconds,
        shown(&report.run.display().to_string()),
        shown(&report.adapter.display().to_string()),
    )
}
