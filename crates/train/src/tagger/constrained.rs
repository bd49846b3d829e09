//! Outputs that hold only what can be read.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use fishdip_t5::Tokenizer;
use fishdip_tasks::constraint::State;
use fishdip_tasks::{ConstraintError, Example, OutputConstraint, Vocabulary};

use crate::Error;

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

/// The state of one output.
#[derive(Clone, Debug)]
pub(crate) struct ConstrainedOutput(pub(crate) State);

impl fishdip_t5::Constraint for ConstrainedOutput {
    fn legal(&self, ids: &mut Vec<u32>) {
        self.0.legal(ids);
    }

    fn advance(&mut self, id: u32) {
        self.0.advance(id);
    }

    fn done(&self) -> bool {
        self.0.done()
    }

    fn draft(&self, most: usize, ids: &mut Vec<u32>) {
        self.0.draft(most, ids);
    }
}

/// The start of an output for `example` of at most `limit` pieces, and how many pieces it may have: more than `limit` only where the shortest
/// output needs them.
pub(crate) fn start(
    constraint: &OutputConstraint,
    example: &Example,
    pieces: &dyn Vocabulary,
    limit: usize,
) -> Result<(ConstrainedOutput, usize), Error> {
    match constraint.start_within(example, pieces, limit) {
        Err(fishdip_tasks::Error::Constraint(ConstraintError::OutputTooLong { needed, .. })) => {
            // The shortest output is the text without any span; twice as much leaves room for spans.
            Ok((ConstrainedOutput(constraint.start_within(example, pieces, 2 * needed)?), 2 * needed))
        }
        state => Ok((ConstrainedOutput(state?), limit)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
