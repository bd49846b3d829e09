//! A text with annotations in characters, as annotation tools write it, on the way to an example.

use std::path::Path;

use super::json::fields::Record;
use super::{CharSpan, from_spans};
use crate::counted::counted;
use crate::error::span_fault;
use crate::text::is_space;
use crate::{Error, Example, ReadError, Relation, Result};

/// A text and what is annotated in it.
#[derive(Clone, Debug, Default)]
pub(super) struct RawText {
    pub(super) text: String,
    pub(super) spans: Vec<CharSpan>,
    pub(super) relations: Vec<Relation>,
    pub(super) label: Option<String>,
}

impl RawText {
    /// A text without annotation.
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// The example called `id` whose annotations are not looked at; its text may be blank.
    pub(super) fn unlabelled(self, id: String, record: &Record) -> Result<Example> {
        let example = from_spans(&self.text, &[], &record.at.of(&record.name))?;
        Ok(Example { id, ..example })
    }

    /// The example called `id`, or an error that names `record`.
    pub(super) fn example(self, id: String, record: &Record) -> Result<Example> {
        if self.text.chars().all(is_space) {
            return Err(record.wrong("has an empty text; put the text there, or take the example out"));
        }
        let chars: Vec<char> = self.text.chars().collect();
        for CharSpan { start, end, label } in &self.spans {
            if label.is_empty() {
                return Err(record.wrong(format!("has the span {start}..{end} without a label; give it one")));
            }
            let covered = chars.get(*start..*end).unwrap_or_default();
            if covered.iter().all(|c| is_space(*c)) {
                let fault = span_fault(*start, *end, chars.len());
                return Err(record.wrong(format!(
                    "has the span {start}..{end} ({label:?}), which {fault}; correct its offsets"
                )));
            }
        }
        if self.label.as_deref() == Some("") {
            return Err(record.wrong("has an empty label; give it one, or take it out"));
        }
        let count = self.spans.len();
        if let Some(Relation { label, head, tail }) =
            self.relations.iter().find(|relation| relation.head.max(relation.tail) >= count)
        {
            return Err(record.wrong(format!(
                "has the relation {label:?} from span {head} to span {tail}, but {}, counted from 0; correct it", counted(count, "span")
            )));
        }
        let at = record.at.of(&record.name);
        let example = from_spans(&self.text, &self.spans, &at)?;
        Ok(Example { id, relations: self.relations, label: self.label, ..example })
    }

    /// Whether a class is all that is annotated.
    pub(super) fn is_class_only(&self) -> bool {
        self.label.is_some() && self.spans.is_empty()
    }

    /// What is annotated, whatever the order in which it was.
    pub(super) fn annotation(&self) -> impl PartialEq + use<> {
        let span =
            |index: usize| self.spans.get(index).map(|span| (span.start, span.end, span.label.clone()));
        let mut spans: Vec<_> = (0..self.spans.len()).map(span).collect();
        spans.sort();
        spans.dedup();
        let relation = |r: &Relation| (span(r.head), span(r.tail), r.label.clone());
        let mut relations: Vec<_> = self.relations.iter().map(relation).collect();
        relations.sort();
        relations.dedup();
        (spans, relations, self.label.clone())
    }
}

/// The examples among `records`, `None` being one that is left out. A file in which there is none is refused,
/// unless its annotations are not looked at (`unlabelled`): there it may be empty.
pub(super) fn kept<I: Iterator<Item = Result<Option<Example>>>>(
    records: I,
    file: &Path,
    unlabelled: bool,
) -> impl Iterator<Item = Result<Example>> + use<I> {
    let file = file.to_owned();
    let (mut given, mut left_out) = (unlabelled, 0);
    let mut records = records.fuse();
    std::iter::from_fn(move || {
        for record in records.by_ref() {
            let Some(record) = record.transpose() else {
                left_out += 1;
                continue;
            };
            given = true;
            return Some(record);
        }
        if std::mem::replace(&mut given, true) {
            return None;
        }
        let file = file.clone();
        Some(Err(if left_out > 0 {
            Error::Read(ReadError::NoExample { file, left_out })
        } else {
            Error::Read(ReadError::NoSentence { file })
        }))
    })
}
