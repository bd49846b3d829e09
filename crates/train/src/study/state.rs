//! How far a cell has come, by what its folder holds.

use serde::Serialize;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::Value;

use super::cells::{Cell, FAILURES};
use crate::data_files::DataFiles;
use crate::prepare::resolved_as;
use crate::run_folder::{ADAPTER, is_held, take_turn};
use crate::{Access, Error, RunConfig, run_result};

/// How far a cell has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellState {
    /// Trained and scored.
    Done,
    /// There is a run that can go on.
    Begun,
    /// It failed the last time; a study tries it again.
    Failed,
    /// Nothing is there yet.
    Absent,
}

impl CellState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Begun => "begun",
            Self::Failed => "failed",
            Self::Absent => "absent",
        }
    }
}

impl Cell {
    /// How far it has come.
    pub fn state(&self) -> CellState {
        // The adapters of a simulation are those of its rounds.
        let is_done = if self.config.active.is_some() { run_result::is_there } else { is_done };
        if is_done(&self.folder) {
            CellState::Done
        } else if self.failure_file().is_file() {
            CellState::Failed
        } else if self.is_begun() {
            CellState::Begun
        } else {
            CellState::Absent
        }
    }

    /// Whether a process runs it now.
    pub fn is_held(&self) -> bool {
        is_held(&self.folder)
    }

    /// Whether there is a run to go on with.
    pub(super) fn is_begun(&self) -> bool {
        self.folder.join("config.toml").is_file()
    }

    /// Why it failed the last time, if it did.
    pub fn failure(&self) -> Option<String> {
        failure(&self.folder)
    }

    /// Notes why it failed, for the table.
    pub fn note_failure(&self, reason: &str) -> Result<(), Error> {
        let file = self.failure_file();
        let folder = file.parent().unwrap_or(Path::new("."));
        // The same cell can fail in two processes at once, before either has its folder.
        let _turn = take_turn(folder)?;
        Ok(fishdip_peft::replace_file(&file, format!("{reason}\n").as_bytes())?)
    }

    /// Takes back what was noted of a failure, before it is tried again.
    pub fn forget_failure(&self) -> Result<(), Error> {
        let file = self.failure_file();
        match fs::remove_file(&file) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(Error::Io { action: Access::Write, path: file, source })
            }
            _ => Ok(()),
        }
    }

    fn failure_file(&self) -> PathBuf {
        failure_file(&self.folder)
    }

    /// Refuses a cell whose folder holds a run with another config, or of data files that are others now.
    pub(super) fn check(&self, files: &mut DataFiles) -> Result<(), Error> {
        if !self.is_begun() {
            return Ok(());
        }
        self.check_config()?;
        match files.changed(&self.folder)?.into_iter().next() {
            Some(file) => {
                let run = format!("the cell {} of the study", self.name);
                Err(Error::DataChanged { run, file, folder: self.folder.clone() })
            }
            None => Ok(()),
        }
    }

    fn check_config(&self) -> Result<(), Error> {
        let kept = RunConfig::load_resolved(&self.folder.join("config.toml"))?;
        let asked = resolved_as(&self.config, &kept);
        if asked == kept {
            return Ok(());
        }
        let tables = (Value::try_from(&kept), Value::try_from(&asked));
        let difference = match &tables {
            (Ok(kept), Ok(asked)) => difference(&mut Vec::new(), Some(kept), Some(asked)),
            _ => None,
        };
        let difference = difference.unwrap_or_else(|| "its config is another one".to_owned());
        Err(Error::CellChanged { cell: self.name.clone(), folder: self.folder.clone(), difference })
    }
}

/// Whether the training in `folder` has come to its end.
pub(super) fn is_done(folder: &Path) -> bool {
    run_result::is_there(folder) && folder.join(ADAPTER).is_dir()
}

/// Why the cell in `folder` failed the last time, if it did.
pub(super) fn failure(folder: &Path) -> Option<String> {
    let reason = fs::read_to_string(failure_file(folder)).ok()?;
    Some(reason.trim_end().to_owned())
}

/// Beside the run folder, since that is there only once data and model were found good.
fn failure_file(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".txt");
    folder.parent().unwrap_or(Path::new(".")).join(FAILURES).join(name)
}

/// The first key in which two configs differ, in words.
fn difference(path: &mut Vec<String>, kept: Option<&Value>, asked: Option<&Value>) -> Option<String> {
    if let (Some(Value::Table(kept)), Some(Value::Table(asked))) = (kept, asked) {
        for key in kept.keys().chain(asked.keys()) {
            path.push(key.clone());
            if let found @ Some(_) = difference(path, kept.get(key), asked.get(key)) {
                return found;
            }
            path.pop();
        }
        return None;
    }
    let shown = |value: Option<&Value>| match value {
        Some(value) => fishdip_tasks::shortened(&value.to_string()).into_owned(),
        None => "nothing".to_owned(),
    };
    let name = path.join(".");
    (kept != asked)
        .then(|| format!("it was run with `{name}` = {}, and now has {}", shown(kept), shown(asked)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        let value = |text: &str| Value::Table(text.parse().unwrap());
        let (kept, asked) = (value("a = 1\n[b]\nc = 0.5\n"), value("a = 1\n[b]\nc = 0.25\nd = true\n"));
        let told = difference(&mut Vec::new(), Some(&kept), Some(&asked)).unwrap();
        assert_eq!(told, "it was run with `b.c` = 0.5, and now has 0.25");
        assert_eq!(difference(&mut Vec::new(), Some(&kept), Some(&kept)), None);
        let told = difference(&mut Vec::new(), Some(&value("")), Some(&value("x = 'y'"))).unwrap();
        assert_eq!(told, "it was run with `x` = nothing, and now has \"y\"");
    }
}
