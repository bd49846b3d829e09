//! The words that an output can consist of, with their piece ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Pieces;

/// A word of a [`Words`] table.
pub(super) type Sym = u32;

/// The word that ends an output. It has no text.
pub(super) const END: Sym = 0;

#[derive(Clone, Debug)]
struct Word {
    text: String,
    ids: Box<[u32]>,
    /// The ids at the very start of an output.
    first: Box<[u32]>,
}

/// Words by number: those of the task, and behind them those of an example.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    base: Arc<Vec<Word>>,
    by_text: Arc<BTreeMap<String, Sym>>,
    own: Vec<Word>,
    own_by_text: BTreeMap<String, Sym>,
}

impl Words {
    pub(super) fn new(pieces: &dyn Pieces) -> Self {
        let end: Box<[u32]> = [pieces.end()].into();
        let mut words = Self::default();
        words.own.push(Word { text: String::new(), ids: end.clone(), first: end });
        words
    }

    /// The same words, all of them shared, to which others can be added.
    pub(super) fn extended(&self) -> Self {
        Self { base: Arc::clone(&self.base), by_text: Arc::clone(&self.by_text), ..Self::default() }
    }

    /// Makes the words so far those that [`Words::extended`] shares.
    pub(super) fn share(&mut self) {
        let mut base = (*self.base).clone();
        base.append(&mut self.own);
        let mut by_text = (*self.by_text).clone();
        by_text.append(&mut self.own_by_text);
        (self.base, self.by_text) = (Arc::new(base), Arc::new(by_text));
    }

    /// The words of `text`. One without any piece is written together with the next word, or with the last.
    ///
    /// Nothing if no word has a piece.
    pub(super) fn add_text(&mut self, text: &str, pieces: &dyn Pieces) -> Vec<Sym> {
        self.add(text.split(' '), pieces)
    }

    /// As [`Words::add_text`], for words.
    pub(super) fn add<'a>(&mut self, words: impl Iterator<Item = &'a str>, pieces: &dyn Pieces) -> Vec<Sym> {
        let mut syms: Vec<Sym> = Vec::new();
        let mut silent = String::new();
        for word in words.filter(|word| !word.is_empty()) {
            if let Some(sym) = self.add_word(&silent, word, syms.is_empty(), pieces) {
                syms.push(sym);
                silent.clear();
            } else {
                silent.push_str(word);
                silent.push(' ');
            }
        }
        if let Some(last) = syms.last_mut().filter(|_| !silent.is_empty()) {
            let Word { text, ids, first } = self.word(*last).clone();
            *last = self.insert(Word { text: format!("{text} {}", silent.trim_end()), ids, first });
        }
        syms
    }

    /// The word, with what is written before it; nothing if it has no piece.
    fn add_word(&mut self, silent: &str, word: &str, first: bool, pieces: &dyn Pieces) -> Option<Sym> {
        let text = format!("{silent}{word}");
        if let Some(sym) = self.find(&text) {
            return Some(sym);
        }
        let ids: Box<[u32]> = pieces.ids(word, false).into();
        // Of an example's words only the first can come first.
        let first = if first || self.base.is_empty() { pieces.ids(word, true).into() } else { ids.clone() };
        (!ids.is_empty() && !first.is_empty()).then(|| self.insert(Word { text, ids, first }))
    }

    fn find(&self, text: &str) -> Option<Sym> {
        self.by_text.get(text).or_else(|| self.own_by_text.get(text)).copied()
    }

    fn insert(&mut self, word: Word) -> Sym {
        if let Some(sym) = self.find(&word.text) {
            return sym;
        }
        let sym = (self.base.len() + self.own.len()) as Sym;
        self.own_by_text.insert(word.text.clone(), sym);
        self.own.push(word);
        sym
    }

    fn word(&self, sym: Sym) -> &Word {
        let sym = sym as usize;
        self.base.get(sym).unwrap_or_else(|| &self.own[sym - self.base.len()])
    }

    pub(super) fn text(&self, sym: Sym) -> &str {
        &self.word(sym).text
    }

    /// The ids of a word, at the very start of an output or after a space.
    pub(super) fn ids(&self, sym: Sym, first: bool) -> &[u32] {
        let word = self.word(sym);
        if first { &word.first } else { &word.ids }
    }

    /// How many ids the word has after a space.
    pub(super) fn cost(&self, sym: Sym) -> usize {
        self.word(sym).ids.len()
    }

    /// How many ids the words have after a space.
    pub(super) fn costs(&self, syms: &[Sym]) -> usize {
        syms.iter().map(|&sym| self.cost(sym)).sum()
    }
}
