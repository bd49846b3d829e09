//! Studies: runs that differ in what is compared, and the table of what they came to.
//!
//! A study is a folder of run folders, its cells. Everything is told from the folders: which cells are done, where the others go on, and the
//! table; so that a study that was ended goes on, and cells can be run by other processes.

mod cells;
mod config;
mod curves;
mod folds;
pub(crate) mod interval;
mod learning;
mod metric;
mod picked;
mod rounds;
mod state;
mod table;
mod text;

pub use cells::Cell;
pub(crate) use folds::{Asked, Best};
pub use folds::{CrossValidation, FoldRow, FoldTable};
pub use learning::{LearningRow, LearningTable};
pub use picked::PickedRow;
pub use state::CellState;
pub use table::{StudyRow, StudyTable};

use fishdip_peft::replace_file;
use fishdip_t5::HubCache;
use serde::Serialize;
use std::path::{Path, PathBuf};

use crate::active::PICKED;
use crate::config::nearest;
use crate::continued::Continued;
use crate::data_files::{DataFiles, named_by};
use crate::event::Sink;
use crate::run_folder::{holder, runs_below, take_turn};
use crate::{Access, Error, FailureKind, RunPath, Runtime, active, resume, resume_active, train};
use cells::{CSV, CURVES, Group, ROUNDS};
pub(crate) use cells::{JSON, TABLE};
use config::StudyConfig;

/// How many groups a message lists.
const SHOWN: usize = 12;

/// A study whose configs were found good.
#[derive(Clone, Debug)]
pub struct Study {
    out: PathBuf,
    groups: Vec<Group>,
    cells: Vec<Cell>,
    /// The index of the group that differences are taken to.
    baseline: Option<usize>,
    /// The score whose labels and seconds are told, where cells simulate active learning.
    target: Option<f64>,
}

impl Study {
    /// Reads the study in the file `path`, whose cells have their folders in `out`, and where all of them set what `set` says (each written
    /// `key=value`, and none of them a key that an axis or the seeds set). The config of every cell is checked, and that of each cell
    /// that is there already is compared with the one it was run with. Nothing is written.
    pub fn load(path: &Path, set: &[String], out: &Path) -> Result<Self, Error> {
        let mut config = StudyConfig::load(path)?;
        config.set_all(set)?;
        let (groups, cells) = cells::cells(&config, out)?;
        let baseline = match &config.baseline {
            Some((name, place)) => Some(group_called(&groups, name, place)?),
            None => None,
        };
        if let Some(other) = cells.iter().find(|cell| cell.is_active() != cells[0].is_active()) {
            let message = format!(
                "the cell {} simulates active learning and others do not, or the other way round; give all of them the table [active], or none",
                other.name
            );
            return Err(config::refused(config.file, message));
        }
        if config.target.is_some() && !cells.iter().any(Cell::is_active) {
            let message = "`target` is about labels that are asked for, and no cell has the table [active]; take it out";
            return Err(config::refused(config.file, message));
        }
        let mut files = DataFiles::default();
        cells.iter().try_for_each(|cell| cell.check(&mut files))?;
        Ok(Self { out: out.to_owned(), groups, cells, baseline, target: config.target })
    }

    /// Refuses to write the table of the study into a folder with runs of which none is its own: it would take the place of another study's.
    pub fn check_folder(&self) -> Result<(), Error> {
        if self.out.exists() && !self.out.is_dir() {
            let (path, source) = (self.out.clone(), std::io::ErrorKind::NotADirectory.into());
            return Err(Error::Io { action: Access::Create, path, source });
        }
        if self.cells.iter().any(|cell| cell.state() != CellState::Absent) {
            return Ok(());
        }
        let Some(run) = runs_below(&self.out).into_iter().next() else { return Ok(()) };
        let run = run.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Err(Error::OtherStudy { folder: self.out.clone(), run })
    }

    /// All cells, group by group.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell called `name`.
    pub fn cell(&self, name: &str) -> Result<&Cell, Error> {
        self.cells.iter().find(|cell| cell.name == name).ok_or_else(|| Error::NoCell {
            name: fishdip_tasks::shortened(name).into_owned(),
            hint: nearest(name, self.cells.iter().map(|cell| cell.name.as_str())),
        })
    }

    /// Makes the table and the curves of what the cells have come to, and writes them into the folder of the study.
    pub fn write_table(&self) -> Result<StudyReport, Error> {
        let mut rounds = None;
        let (report, picture) = if self.cells.iter().any(Cell::is_active) {
            let done = learning::done(&self.cells)?;
            rounds = Some(rounds::to_csv(&done));
            let table = learning::table(&self.groups, &self.cells, &done, self.baseline, self.target)?;
            (StudyReport::Learning(table), learning::picture(&self.groups, &done))
        } else {
            let table = table::table(&self.groups, &self.cells, self.baseline)?;
            (StudyReport::Runs(table), curves::picture(&self.groups, &self.cells)?)
        };
        let _turn = take_turn(&self.out)?;
        replace_file(&self.out.join(TABLE), report.to_markdown().as_bytes())?;
        replace_file(&self.out.join(CSV), report.to_csv().as_bytes())?;
        if let StudyReport::Runs(table) = &report {
            let path = self.out.join(JSON);
            let json = serde_json::to_vec_pretty(table).map_err(|error| Error::Io {
                action: Access::Write,
                path: path.clone(),
                source: error.into(),
            })?;
            replace_file(&path, &json)?;
        }
        if let Some(rounds) = rounds {
            replace_file(&self.out.join(ROUNDS), rounds.as_bytes())?;
        }
        replace_file(&self.out.join(CURVES), picture.to_svg().as_bytes())?;
        if let StudyReport::Learning(table) = &report
            && let Some(svg) = picked::picture(&table.picked)
        {
            replace_file(&self.out.join(PICKED), svg.as_bytes())?;
        }
        Ok(report)
    }
}

/// The table of a study.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum StudyReport {
    /// Of trainings.
    Runs(StudyTable),
    /// Of simulations of active learning.
    Learning(LearningTable),
}

impl StudyReport {
    /// As a table of Markdown, with what its figures are.
    pub fn to_markdown(&self) -> String {
        match self {
            Self::Runs(table) => table.to_markdown(),
            Self::Learning(table) => table.to_markdown(),
        }
    }

    /// As CSV, every figure in a column of its own.
    pub fn to_csv(&self) -> String {
        match self {
            Self::Runs(table) => table.to_csv(),
            Self::Learning(table) => table.to_csv(),
        }
    }

    /// How many cells are not done.
    pub fn failed(&self) -> usize {
        match self {
            Self::Runs(table) => table.rows.iter().filter(|row| row.error.is_some()).count(),
            Self::Learning(table) => table.rows.iter().filter(|row| row.error.is_some()).count(),
        }
    }
}

impl Cell {
    /// Whether it simulates active learning.
    fn is_active(&self) -> bool {
        self.config.active.is_some()
    }

    /// Refuses to begin where each of `cells` that is not done lacks a data file or a model to begin with: it is told once, and not by each of them. Where some
    /// have what they need, those that do not are rows of the table.
    pub fn check_files(cells: &[Self], hub: &HubCache) -> Result<(), Error> {
        let mut missing = None;
        for cell in cells.iter().filter(|cell| cell.state() != CellState::Done) {
            match cell.has_files(hub) {
                Ok(()) => return Ok(()),
                Err(error) => missing = missing.or(Some(error)),
            }
        }
        missing.map_or(Ok(()), Err)
    }

    /// An error if a data file, the base model or an adapter to begin with is not there.
    fn has_files(&self, hub: &HubCache) -> Result<(), Error> {
        let model = hub.model_folder(&self.config.model.path)?.join("config.json");
        for path in named_by(&self.config).chain([model]) {
            path.metadata().map_err(|source| Error::Io { action: Access::Read, path, source })?;
        }
        Continued::load(&self.config).map(drop)
    }

    /// Trains it, or goes on with it where it has begun; one that is done stays as it is. Why it failed is noted for the table.
    pub fn run(&self, runtime: &Runtime, sink: &mut dyn Sink) -> Result<(), Error> {
        if self.state() == CellState::Done {
            return Ok(());
        }
        self.forget_failure()?;
        let run = RunPath::At(self.folder.clone());
        let outcome = match (self.is_active(), self.is_begun()) {
            (true, true) => resume_active(&self.folder, runtime, sink).map(drop),
            (true, false) => active(&self.config, &run, runtime, sink).map(drop),
            (false, true) => resume(&self.folder, runtime, sink).map(drop),
            (false, false) => train(&self.config, &run, runtime, sink).map(drop),
        };
        match outcome {
            Ok(()) => Ok(()),
            // What another process comes to, which has begun the run in the same instant, is what the cell comes to.
            Err(Error::RunExists { .. }) if self.state() == CellState::Done => Ok(()),
            Err(Error::RunExists { path }) if self.is_held() => {
                Err(Error::RunHeld { holder: holder(&path).unwrap_or_default(), path })
            }
            Err(error) => {
                let has_failed =
                    error.kind() != FailureKind::Stopped && !matches!(error, Error::RunHeld { .. });
                if has_failed {
                    // The failure itself is what is to be told.
                    let _ = self.note_failure(&error.to_string());
                }
                Err(error)
            }
        }
    }
}

/// The index of the group `name`, which was named at `place`.
fn group_called(groups: &[Group], name: &str, place: &str) -> Result<usize, Error> {
    if let Some(index) = groups.iter().position(|group| group.name == name) {
        return Ok(index);
    }
    let names = groups.iter().take(SHOWN).map(|group| format!("`{}`", group.name));
    let more = if groups.len() > SHOWN { " and others" } else { "" };
    let names = names.collect::<Vec<_>>().join(", ");
    Err(Error::Config {
        place: place.to_owned(),
        message: format!(
            "the baseline `{}` is no group of the study, which has {names}{more}",
            fishdip_tasks::shortened(name)
        ),
        hint: nearest(name, groups.iter().map(|group| group.name.as_str())),
    })
}

#[cfg(test)]
mod tests;
