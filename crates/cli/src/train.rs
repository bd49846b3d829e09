//! `fishdip train`

use fishdip_train::tasks::counted;
use fishdip_train::{
    Interrupter, RunConfig, RunPath, Sink, Sinks, TrainReport, resume, train, write_json_line,
};
use std::io::Write;
use std::path::Path;

use crate::args::TrainArgs;
use crate::exit::Failure;
use crate::out_of_memory::OutOfMemory;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::stop::{self, GoesOn};
use crate::view::View;
use crate::{folds, table};

pub(crate) fn run(args: &TrainArgs) -> Result<(), Failure> {
    // Before anything is made: a run that goes on needs no config but its own.
    let begins = if let Some(run) = &args.resume {
        Begins::Again(run)
    } else {
        let config = config(args)?;
        if config.data.is_cross_validation() {
            return folds::run(args, &config);
        }
        if args.fold.is_some() {
            let message =
                "--fold is one of several, and there are none; say how many with --folds or data.folds";
            return Err(Failure::Use(message.to_owned()));
        }
        let run = args.run.clone().map_or_else(|| next_of(&args.config), RunPath::At);
        Begins::Anew(Box::new(config), run)
    };
    let mut runtime = runtime(&args.backend)?;
    runtime.interrupter = stop::on_signals(GoesOn::Resume("train"))?;
    let mut shown = sink(args, &runtime.interrupter);
    let mut out_of_memory = OutOfMemory::watch(GoesOn::Resume("train"));
    let mut sink = Sinks(vec![&mut *shown, &mut out_of_memory]);
    let report = match begins {
        Begins::Anew(config, run) => train(&config, &run, &runtime, &mut sink),
        Begins::Again(run) => resume(run, &runtime, &mut sink),
    }?;
    drop(sink);
    drop(shown);
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &report)?;
    } else {
        write!(out, "{}", summary(&report))?;
    }
    Ok(out.flush()?)
}

enum Begins<'a> {
    Anew(Box<RunConfig>, RunPath),
    Again(&'a Path),
}

fn config(args: &TrainArgs) -> Result<RunConfig, Failure> {
    let folds = args.folds.map(|folds| format!("data.folds={folds}"));
    let set: Vec<String> = args.set.iter().cloned().chain(folds).collect();
    let mut config = RunConfig::load(&args.config, &set)?;
    if args.from.is_some() {
        config.model.adapter.clone_from(&args.from);
    }
    Ok(config)
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
        let what =
            if part.episode.is_some() { "queries of the episode" } else { "held out of the training file" };
        let all = part.examples + part.left;
        // An example can be scored in several instances, so that more than were held out are no sign.
        let scored = report.after.examples.min(part.examples);
        let drawn =
            if scored < part.examples { format!("drawn from the {} ", part.examples) } else { String::new() };
        format!("scored on {scored} of {all} examples, {drawn}{what} with seed {}\n", part.seed)
    });
    let best = match (&report.stops, report.best_step) {
        (_, step) if step == report.steps => String::new(),
        (None, step) => format!("the best scores were those of step {step}; the adapter is of that step\n"),
        (Some(_), step) => {
            format!("the layers were smoothest after step {step}; the adapter is of that step\n")
        }
    };
    let share = 100.0 * report.entries_trained as f64 / report.entries_total as f64;
    format!(
        "\n{}\n{} {before}after {:.4}\n{held_out}{best}{} of {} parameters trained at a time ({share:.2} %), {}, {:.0} s\nrun      {}\nadapter  {}\n",
        table::scores(&report.after),
        report.after.headline_name(),
        report.after.headline(),
        report.entries_trained,
        report.entries_total,
        counted(report.steps, "step"),
        report.seconds,
        shown(&report.run.display().to_string()),
        shown(&report.adapter.display().to_string()),
    )
}
