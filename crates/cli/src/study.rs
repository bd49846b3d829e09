//! `fishdip study`

pub(crate) mod process;

use fishdip::backend::device;
use fishdip_train::{Cell, CellState, Error, Event, Sink as _, Sinks, Study, write_json_line};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::args::StudyArgs;
use crate::exit::Failure;
use crate::out_of_memory::OutOfMemory;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::stop::{self, GoesOn};
use crate::view::View;

pub(crate) fn run(args: &StudyArgs) -> Result<(), Failure> {
    let out = args.out.clone().unwrap_or_else(|| folder_of(&args.config));
    let study = Study::load(&args.config, &args.set, &out)?;
    if args.list {
        list(study.cells(), args.json)
    } else if let Some(name) = &args.cell {
        alone(study.cell(name)?, &args.backend, args.json)
    } else {
        all(args, &study, &out)
    }
}

/// `runs/NAME`, always the same, so that a study that was ended goes on.
fn folder_of(config: &Path) -> PathBuf {
    Path::new("runs").join(config.file_stem().unwrap_or_else(|| "study".as_ref()))
}

/// Shows the cells and how far each has come.
pub(crate) fn list(cells: &[Cell], as_json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if as_json {
        let cells: Vec<_> = cells.iter().map(told).collect();
        write_json_line(&mut out, &json!({ "cells": cells }))?;
    } else {
        let width = cells.iter().map(|cell| cell.name.chars().count()).max().unwrap_or(0);
        for cell in cells {
            let state = cell.state();
            let why = cell.failure().filter(|_| state == CellState::Failed);
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            writeln!(out, "{:width$}  {}{}", cell.name, state.name(), shown(&why))?;
        }
    }
    Ok(out.flush()?)
}

fn told(cell: &Cell) -> serde_json::Value {
    let state = cell.state();
    let error = cell.failure().filter(|_| state == CellState::Failed);
    json!({ "name": cell.name, "seed": cell.seed, "run": cell.folder, "state": state, "error": error })
}

/// Runs one cell in this process, and tells what came of it.
pub(crate) fn alone(cell: &Cell, backend: &str, as_json: bool) -> Result<(), Failure> {
    let mut runtime = runtime(backend)?;
    runtime.interrupter = stop::on_signals(GoesOn::Again)?;
    let (mut view, mut out_of_memory) = (View::new(), OutOfMemory::watch(GoesOn::Again));
    cell.run(&runtime, &mut Sinks(vec![&mut view, &mut out_of_memory]))?;
    list(std::slice::from_ref(cell), as_json)
}

/// Says so where nothing is left to do.
pub(crate) fn tell_done(cells: &[Cell]) {
    if cells.iter().all(|cell| cell.state() == CellState::Done) {
        let message =
            "everything is done already, and nothing is left to do; the table is made anew".to_owned();
        View::new().event(&Event::Note { message });
    }
}

/// Prints the `table` of what is in the folder `out`.
pub(crate) fn show(table: &str, out: &Path) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    for line in table.lines() {
        writeln!(stdout, "{}", shown(line))?;
    }
    writeln!(stdout, "\nfolder   {}", shown(&out.display().to_string()))?;
    stdout.flush()
}

/// Runs what is not done yet, each cell in a process of its own: what one takes of memory is told apart from the others, and one that runs out of
/// it ends alone. Then makes the table.
fn all(args: &StudyArgs, study: &Study, out: &Path) -> Result<(), Failure> {
    // A backend that is none is told once.
    device(&args.backend)?;
    let interrupter = stop::on_signals(GoesOn::Again)?;
    let cells = study.cells();
    study.check_folder()?;
    tell_done(cells);
    let alone = |index: usize| ["--cell".to_owned(), cells[index].name.clone()];
    if let Some(cell) = process::run_all(cells, "cell", alone, &interrupter)? {
        return Err(Error::StudyStopped { cell: cell.name.clone() }.into());
    }
    let table = study.write_table()?;
    if args.json {
        write_json_line(&mut std::io::stdout(), &table)?;
    } else {
        show(&table.to_markdown(), out)?;
    }
    let failed = table.failed();
    if failed > 0 {
        return Err(Error::CellsFailed { failed, total: cells.len(), table: out.join("table.md") }.into());
    }
    Ok(())
}
