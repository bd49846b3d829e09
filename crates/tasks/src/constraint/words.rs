//! The words that an output can consist of, with their piece ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Vocabulary;

/// A word of a [`Words`] table.
pub(super) type WordId = u32;

/// The word that ends an output. It has no text.
pub(super) const END: WordId = 0;

#[derive(Clone, Debug)]
struct Word {
    text: String,
    ids: Box<[u32]>,
    /// The ids at the very start of an output.
    first: Box<[u32]>,
}

/// Words by number: those of the task, and behind them those of an example.
///
/// A constraint keeps the words of its task once for all examples: an example's table shares them and adds its
/// own.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    shared: Arc<Vec<Word>>,
    shared_by_text: Arc<BTreeMap<String, WordId>>,
    added: Vec<Word>,
    added_by_text: BTreeMap<String, WordId>,
}

impl Words {
    pub(super) fn new(vocabulary: &dyn Vocabulary) -> Self {
        let end: Box<[u32]> = [vocabulary.end()].into();
        let mut words = Self::default();
        words.added.push(Word { text: String::new(), ids: end.clone(), first: end });
        words
    }

    /// The same words, all of them shared, to which others can be added.
    pub(super) fn extended(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            shared_by_text: Arc::clone(&self.shared_by_text),
            ..Self::default()
        }
    }

    /// Makes the words so far those that [`Words::extended`] shares.
    pub(super) fn share(&mut self) {
        let mut base = (*self.shared).clone();
        base.append(&mut self.added);
        let mut by_text = (*self.shared_by_text).clone();
        by_text.append(&mut self.added_by_text);
        (self.shared, self.shared_by_text) = (Arc::new(base), Arc::new(by_text));
    }

    /// The words of `text`. A word without any piece cannot be written on its own, so it becomes part of the next
    /// word, or of the last one where none follows.
    ///
    /// Nothing if no word has a piece.
    pub(super) fn add_text(&mut self, text: &str, vocabulary: &dyn Vocabulary) -> Vec<WordId> {
        self.add(text.split(' '), vocabulary)
    }

    /// As [`Words::add_text`], for words.
    pub(super) fn add<'a>(
        &mut self,
        words: impl Iterator<Item = &'a str>,
        vocabulary: &dyn Vocabulary,
    ) -> Vec<WordId> {
        let mut word_ids: Vec<WordId> = Vec::new();
        let mut pieceless = String::new();
        for word in words.filter(|word| !word.is_empty()) {
            if let Some(word_id) = self.add_word(&pieceless, word, word_ids.is_empty(), vocabulary) {
                word_ids.push(word_id);
                pieceless.clear();
            } else {
                pieceless.push_str(word);
                pieceless.push(' ');
            }
        }
        if let Some(last) = word_ids.last_mut().filter(|_| !pieceless.is_empty()) {
            let Word { text, ids, first } = self.word(*last).clone();
            *last = self.insert(Word { text: format!("{text} {}", pieceless.trim_end()), ids, first });
        }
        word_ids
    }

    /// The word, with what is written before it; nothing if it has no piece.
    fn add_word(
        &mut self,
        pieceless: &str,
        word: &str,
        first: bool,
        vocabulary: &dyn Vocabulary,
    ) -> Option<WordId> {
        let text = format!("{pieceless}{word}");
        if let Some(word_id) = self.find(&text) {
            return Some(word_id);
        }
        let ids: Box<[u32]> = vocabulary.ids(word, false).into();
        // Of an example's words only the first can come first.
        let first =
            if first || self.shared.is_empty() { vocabulary.ids(word, true).into() } else { ids.clone() };
        (!ids.is_empty() && !first.is_empty()).then(|| self.insert(Word { text, ids, first }))
    }

    fn find(&self, text: &str) -> Option<WordId> {
        self.shared_by_text.get(text).or_else(|| self.added_by_text.get(text)).copied()
    }

    fn insert(&mut self, word: Word) -> WordId {
        if let Some(word_id) = self.find(&word.text) {
            return word_id;
        }
        let word_id = (self.shared.len() + self.added.len()) as WordId;
        self.added_by_text.insert(word.text.clone(), word_id);
        self.added.push(word);
        word_id
    }

    fn word(&self, word_id: WordId) -> &Word {
        let word_id = word_id as usize;
        self.shared.get(word_id).unwrap_or_else(|| &self.added[word_id - self.shared.len()])
    }

    pub(super) fn text(&self, word_id: WordId) -> &str {
        &self.word(word_id).text
    }

    /// The ids of a word, at the very start of an output or after a space.
    pub(super) fn ids(&self, word_id: WordId, first: bool) -> &[u32] {
        let word = self.word(word_id);
        if first { &word.first } else { &word.ids }
    }

    /// How many ids the word has after a space.
    pub(super) fn cost(&self, word_id: WordId) -> usize {
        self.word(word_id).ids.len()
    }

    /// How many ids the words have after a space.
    pub(super) fn costs(&self, word_ids: &[WordId]) -> usize {
        word_ids.iter().map(|&word_id| self.cost(word_id)).sum()
    }
}
