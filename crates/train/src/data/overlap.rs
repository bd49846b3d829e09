//! Examples that are trained on and scored as well.

use std::collections::HashMap;
use std::path::Path;

use fishdip_tasks::{Example, Task};

use super::Warnings;
use crate::Error;

/// Refuses to score the file that is trained on, whatever it is called: another path, a link.
pub(super) fn refuse_same(train: &Path, eval: &Path) -> Result<(), Error> {
    // One that cannot be opened is told when it is read.
    if !is_same(train, eval) {
        return Ok(());
    }
    Err(Error::Data(format!(
        "{} is the training file, so its scores would tell nothing about other texts; leave data.eval out, so that a part of the \
         training file is held out, name another file, or set data.allow_overlap = true",
        eval.display()
    )))
}

/// Whether both are the same file or folder. A pipe, which whoever opens it may wait at for ever, is the same as nothing.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let is_there = |path: &Path| std::fs::metadata(path).is_ok_and(|data| data.is_file() || data.is_dir());
    is_there(one) && is_there(other) && same_file::is_same_file(one, other).unwrap_or(false)
}

/// Notes the examples of `eval` whose text, words cut as the model reads them, is one of `train`.
pub(crate) fn tell_overlap(
    task: &Task,
    train: &[Example],
    eval: &[Example],
    warnings: &mut Warnings,
) -> Result<(), Error> {
    let mut trained = HashMap::with_capacity(train.len());
    for example in train {
        trained.entry(task.source(example)?).or_insert(example);
    }
    for example in eval {
        if let Some(same) = trained.get(&task.source(example)?) {
            let place = format!("{} (as {})", example.place(), same.place());
            warnings.add(
                [
                    "to score is trained on as well, so that scores are too high",
                    "to score are trained on as well, so that scores are too high",
                ],
                place,
            );
        }
    }
    Ok(())
}
