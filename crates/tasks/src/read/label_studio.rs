//! Label Studio's JSON export:
//! <https://labelstud.io/guide/export#Label-Studio-JSON-format-of-annotated-tasks>.

mod annotators;
mod controls;
mod offsets;
mod reading;
mod region;
mod task;
mod text;
mod units;

use std::io::BufRead;
use std::path::Path;

use super::class_only::asks_for_spans;
use super::json::records;
use super::raw_text::{RawText, kept};
use super::split_fields::SplitFields;
use super::{NoteKind, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::{Example, Result};
use annotators::Choice;
use task::Task;
pub(super) use task::task_id;

const LAYOUT: &str = "label-studio";

/// The tasks of an export: labelled regions of one text, relations between them, and a choice for the text.
///
/// What the export leaves open is settled once for the file, and told: the field of the text, the control
/// that is read, what offsets count. Tasks that nobody annotated, or whose annotation was skipped, are left
/// out; so are those with a choice alone where spans are asked for. Predictions and drafts are no annotations.
pub(super) fn label_studio<R: BufRead + Send + 'static>(
    reader: R,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<impl Iterator<Item = Result<Example>> + use<R>> {
    let unlabelled = options.scheme == TagScheme::Unlabelled;
    let tasks: Vec<Result<Task>> = records(reader, file)?
        .enumerate()
        .map(|(number, record)| {
            let (at, value) = record?;
            Task::parse(&value, at, number, unlabelled)
        })
        .collect();
    let understood = || tasks.iter().filter_map(|task| task.as_ref().ok());
    let key = text::key(&understood(), options.text_key.as_deref(), notes)?;
    let annotator = options.annotator.as_deref();
    annotators::check(understood(), annotator)?;
    let control = options.tag_column.clone().map(String::from);
    let control = controls::choose(understood(), control.as_deref(), annotator)?;
    let units = units::units(understood(), &key, notes)?;
    let addresses = text::addresses(understood(), &key);
    if !unlabelled {
        check_splits(understood(), &key)?;
    }
    let asks_for_spans = asks_for_spans(options);
    let examples: Vec<Result<Option<Example>>> = tasks
        .into_iter()
        .map(|task| {
            let task = task?;
            let text = task.text(&key, addresses)?;
            if unlabelled {
                return RawText::new(text).unlabelled(task.id.clone(), &task.record).map(Some);
            }
            let read =
                |annotation: &task::Annotation| reading::raw_text(&task, annotation, text, units, &control);
            match annotators::choose(&task, annotator, read)? {
                Choice::Read { raw, .. } if control.is_of_classes && raw.label.is_none() => {
                    let what = format!("{} was submitted without a choice", task.record.name);
                    notes.add(NoteKind::Unlabelled, Some(&task.record.at), what);
                    Ok(None)
                }
                Choice::Read { raw, .. } if raw.is_class_only() && asks_for_spans => {
                    let what = format!(
                        "{} has a choice, but no labels; if that says that nothing is there, name the control of the labels \
                         (--tag-column, data.tag_column)",
                        task.record.name
                    );
                    notes.add(NoteKind::Unlabelled, Some(&task.record.at), what);
                    Ok(None)
                }
                Choice::Read { raw, told } => {
                    for (kind, detail) in told {
                        notes.add(kind, Some(&task.record.at), format!("{} {detail}", task.record.name));
                    }
                    raw.example(task.id.clone(), &task.record).map(Some)
                }
                Choice::LeftOut { kind, why } => {
                    notes.add(kind, Some(&task.record.at), format!("{} {why}", task.record.name));
                    Ok(None)
                }
            }
        })
        .collect();
    Ok(kept(examples.into_iter(), file, unlabelled))
}

/// Refuses tasks of several splits.
fn check_splits<'a>(tasks: impl Iterator<Item = &'a Task>, text: &text::TextField) -> Result<()> {
    let mut splits = SplitFields::default();
    for Task { record, data, meta, .. } in tasks {
        let data = data.iter().filter(|(key, _)| *key != text.name());
        let data = data.map(|(key, value)| (format!("data.{key}"), value));
        let meta = meta.iter().map(|(key, value)| (format!("meta.{key}"), value));
        splits.add(&record.at, data.chain(meta));
    }
    splits.check()
}

/// A note about the whole file.
fn assume(notes: &Notes, detail: String) {
    notes.add(NoteKind::Assumed, None, detail);
}

/// Names for a message: `"a", "b"`.
fn quoted<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("{:?}", name.as_ref())).collect();
    names.join(", ")
}
