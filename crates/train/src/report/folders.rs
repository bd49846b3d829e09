//! Which run folders a report is about.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::ROUNDS;
use crate::active::LEDGER;
use crate::run_folder::{CONFIG, EVENTS, runs_below};
use crate::study::{JSON, TABLE};
use crate::{Access, Error, StudyTable};

/// Runs with their names, and the table of the study that they are of.
pub(super) struct Folders {
    pub(super) title: String,
    pub(super) runs: Vec<(String, PathBuf)>,
    pub(super) table: Option<StudyTable>,
}

/// The runs in `folders`: each is one, and another one than the others, or the only folder is that of a study or of runs.
pub(super) fn of(folders: &[PathBuf]) -> Result<Folders, Error> {
    if let [folder] = folders {
        let rounds = folder.join(ROUNDS);
        if rounds.is_dir() {
            // Of active learning or self-training, whose rounds are runs.
            return Ok(Folders { title: name(folder), ..of_study(&rounds)? });
        }
        if !is_run(folder) {
            return of_study(folder);
        }
    }
    let mut runs: Vec<(String, PathBuf)> = Vec::new();
    let mut known = BTreeSet::new();
    for folder in folders {
        if !is_run(folder) || folder.join(LEDGER).is_file() {
            if !runs_below(folder).is_empty() || folder.join(ROUNDS).is_dir() {
                let reason = "it is the folder of several runs, which has a report of its own; name it alone, or single runs in it";
                return Err(super::no_report(folder, reason));
            }
            return Err(no_run(folder));
        }
        if !known.insert(fs::canonicalize(folder).unwrap_or_else(|_| folder.clone())) {
            return Err(super::no_report(folder, "it is named twice; name each run once"));
        }
        runs.push((name(folder), folder.clone()));
    }
    // Two folders of one name are told apart by their paths.
    let names: Vec<String> = runs.iter().map(|run| run.0.clone()).collect();
    for (name, folder) in &mut runs {
        if names.iter().filter(|other| *other == name).count() > 1 {
            *name = folder.display().to_string();
        }
    }
    let title = match runs.as_slice() {
        [(name, _)] => name.clone(),
        runs => format!("{} runs", runs.len()),
    };
    Ok(Folders { title, runs, table: None })
}

/// The cells of the study in `folder`, and its table if there is one yet; where there is none, the runs right below a folder.
fn of_study(folder: &Path) -> Result<Folders, Error> {
    let failed = |source| Error::Io { action: Access::Read, path: folder.to_owned(), source };
    if !folder.is_dir() {
        return Err(no_run(folder));
    }
    let mut runs = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if is_run(&path) {
            runs.push((name(&path), path));
        }
    }
    runs.sort();
    if runs.is_empty() {
        return Err(no_run(folder));
    }
    let path = folder.join(JSON);
    let table = if path.is_file() {
        let text = fs::read(&path).map_err(failed)?;
        let table = serde_json::from_slice(&text).map_err(|error| {
            Error::Data(format!(
                "failed to read {}: {error}; run the study again to make it anew",
                path.display()
            ))
        })?;
        Some(table)
    } else {
        None
    };
    // Without a table they are no study, or none yet.
    let title = match runs.len() {
        _ if table.is_some() || folder.join(TABLE).is_file() => name(folder),
        1 => format!("1 run in {}", name(folder)),
        several => format!("{several} runs in {}", name(folder)),
    };
    Ok(Folders { title, runs, table })
}

fn is_run(folder: &Path) -> bool {
    folder.join(CONFIG).is_file() || folder.join(EVENTS).is_file()
}

fn no_run(folder: &Path) -> Error {
    let reason = if folder.exists() {
        format!("it is the folder of no run and of no study, as there is no {CONFIG} in it or right below it")
    } else {
        "it does not exist".to_owned()
    };
    super::no_report(folder, &reason)
}

/// The last part of the path that has a name.
fn name(folder: &Path) -> String {
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    whole.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned())
}
