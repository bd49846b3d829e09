//! How the lines of a column file are cut, and which column is which: found once, from the whole file.

mod choice;
pub(super) mod commas;
mod comments;
mod cut;
mod doubts;
mod header;
mod layout;
pub(super) mod names;
mod rivals;
mod sentence_ids;
pub(super) mod splits;

pub(super) use comments::sentence_id;
pub(super) use cut::Cut;
pub(super) use layout::Layout;

use crate::text::is_space;
use crate::{Error, Origin, ReadError};

/// The lines of one sentence, as they stand.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) lines: Vec<(Origin, String)>,
    /// Why lines of it cannot be read, each with how many others are before it.
    pub(super) broken: Vec<(usize, Error)>,
}

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row<'a> {
    /// A comment, the header, or a line of CoNLL-U that is no word: a range of words written as one, or an
    /// empty node.
    NoWord,
    /// A token, and its tag where the line has one.
    Word(&'a str, Option<&'a str>),
}

impl Block {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.broken.is_empty()
    }
}

/// Whether a line ends a sentence.
pub(super) fn is_end(line: &str) -> bool {
    line.starts_with("-DOCSTART-") || line.chars().all(is_space)
}

/// An error about a line.
pub(super) fn unclear(at: &Origin, problem: impl Into<String>) -> Error {
    Error::Read(ReadError::Unclear { at: at.clone(), problem: problem.into() })
}
