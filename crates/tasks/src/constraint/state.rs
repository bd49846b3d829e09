//! How far an output has come.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use super::derivation::{Derivation, advance};
use super::grammar::Grammar;
use super::transition::Transition;

/// An output so far, as piece ids.
///
/// Two states of one start are equal if the same can follow.
#[derive(Clone, Debug)]
pub struct State {
    grammar: Arc<Grammar>,
    derivations: Vec<Derivation>,
    /// How many ids are still allowed.
    left: usize,
}

/// The text that some ids stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text, with the source's own words.
    pub text: String,
    /// For each id, the bytes in `text` of the word that it belongs to; nothing for the end.
    pub words: Vec<Range<usize>>,
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.grammar, &other.grammar)
            && (self.left, &self.derivations) == (other.left, &other.derivations)
    }
}

impl Eq for State {}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.left, &self.derivations).hash(hasher);
    }
}

impl State {
    pub(super) fn new(grammar: Grammar, left: usize) -> Self {
        let derivations = vec![Derivation::new(grammar.start(), true, ())];
        Self { grammar: Arc::new(grammar), derivations, left }
    }

    /// How many ids the shortest output known has, if they are no more than `most`. Of each derivation only the
    /// most direct way is looked at.
    pub(super) fn shortest(&self, most: usize) -> Option<usize> {
        self.derivations.iter().filter_map(|derivation| derivation.direct(&self.grammar, most)).min()
    }

    /// Puts the ids that can follow into `ids`, sorted, without duplicates; none once the end was written.
    ///
    /// A word of the source can contain the id that ends an output, so [`State::done`] tells the end, not the
    /// id.
    pub fn legal(&self, ids: &mut Vec<u32>) {
        ids.clear();
        // Another way to read the ids so far may have an end id that is a word; it is not followed.
        if self.done() {
            return;
        }
        for derivation in &self.derivations {
            derivation.legal(&self.grammar, ids);
        }
        ids.sort_unstable();
        ids.dedup();
        if self.left < usize::MAX {
            self.keep_short(ids);
        }
    }

    /// Drops the ids behind which the end is too far.
    fn keep_short(&self, ids: &mut Vec<u32>) {
        let most = self.left.saturating_sub(1);
        let fits = |id: u32| {
            let next = advance(&self.grammar, &self.derivations, id, |(), _| ());
            // The bound is quick, and enough until the limit is near. Only then the way to the end is walked.
            next.iter().any(|derivation| derivation.bound(&self.grammar) <= most)
                || next.iter().any(|derivation| derivation.direct(&self.grammar, most).is_some())
        };
        ids.retain(|&id| fits(id));
    }

    /// Writes `id`; false, and nothing is written, if it is not legal.
    pub fn advance(&mut self, id: u32) -> bool {
        let derivations = advance(&self.grammar, &self.derivations, id, |(), _| ());
        if derivations.is_empty() || self.left == 0 || self.done() {
            return false;
        }
        self.derivations = derivations;
        if self.left < usize::MAX {
            self.left -= 1;
        }
        true
    }

    /// Puts the ids that follow if only copying goes on into `ids`, at most `max`. It ends where something
    /// has to be chosen, or with the end of the output.
    pub fn draft(&self, max: usize, ids: &mut Vec<u32>) {
        ids.clear();
        let mut state = self.clone();
        while ids.len() < max
            && let Some(id) = state.likely()
            && state.advance(id)
        {
            ids.push(id);
        }
    }

    fn likely(&self) -> Option<u32> {
        self.derivations.first()?.likely(&self.grammar)
    }

    /// Whether the output has ended.
    pub fn done(&self) -> bool {
        self.derivations.iter().any(Derivation::is_done)
    }

    /// The text of the `ids` that follow this state, most often a start; nothing if they are not legal.
    ///
    /// Words are written as they stand in the source, even where the tokenizer changes them or has no piece
    /// for them. A word that is not complete is left out.
    pub fn render(&self, ids: &[u32]) -> Option<Rendered> {
        let mut derivations: Vec<Derivation<Option<Arc<History>>>> = self
            .derivations
            .iter()
            .map(|Derivation { position, within, first, .. }| Derivation {
                position: Arc::clone(position),
                within: *within,
                first: *first,
                history: None,
            })
            .collect();
        for (at, &id) in ids.iter().enumerate() {
            let whole = |before: &Option<Arc<History>>, transition| {
                Some(Arc::new(History { transition, end: at + 1, before: before.clone() }))
            };
            derivations = advance(&self.grammar, &derivations, id, whole);
        }
        // One reading may be at its end where another takes the last id for a word of the source.
        let derivation = derivations.iter().find(|derivation| derivation.is_done()).or(derivations.first())?;
        let mut history = Vec::new();
        let mut last = derivation.history.as_ref();
        while let Some(one) = last {
            history.push((one.transition, one.end));
            last = one.before.as_ref();
        }
        history.reverse();
        Some(self.written(&history, ids.len(), derivation.is_done()))
    }

    fn written(&self, history: &[(Transition, usize)], ids: usize, done: bool) -> Rendered {
        let mut rendered = Rendered::default();
        for &(transition, end) in history {
            let word = self.grammar.words.text(transition.word);
            if !word.is_empty() && !rendered.text.is_empty() {
                rendered.text.push(' ');
            }
            let start = rendered.text.len();
            rendered.text.push_str(word);
            // `end` ids are written behind this word, so all that have no range yet are its own.
            rendered.words.resize(end, start..rendered.text.len());
        }
        if done {
            rendered.text.push_str(&self.grammar.pieceless);
        }
        let end = rendered.text.len();
        rendered.words.resize(ids, end..end);
        rendered
    }
}

/// The steps that led to a thread, last first.
#[derive(Debug)]
struct History {
    transition: Transition,
    /// How many ids there were behind it.
    end: usize,
    before: Option<Arc<History>>,
}
