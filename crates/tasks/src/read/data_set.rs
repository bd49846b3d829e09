//! Which file of a data set is trained on, which is scored, and which is kept for the end, by their names.

use std::path::{Path, PathBuf};

use super::below::{data_below, is_about};
use super::{Format, is_own_output};
use crate::{Error, ReadError, Result, TaskKind};

/// The files of a data set. A layout of several files is a folder for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSet {
    /// The folder that the names are relative to.
    pub folder: PathBuf,
    /// What is trained on.
    pub train: PathBuf,
    /// What is scored meanwhile.
    pub dev: Option<PathBuf>,
    /// What is kept for the end.
    pub test: Option<PathBuf>,
    /// The layout.
    pub format: Format,
    /// Why the training file is taken to be of this layout, where it had to show it.
    pub reason: Option<String>,
    /// What names say is scored, or kept for the end, where none of it can be read with the training file.
    pub left_out: Vec<LeftOut>,
}

/// A file that goes with the training file by its name alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub file: PathBuf,
    /// Whether it would be scored meanwhile; else it would be kept for the end.
    pub is_dev: bool,
    /// Why it is not taken.
    pub reason: String,
}

/// What a part of a data set is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Train,
    Dev,
    Test,
}

/// Words in names of files, in small letters. The parts of CoNLL-2003 are called testa and testb.
const WORDS: [(Role, &[&str]); 3] = [
    (Role::Train, &["train", "training", "trn"]),
    (Role::Dev, &["dev", "devel", "development", "val", "valid", "validation", "testa"]),
    (Role::Test, &["test", "testing", "tst", "testb"]),
];

/// A file or folder, what its name says of it, and what is left of the name without that.
#[derive(Clone, Debug)]
struct Part {
    name: PathBuf,
    role: Option<Role>,
    shape: String,
}

impl DataSet {
    /// The data set at `path`: a folder, or its training file, whose name tells those that go with it. Its layout is
    /// `format`, which the training file shows where that is [`Format::Auto`], for `task` if that is known. Refused
    /// where it is open which file is trained on, or which is scored.
    pub fn at(path: &Path, format: Format, task: Option<TaskKind>) -> Result<Self> {
        let failed = |source| Error::Io { file: path.to_owned(), source };
        let is_folder = std::fs::metadata(path).map_err(failed)?.is_dir();
        if is_folder && !is_unit(path, format) {
            return Self::of_folder(path, format, task);
        }
        // A folder such as `.` has no name beside others.
        let (Some(name), Some(parent)) = (path.file_name(), path.parent()) else {
            return Self::new(path, Part::of(Path::new(".")), &[], format, task);
        };
        let folder = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let train = Part::of(Path::new(name));
        let others = if train.role == Some(Role::Train) { parts(folder, format)? } else { Vec::new() };
        let others: Vec<Part> = others.into_iter().filter(|part| part.shape == train.shape).collect();
        Self::new(folder, train, &others, format, task)
    }

    fn of_folder(folder: &Path, format: Format, task: Option<TaskKind>) -> Result<Self> {
        let unclear =
            |problem: String| Error::Read(ReadError::UnclearDataSet { folder: folder.to_owned(), problem });
        if is_own_output(folder) {
            let problem =
                "it was written by fishdip itself and holds no data set; give the folder of the data";
            return Err(unclear(problem.to_owned()));
        }
        let parts = parts(folder, format)?;
        let reads = |part: &&Part| format.resolve_for(&folder.join(&part.name), task).is_ok();
        let named: Vec<&Part> = parts.iter().filter(|part| part.role == Some(Role::Train)).collect();
        let trains = match named.as_slice() {
            [_] => named,
            // What is no data, such as a list of labels, is not trained on.
            [] => parts.iter().filter(|part| part.role.is_none()).filter(reads).collect(),
            _ => named.into_iter().filter(reads).collect(),
        };
        match trains.as_slice() {
            [train] => Self::new(folder, (*train).clone(), &parts, format, task),
            [] if parts.is_empty() => Err(unclear(format!("it holds no data file{}", data_below(folder)))),
            [] => Err(unclear(format!(
                "no name says that it is trained on, as train.txt does ({}); give that file itself",
                names(&parts)
            ))),
            several => {
                let example = folder.join(&several[0].name);
                Err(unclear(format!(
                    "several files can be what is trained on ({}); give one of them, such as {}",
                    names(several.iter().copied()),
                    example.display()
                )))
            }
        }
    }

    /// The data set whose training file is `train`, beside `parts`.
    fn new(
        folder: &Path,
        train: Part,
        parts: &[Part],
        format: Format,
        task: Option<TaskKind>,
    ) -> Result<Self> {
        let (found, reason) = format.resolve_for(&folder.join(&train.name), task)?;
        let is_alike = |part: &&Part| matches!(format.resolve_for(&folder.join(&part.name), task), Ok((own, _)) if own == found);
        let of = |role: Role| {
            let parts: Vec<&Part> =
                parts.iter().filter(|part| part.role == Some(role)).filter(is_alike).collect();
            let near: Vec<&Part> = parts.iter().filter(|part| part.shape == train.shape).copied().collect();
            if near.is_empty() { parts } else { near }
        };
        let dev = match of(Role::Dev).as_slice() {
            [] => None,
            [dev] => Some(dev.name.clone()),
            several => {
                return Err(Error::Read(ReadError::UnclearDataSet {
                    folder: folder.to_owned(),
                    problem: format!(
                        "several files can be what is scored ({}); move all but one away",
                        names(several.iter().copied())
                    ),
                }));
            }
        };
        // Nothing depends on which it is.
        let test = match of(Role::Test).as_slice() {
            [test] => Some(test.name.clone()),
            _ => None,
        };
        let left_out = |role: Role| -> Vec<LeftOut> {
            let others = parts.iter().filter(|part| part.role == Some(role) && !is_alike(part));
            let told = others.map(|part| LeftOut {
                file: part.name.clone(),
                is_dev: role == Role::Dev,
                reason: match format.resolve_for(&folder.join(&part.name), task) {
                    Ok((own, _)) => {
                        format!("it is of the format {own}, and {} of {found}", train.name.display())
                    }
                    Err(error) => error.reason(&error.place().unwrap_or_default()),
                },
            });
            told.collect()
        };
        let mut left = if dev.is_none() { left_out(Role::Dev) } else { Vec::new() };
        if of(Role::Test).is_empty() {
            left.extend(left_out(Role::Test));
        }
        Ok(Self {
            folder: folder.to_owned(),
            dev,
            test,
            format: found,
            reason,
            left_out: left,
            train: train.name,
        })
    }
}

impl Part {
    fn of(name: &Path) -> Self {
        let text = name.to_string_lossy().to_lowercase();
        let roles = text.split(|c: char| !c.is_ascii_alphabetic()).filter_map(|word| {
            let (role, _) = WORDS.into_iter().find(|(_, words)| words.contains(&word))?;
            Some((role, word))
        });
        let roles: Vec<(Role, &str)> = roles.collect();
        // Of `train-and-test.txt` it is open what it is.
        let (role, shape) = match roles.as_slice() {
            [(role, word)] => (Some(*role), text.replacen(word, "*", 1)),
            _ => (None, text.clone()),
        };
        Self { name: name.to_owned(), role, shape }
    }
}

/// Whether the folder `path` is one part in a layout of several files.
fn is_unit(path: &Path, format: Format) -> bool {
    match format {
        Format::Intents | Format::Brat => {
            // A folder of such folders has none of their files itself.
            matches!(Format::Auto.resolve(path), Ok((own, _)) if own == format)
        }
        Format::Auto => matches!(Format::Auto.resolve(path), Ok((Format::Intents | Format::Brat, _))),
        _ => false,
    }
}

/// The files in `folder` that may be data, by name; where folders are parts of it, these. What the program itself has written there is left out, unless
/// its name says what it is for.
fn parts(folder: &Path, format: Format) -> Result<Vec<Part>> {
    let failed = |source| Error::Io { file: folder.to_owned(), source };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(name) = path.file_name().map(Path::new) else { continue };
        if is_about(name) {
            continue;
        }
        if !path.is_dir() {
            files.push(Part::of(name));
        } else if is_unit(&path, format) {
            let part = Part::of(name);
            if part.role.is_some() || !is_own_output(&path) {
                folders.push(part);
            }
        }
    }
    let mut parts = if folders.is_empty() { files } else { folders };
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(parts)
}

/// Names for a message, the first of many.
fn names<'p>(parts: impl IntoIterator<Item = &'p Part>) -> String {
    const SHOWN: usize = 6;
    let names: Vec<String> = parts.into_iter().map(|part| part.name.display().to_string()).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ") + &more
}

#[cfg(test)]
mod tests;
