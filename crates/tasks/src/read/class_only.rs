//! Records that have a class and no list of spans, in data for a task of spans: nobody looked for spans in them.

use super::json::fields::Record;
use super::{NoteKind, Notes, ReadOptions};
use crate::TaskKind;

/// Whether data are read for a task that would take a record without a list of spans for a text in which there
/// are none.
pub(super) fn asks_for_spans(options: &ReadOptions) -> bool {
    matches!(options.task, Some(TaskKind::Ner | TaskKind::JointEr))
}

/// Whether `record`, which has a class alone, is left out; that is noted.
pub(super) fn is_left_out(record: &Record, options: &ReadOptions, notes: &Notes) -> bool {
    let is_left_out = asks_for_spans(options);
    if is_left_out {
        let what = format!("{} has a class, but no list of spans", record.name);
        notes.add(NoteKind::Unlabelled, Some(&record.at), what);
    }
    is_left_out
}
