//! The derivations of the ids so far: the ways in which the grammar can have written them.
//!
//! The grammar is over words, the model writes piece ids. Words may share their first pieces, and different
//! words may have the same pieces, so that the ids so far can have been written in more than one way. As in
//! the simulation of a nondeterministic automaton, all of them are followed side by side, and those that an
//! id does not fit are dropped.

use std::sync::Arc;

use super::grammar::{Grammar, Position};
use super::transition::{Action, Transition};

/// The most derivations that are followed. There are more only where many words are the same to the
/// tokenizer, as where all of them are unknown characters; then some outputs that the task could read are not
/// legal, but all that are legal can be read.
const MOST: usize = 64;

/// One way to write the ids so far: up to a position, or some ids into a transition from it.
///
/// `T` is what is remembered of the way there: nothing while a model writes, the transitions taken when text
/// is rendered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Derivation<T = ()> {
    pub(super) position: Arc<Position>,
    /// The transition of whose word some ids are written, and how many.
    pub(super) within: Option<(Transition, usize)>,
    /// Nothing is written yet, so the next word has its ids at the start of a text.
    pub(super) first: bool,
    pub(super) history: T,
}

impl<T: Clone> Derivation<T> {
    pub(super) fn new(position: Position, first: bool, history: T) -> Self {
        Self { position: Arc::new(position), within: None, first, history }
    }

    pub(super) fn is_done(&self) -> bool {
        self.within.is_none() && *self.position == Position::Done
    }

    /// The ids that can follow.
    pub(super) fn legal(&self, grammar: &Grammar, ids: &mut Vec<u32>) {
        if let Some((transition, at)) = self.within {
            ids.push(grammar.words.ids(transition.word, self.first)[at]);
            return;
        }
        let mut transitions = Vec::new();
        grammar.transitions(&self.position, &mut transitions);
        ids.extend(
            transitions.into_iter().map(|transition| grammar.words.ids(transition.word, self.first)[0]),
        );
    }

    /// The id that follows if copying goes on, or if there is but one word to choose.
    pub(super) fn likely(&self, grammar: &Grammar) -> Option<u32> {
        if let Some((transition, at)) = self.within {
            return Some(grammar.words.ids(transition.word, self.first)[at]);
        }
        let mut transitions = Vec::new();
        grammar.transitions(&self.position, &mut transitions);
        let find = |action| transitions.iter().find(|transition| transition.action == action);
        // A guess that is wrong costs time, never the output: the model is asked about each drafted id.
        let transition = match &transitions[..] {
            [transition] => Some(transition),
            _ => find(Action::Copy).or_else(|| find(Action::Close)),
        };
        transition.map(|transition| grammar.words.ids(transition.word, self.first)[0])
    }

    /// An upper bound of the ids to the end of the output, by a way that leads there soon.
    pub(super) fn bound(&self, grammar: &Grammar) -> usize {
        let Some((transition, at)) = self.within else { return grammar.bound(&self.position) };
        let rest = grammar.words.cost(transition.word).saturating_sub(at);
        rest + grammar.after(&self.position, transition.action).map_or(0, |position| grammar.bound(&position))
    }

    /// How many ids the most direct way to the end has, if they are no more than `most`.
    pub(super) fn direct(&self, grammar: &Grammar, most: usize) -> Option<usize> {
        let mut position = (*self.position).clone();
        let mut length = 0;
        let mut transitions = Vec::new();
        if let Some((transition, at)) = self.within {
            length = grammar.words.cost(transition.word).saturating_sub(at);
            position = grammar.after(&position, transition.action)?;
        }
        while position != Position::Done && length <= most {
            transitions.clear();
            grammar.transitions(&position, &mut transitions);
            let transition =
                transitions.iter().min_by_key(|transition| position.detour(transition.action))?;
            length += grammar.words.cost(transition.word);
            position = grammar.after(&position, transition.action)?;
        }
        (length <= most).then_some(length)
    }
}

/// The derivations behind `id`. `whole` adds a transition to the history, once all ids of its word are
/// written.
pub(super) fn advance<T: Clone>(
    grammar: &Grammar,
    derivations: &[Derivation<T>],
    id: u32,
    whole: impl Fn(&T, Transition) -> T,
) -> Vec<Derivation<T>> {
    let mut next: Vec<Derivation<T>> = Vec::new();
    let mut transitions = Vec::new();
    for derivation in derivations {
        let at = if let Some((transition, at)) = derivation.within {
            transitions.push(transition);
            at
        } else {
            grammar.transitions(&derivation.position, &mut transitions);
            0
        };
        for transition in transitions.drain(..) {
            let ids = grammar.words.ids(transition.word, derivation.first);
            if ids[at] != id {
                continue;
            }
            let after = if at + 1 < ids.len() {
                Derivation { within: Some((transition, at + 1)), ..derivation.clone() }
            } else {
                let Some(position) = grammar.after(&derivation.position, transition.action) else { continue };
                Derivation::new(position, false, whole(&derivation.history, transition))
            };
            // From equal places the same can follow, so one of them is enough. Otherwise words with equal
            // pieces would multiply the derivations with every step.
            let same =
                |other: &Derivation<T>| other.position == after.position && other.within == after.within;
            if next.len() < MOST && !next.iter().any(same) {
                next.push(after);
            }
        }
    }
    next
}
