//! `fishdip train`

use fishdip_train::{Interrupter, RunConfig, RunPath, Sink, TrainReport, train, write_json_line};
use std::io::Write;
use std::path::Path;

use crate::args::TrainArgs;
use crate::exit::Failure;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::view::View;
use crate::{stop, table};

pub(crate) fn run(args: &TrainArgs) -> Result<(), Failure> {
    let mut runtime = runtime(&args.backend)?;
    let config = RunConfig::load(&args.config, &args.set)?;
    let run = args.run.clone().map_or_else(|| next_of(&args.config), RunPath::At);
    runtime.interrupter = stop::on_signals()?;
    let mut sink = sink(args, &runtime.interrupter);
    let report = train(&config, &run, &runtime, &mut *sink)?;
    drop(sink);
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &report)?;
    } else {
        write!(out, "{}", summary(&report))?;
    }
    Ok(out.flush()?)
}

#[cfg(not(feature = "tui"))]
fn sink(_: &TrainArgs, _: &Interrupter) -> Box<dyn Sink> {
    Box::new(View::new())
}

#[cfg(feature = "tui")]
fn sink(args: &TrainArgs, interrupter: &Interrupter) -> Box<dyn Sink> {
    if args.tui { Box::new(crate::tui::Tui::new(interrupter)) } else { Box::new(View::new()) }
}

/// `runs/NAME-N` with the smallest N that is free.
fn next_of(config: &Path) -> RunPath {
    let name = config.file_stem().unwrap_or_else(|| "run".as_ref());
    RunPath::Numbered(Path::new("runs").join(name))
}

fn summary(report: &TrainReport) -> String {
    let before =
        report.before.as_ref().map_or_else(String::new, |b| format!("before training {:.4}, ", b.headline()));
    let held_out = report.held_out.as_ref().map_or_else(String::new, |part| {
        format!(
            "scored on {} of {} examples, held out of the training file with seed {}\n",
            part.examples,
            part.examples + part.left,
            part.seed
        )
    });
    let share = 100.0 * report.entries_trained as f64 / report.entries_total as f64;
    format!(
        "\n{}\n{} {before}after {:.4}\n{held_out}{} of {} parameters trained at a time ({share:.2} %), {} steps, {:.0} s\nrun      {}\nadapter  {}\n",
        table::scores(&report.after),
        report.after.headline_name(),
        report.after.headline(),
        report.entries_trained,
        report.entries_total,
        report.steps,
        report.seconds,
        shown(&report.run.display().to_string()),
        shown(&report.adapter.display().to_string()),
    )
}
