//! The tokenizer as the output constraint asks it.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use fishdip_t5::Tokenizer;
use fishdip_tasks::Vocabulary;

/// The pieces of words, each cut once. `T` is a tokenizer, borrowed or shared.
#[derive(Debug)]
pub(crate) struct WordPieces<T> {
    tokenizer: T,
    end: u32,
    /// Of words within an output, and of words at its start.
    known: Mutex<[BTreeMap<String, Vec<u32>>; 2]>,
}

impl<T: Deref<Target = Tokenizer>> WordPieces<T> {
    /// Those of `tokenizer`, with the id `end` behind an output.
    pub(crate) fn new(tokenizer: T, end: u32) -> Self {
        Self { tokenizer, end, known: Mutex::default() }
    }
}

impl<T: Deref<Target = Tokenizer>> Vocabulary for WordPieces<T> {
    fn ids(&self, word: &str, at_start: bool) -> Vec<u32> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut known[usize::from(at_start)];
        if let Some(ids) = known.get(word) {
            return ids.clone();
        }
        // A word that the tokenizer refuses has no pieces, as one that it removes.
        let ids = self.tokenizer.word(word, at_start).unwrap_or_default();
        known.insert(word.to_owned(), ids.clone());
        ids
    }

    fn end(&self) -> u32 {
        self.end
    }
}
