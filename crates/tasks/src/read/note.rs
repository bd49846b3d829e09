//! What a reader tells beside the examples: what it left out, what it took for granted.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::{CharRange, Entity, Example, Origin, Result};

/// Something that one should know about a file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is.
    pub kind: NoteKind,
    /// The line that it is about; none where it is about the whole file.
    pub at: Option<Origin>,
    /// More about it: the id of the task or example, the text, the rule that was taken.
    pub detail: String,
}

/// The kinds of [`Note`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NoteKind {
    /// Nobody annotated it, so it is no example.
    Unlabelled,
    /// The annotator skipped, cancelled, ignored or rejected it, so it is no example.
    Skipped,
    /// A span that begins or ends inside a word; the whole words are trained, and the span itself can only be
    /// missed.
    InsideWord,
    /// A span that begins or ends in white space, which is no part of it.
    WhiteSpace,
    /// The same span with the same label is annotated more than once; it counts once.
    RepeatedSpan,
    /// A mention that is told by its text alone stands in the text more than once.
    AmbiguousMention,
    /// A mention stands in two clusters.
    TwoClusters,
    /// A label that seems to be several, since each of its parts is a label as well.
    JoinedLabels,
    /// How the file is read, where its layout leaves a choice.
    Assumed,
    /// It cannot be carried over, and is left out.
    LeftOut,
}

impl Note {
    /// Whether it says how the whole file is read.
    pub fn is_of_file(&self) -> bool {
        self.kind == NoteKind::Assumed && self.at.is_none()
    }
}

/// The place, and what is to be known about it.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = &self.at {
            write!(f, "{at}: ")?;
        }
        write!(f, "{}", self.detail)?;
        // A choice that was made says so itself; of others the detail says which, and the kind what is the
        // matter.
        if self.kind == NoteKind::Assumed { Ok(()) } else { write!(f, " ({})", self.kind.words(1)) }
    }
}

/// The notes of one reading. A reader adds while its examples are taken; they are whole after the last one.
#[derive(Clone, Debug, Default)]
pub struct Notes(Arc<Mutex<Vec<Note>>>);

/// A span by its text and label, and its example where the place does not tell it.
fn detail(example: &Example, span: &Entity) -> String {
    let (text, places) = example.chars();
    let chars = span.chars_in(&places).unwrap_or_default();
    let own: String = text.chars().skip(chars.start).take(chars.end - chars.start).collect();
    let place = format!("{own:?} ({}) at {}..{}", span.label, chars.start, chars.end);
    match example.origin.as_ref().and_then(Origin::item) {
        Some(_) => place,
        None => format!("{place} of example {:?}", example.id),
    }
}

impl NoteKind {
    /// Whether something that is annotated is not learned as it is annotated.
    pub fn is_loss(self) -> bool {
        matches!(self, Self::InsideWord | Self::TwoClusters | Self::LeftOut)
    }

    /// What it is, in words that follow the number `count`.
    pub fn words(self, count: usize) -> &'static str {
        let [one, several] = match self {
            Self::Unlabelled => ["without annotation, left out"; 2],
            Self::Skipped => ["skipped by the annotator, left out"; 2],
            Self::InsideWord => [
                "span begins or ends inside a word: trained as whole words, counted as missed unless found exactly",
                "spans begin or end inside a word: trained as whole words, counted as missed unless found exactly",
            ],
            Self::WhiteSpace => [
                "span begins or ends in white space, which does not count",
                "spans begin or end in white space, which does not count",
            ],
            Self::RepeatedSpan => [
                "span is annotated more than once and counts once",
                "spans are annotated more than once and count once",
            ],
            Self::AmbiguousMention => {
                ["mention stands in its text more than once", "mentions stand in their text more than once"]
            }
            Self::TwoClusters => ["mention stands in two clusters", "mentions stand in two clusters"],
            Self::JoinedLabels => [
                "label seems to be several labels in one, but counts as one of its own; write one label for each",
                "labels seem to be several labels in one, but count as labels of their own; write one label for each",
            ],
            Self::Assumed => ["choice was made from the file", "choices were made from the file"],
            Self::LeftOut => [
                "annotation cannot be carried over and is left out",
                "annotations cannot be carried over and are left out",
            ],
        };
        if count == 1 { one } else { several }
    }
}

impl Notes {
    /// Adds a note.
    pub fn add(&self, kind: NoteKind, at: Option<&Origin>, detail: impl Into<String>) {
        let note = Note { kind, at: at.cloned(), detail: detail.into() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    /// Adds a note about the whole file, unless it was told already.
    pub(super) fn add_once(&self, kind: NoteKind, detail: impl Into<String>) {
        let note = Note { kind, at: None, detail: detail.into() };
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// The same examples; what is special about their spans is noted.
    pub(super) fn of_spans(
        &self,
        examples: Box<dyn Iterator<Item = Result<Example>> + Send>,
    ) -> Box<dyn Iterator<Item = Result<Example>> + Send> {
        let notes = self.clone();
        Box::new(examples.map(move |example| {
            let mut example = example?;
            let trimmed = std::mem::take(&mut example.trimmed);
            let at = example.origin.as_ref();
            for (index, CharRange { start, end }) in trimmed {
                if let Some(span) = example.entities.iter().chain(&example.triggers).nth(index) {
                    let detail = format!("{}, annotated as {start}..{end}", detail(&example, span));
                    notes.add(NoteKind::WhiteSpace, at, detail);
                }
            }
            let repeats: BTreeSet<_> = example.repeats().into_iter().collect();
            for span in repeats {
                notes.add(NoteKind::RepeatedSpan, at, detail(&example, span));
            }
            for span in example.inside_words() {
                let words = example.tokens[span.start..span.end].join(" ");
                notes.add(
                    NoteKind::InsideWord,
                    at,
                    format!("{}, trained as {words:?}", detail(&example, span)),
                );
            }
            Ok(example)
        }))
    }

    /// The notes so far, in the order of the file; they are not told again.
    pub fn take(&self) -> Vec<Note> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::read::{Format, ReadOptions};

    #[test]
    fn white_space_at_the_ends_of_a_span_is_told() {
        let line = r#"{"id": 7, "text": "Ann  left", "spans": [{"start": 0, "end": 4, "label": "A"}, {"start": 5, "end": 9, "label": "A"}]}"#;
        let mut examples =
            Format::JsonSpans.read_from(line.as_bytes(), Path::new("f"), &ReadOptions::default()).unwrap();
        let read: Vec<_> = examples.by_ref().collect::<Result<_>>().unwrap();
        assert_eq!((read[0].entities[0].chars, read[0].trimmed.len()), (None, 0));
        let told: Vec<_> = examples.notes().take().iter().map(ToString::to_string).collect();
        let expected = r#"f:1, example 7: "Ann" (A) at 0..3, annotated as 0..4 (span begins or ends in white space, which does not count)"#;
        assert_eq!(told, [expected]);
    }

    #[test]
    fn repeated_spans_and_spans_inside_words_are_told_with_their_place() {
        let lines = concat!(
            r#"{"text": "no spans", "spans": []}"#,
            "\n",
            r#"{"id": "b", "text": "An unhappily  old", "spans": [{"start": 5, "end": 12, "label": "A"},"#,
            r#" {"start": 14, "end": 17, "label": "B"}, {"start": 14, "end": 17, "label": "B"},"#,
            r#" {"start": 14, "end": 17, "label": "B"}]}"#,
        );
        let mut examples =
            Format::JsonSpans.read_from(lines.as_bytes(), Path::new("f"), &ReadOptions::default()).unwrap();
        let read: Vec<_> = examples.by_ref().collect::<Result<_>>().unwrap();
        let notes: Vec<_> = examples.notes().take();
        assert_eq!(read[1].entities.len(), 4);
        let told: Vec<_> =
            notes.iter().map(|n| (n.kind, n.at.as_ref().unwrap().line(), n.detail.as_str())).collect();
        assert_eq!(
            told,
            [
                (NoteKind::RepeatedSpan, 2, r#""old" (B) at 14..17"#),
                (NoteKind::InsideWord, 2, r#""happily" (A) at 5..12, trained as "unhappily""#),
            ]
        );
    }
}
