//! Files of examples, and the parts of them that an adapter's config names.

use std::path::{Path, PathBuf};

use fishdip_tasks::read::{Format, Note};
use fishdip_tasks::{Example, Task, TaskKind};

use super::held_out::{HeldOut, hold_out};
use super::overlap::is_same;
use crate::{DataConfig, Error};

/// The examples of a file.
#[derive(Clone, Debug)]
pub struct Split {
    /// The file.
    pub file: PathBuf,
    /// Whether the run of the adapter trained on it.
    pub trained: bool,
    /// The examples, in the order of the file.
    pub examples: Vec<Example>,
    /// What the reader told beside them.
    pub notes: Vec<Note>,
    /// The layout.
    pub format: Format,
}

/// Reads the file `path` in the layout that `data` names, for `task`.
pub fn read_split(path: &Path, data: &DataConfig, task: TaskKind) -> Result<Split, Error> {
    let mut options = data.read_options();
    options.task = Some(task);
    let mut read = data.format.read(path, &options)?;
    let examples = read.by_ref().collect::<Result<Vec<_>, _>>()?;
    if examples.is_empty() {
        return Err(Error::Data(format!("{} holds no example", path.display())));
    }
    let (notes, format) = (read.notes().take(), read.format());
    Ok(Split { file: path.to_owned(), trained: false, examples, notes, format })
}

/// The examples of `split`, which is `train` or `eval` as a run with the config `data` had them, or the name of a file. Files are looked for in
/// `folder`, or where the run found them. They are in
/// `format`, or in that of the run. A part that was held out is held out again; where the file is not what it was, that is refused.
pub fn named_split(
    (data, held_out): (&DataConfig, Option<&HeldOut>),
    format: Option<Format>,
    task: &Task,
    folder: Option<&Path>,
    split: &str,
) -> Result<Split, Error> {
    let data = &data.in_format(format);
    let folder = folder.unwrap_or(&data.dir);
    if folder.is_file() {
        return Err(Error::Data(format!(
            "{} is a file, and --data names the folder of the data; name the file with --split",
            folder.display()
        )));
    }
    let file = match (split, &data.eval) {
        ("train" | "eval", None) => return part((data, held_out), task, folder, split == "eval"),
        ("train", _) => &data.train,
        ("eval", Some(eval)) => eval,
        (other, _) => Path::new(other),
    };
    let file = folder.join(file);
    let trained = split == "train" || is_same(&data.dir.join(&data.train), &file);
    Ok(Split { trained, ..read_split(&file, data, task.kind())? })
}

/// The part of the training file that was held out, or the other one.
fn part(
    (data, held_out): (&DataConfig, Option<&HeldOut>),
    task: &Task,
    folder: &Path,
    scored: bool,
) -> Result<Split, Error> {
    let path = folder.join(&data.train);
    let Some(kept) = held_out else {
        return Err(Error::Data(
            "the adapter's config does not tell what it was scored on; name a file with --split".to_owned(),
        ));
    };
    let Split { file, examples, notes, format, .. } = read_split(&path, data, task.kind())?;
    let parts = hold_out(task, examples, kept.part(), kept.seed, &path)?;
    if parts.held_out != *kept {
        return Err(Error::Data(format!(
            "{} is not what it was when the adapter was trained, so the part that was held out cannot be told; name a file with \
             --split that was not trained on",
            path.display()
        )));
    }
    let examples = if scored { parts.eval } else { parts.train };
    Ok(Split { file, trained: !scored, examples, notes, format })
}
