//! What a reader tells beside the examples: what it left out, what it took for granted.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;

use crate::Origin;

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
    /// A span that begins or ends inside a word; the whole words are trained, and the span itself can only be missed.
    InsideWord,
    /// The same span with the same label is annotated more than once; it counts once.
    RepeatedSpan,
    /// A mention that is told by its text alone stands in the text more than once.
    AmbiguousMention,
    /// A mention stands in two clusters.
    TwoClusters,
    /// How the file is read, where its layout leaves a choice.
    Assumed,
    /// It cannot be carried over, and is left out.
    LeftOut,
}

/// The notes of one reading. A reader adds while its examples are taken; they are whole after the last one.
#[derive(Clone, Debug, Default)]
pub struct Notes(Rc<RefCell<Vec<Note>>>);

impl NoteKind {
    /// What it is, in words that follow a number.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unlabelled => "without annotation, left out",
            Self::Skipped => "skipped by the annotator, left out",
            Self::InsideWord => {
                "spans begin or end inside a word: trained as whole words, counted as missed unless found exactly"
            }
            Self::RepeatedSpan => "spans are annotated more than once and count once",
            Self::AmbiguousMention => "mentions stand in their text more than once",
            Self::TwoClusters => "mentions stand in two clusters",
            Self::Assumed => "choices were made from the file",
            Self::LeftOut => "annotations cannot be carried over and are left out",
        }
    }
}

impl Notes {
    /// Adds a note.
    pub fn add(&self, kind: NoteKind, at: Option<&Origin>, detail: impl Into<String>) {
        self.0.borrow_mut().push(Note { kind, at: at.cloned(), detail: detail.into() });
    }

    /// The notes so far, in the order of the file; they are not told again.
    pub fn take(&self) -> Vec<Note> {
        self.0.take()
    }
}
