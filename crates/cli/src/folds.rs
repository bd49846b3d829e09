//! `fishdip train` with `data.folds`: a run for each fold, and a table.

use fishdip::backend::device;
use fishdip_train::{CrossValidation, Error, RunConfig, write_json_line};
use std::path::{Path, PathBuf};

use crate::args::TrainArgs;
use crate::exit::Failure;
use crate::stop::{self, GoesOn};
use crate::study::process;
use crate::study::{alone, show, tell_done};

pub(crate) fn run(args: &TrainArgs, config: &RunConfig) -> Result<(), Failure> {
    #[cfg(feature = "tui")]
    if args.tui {
        return Err(Failure::Use(
            "--tui shows one run, and data.folds asks for several; take one of the two out".to_owned(),
        ));
    }
    let out = args.run.clone().unwrap_or_else(|| folder_of(&args.config));
    let folds = CrossValidation::new(config, &out)?;
    match args.fold {
        Some(number) => alone(folds.fold(number)?, &args.backend, args.json),
        None => all(args, &folds, &out),
    }
}

/// `runs/NAME-folds`, always the same, so that a cross-validation that was ended goes on.
fn folder_of(config: &Path) -> PathBuf {
    let mut name = config.file_stem().unwrap_or_else(|| "run".as_ref()).to_owned();
    name.push("-folds");
    Path::new("runs").join(name)
}

/// Runs what is not done yet, each fold in a process of its own as the cells of a study, and makes the table.
fn all(args: &TrainArgs, folds: &CrossValidation, out: &Path) -> Result<(), Failure> {
    // A backend that is none is told once.
    device(&args.backend)?;
    let interrupter = stop::on_signals(GoesOn::Again)?;
    let total = folds.folds().len();
    tell_done(folds.folds());
    let alone = |index: usize| ["--fold".to_owned(), (index + 1).to_string()];
    if let Some(fold) = process::run_all(folds.folds(), "fold", alone, &interrupter)? {
        return Err(Error::FoldsStopped { fold: fold.name.clone() }.into());
    }
    let table = folds.write_table()?;
    if args.json {
        write_json_line(&mut std::io::stdout(), &table)?;
    } else {
        show(&table.to_markdown(), out)?;
    }
    match table.folds.iter().filter(|row| row.error.is_some()).count() {
        0 => Ok(()),
        failed => Err(Error::FoldsFailed { failed, total, table: out.join("table.md") }.into()),
    }
}
