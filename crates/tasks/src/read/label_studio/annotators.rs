//! Which annotation of a task counts.

use super::super::NoteKind;
use super::super::raw_text::RawText;
use super::quoted;
use super::reading::Told;
use super::task::{Annotation, Task};
use crate::{Error, Result};

/// What becomes of a task.
pub(super) enum Choice {
    /// It is an example.
    Read {
        raw: Box<RawText>,
        /// What is to be told of it.
        told: Told,
    },
    /// It is none.
    LeftOut { kind: NoteKind, why: String },
}

/// Refuses an annotator who annotated nothing.
pub(super) fn check<'a>(tasks: impl Iterator<Item = &'a Task>, annotator: Option<&str>) -> Result<()> {
    let Some(annotator) = annotator else { return Ok(()) };
    let mut names: Vec<&str> = Vec::new();
    let mut first = None;
    for task in tasks {
        first.get_or_insert(&task.record);
        for annotation in &task.annotations {
            if annotation.is_by(Some(annotator)) {
                return Ok(());
            }
            names.push(annotation.author());
        }
    }
    names.sort_unstable();
    names.dedup();
    match first {
        Some(record) if !names.is_empty() => Err(record.wrong(format!(
            "like every other task has no annotation by the annotator {annotator:?}; the annotators are {}",
            quoted(names)
        ))),
        _ => Ok(()),
    }
}

/// The annotation of `task` that counts, as `read` reads it: the one of `annotator`, or the only one, or what
/// several agree on, or the one that is marked as the right one.
pub(super) fn choose(
    task: &Task,
    annotator: Option<&str>,
    read: impl Fn(&Annotation) -> Result<(RawText, Told)>,
) -> Result<Choice> {
    let theirs: Vec<&Annotation> = task.annotations.iter().filter(|a| a.is_by(annotator)).collect();
    let active: Vec<&Annotation> = theirs.iter().copied().filter(|a| !a.cancelled).collect();
    if active.is_empty() {
        return Ok(match (annotator, task.annotations.is_empty(), theirs.is_empty()) {
            (_, true, _) => Choice::LeftOut { kind: NoteKind::Unlabelled, why: task.instead.to_owned() },
            (Some(annotator), _, true) => Choice::LeftOut {
                kind: NoteKind::Unlabelled,
                why: format!("has no annotation by {annotator:?}"),
            },
            _ => Choice::LeftOut { kind: NoteKind::Skipped, why: "was skipped".to_owned() },
        });
    }
    let mut readings = active.iter().map(|annotation| read(annotation)).collect::<Result<Vec<_>>>()?;
    let agree = readings.windows(2).all(|pair| pair[0].0.annotation() == pair[1].0.annotation());
    let truths: Vec<usize> = (0..active.len()).filter(|&index| active[index].truth).collect();
    let (chosen, told) = match truths.as_slice() {
        _ if agree => (0, None),
        [truth] => {
            (*truth, Some(format!("has {} annotations, of which the ground truth is read", active.len())))
        }
        _ => return Err(disagreement(task, &active)),
    };
    let (raw, mut of_raw) = readings.swap_remove(chosen);
    of_raw.extend(told.map(|told| (NoteKind::Assumed, told)));
    Ok(Choice::Read { raw: Box::new(raw), told: of_raw })
}

fn disagreement(task: &Task, active: &[&Annotation]) -> Error {
    let mut names: Vec<&str> = active.iter().map(|annotation| annotation.author()).collect();
    names.sort_unstable();
    names.dedup();
    let what = match names.as_slice() {
        [_] => "leave one of them, or mark one as ground truth".to_owned(),
        [name, ..] => {
            format!(
                "choose an annotator, such as data.annotator = {name:?} (--annotator), or mark one as ground truth"
            )
        }
        [] => "leave one of them".to_owned(),
    };
    task.record.wrong(format!("has {} annotations that differ, by {}; {what}", active.len(), quoted(names)))
}
