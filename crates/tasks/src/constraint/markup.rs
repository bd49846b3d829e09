//! The marks of the markup as words.

use super::trie::same_pieces;
use super::words::{WordId, Words};
use crate::{ConstraintError, Error, Result, Vocabulary};

/// `[`, `|`, `=` and `]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Markup {
    pub(super) open: WordId,
    pub(super) bar: WordId,
    pub(super) equals: WordId,
    pub(super) close: WordId,
}

impl Markup {
    /// Adds the four marks to `words`. They must differ in their pieces, else no output says what is meant.
    pub(super) fn new(words: &mut Words, vocabulary: &dyn Vocabulary) -> Result<Self> {
        let mut marks: Vec<WordId> = Vec::new();
        for text in ["[", "|", "=", "]"] {
            let word = mark(text, words, vocabulary)?;
            if let Some(&other) =
                marks.iter().find(|&&other| words.ids(other, false) == words.ids(word, false))
            {
                return Err(same_pieces(words.text(other), text));
            }
            marks.push(word);
        }
        Ok(Self { open: marks[0], bar: marks[1], equals: marks[2], close: marks[3] })
    }
}

/// Adds a word that must have pieces.
pub(super) fn mark(mark: &str, words: &mut Words, vocabulary: &dyn Vocabulary) -> Result<WordId> {
    let added = words.add_text(mark, vocabulary);
    added
        .first()
        .copied()
        .ok_or_else(|| Error::Constraint(ConstraintError::NameWithoutPieces { name: mark.to_owned() }))
}
