//! The ways to read the ids so far.
//!
//! Words can share their first pieces, and different words can have the same, so there can be more ways than one.

use std::sync::Arc;

use super::grammar::{Grammar, Move, Place, Step};

/// The most ways that are followed. More come about only where many words are the same to the tokenizer.
const MOST: usize = 64;

/// One way to read the ids so far: a place, or some ids into a step from it. `T` tells how it came there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Thread<T = ()> {
    pub(super) place: Arc<Place>,
    pub(super) within: Option<(Step, usize)>,
    /// No word yet.
    pub(super) first: bool,
    pub(super) trail: T,
}

impl<T: Clone> Thread<T> {
    pub(super) fn new(place: Place, first: bool, trail: T) -> Self {
        Self { place: Arc::new(place), within: None, first, trail }
    }

    pub(super) fn is_done(&self) -> bool {
        self.within.is_none() && *self.place == Place::Done
    }

    /// The ids that can follow.
    pub(super) fn legal(&self, grammar: &Grammar, ids: &mut Vec<u32>) {
        if let Some((step, at)) = self.within {
            ids.push(grammar.words.ids(step.word, self.first)[at]);
            return;
        }
        let mut steps = Vec::new();
        grammar.steps(&self.place, &mut steps);
        ids.extend(steps.into_iter().map(|step| grammar.words.ids(step.word, self.first)[0]));
    }

    /// The id that follows if copying goes on, or if there is but one word to choose.
    pub(super) fn likely(&self, grammar: &Grammar) -> Option<u32> {
        if let Some((step, at)) = self.within {
            return Some(grammar.words.ids(step.word, self.first)[at]);
        }
        let mut steps = Vec::new();
        grammar.steps(&self.place, &mut steps);
        let in_order = |to| steps.iter().find(|step| step.to == to);
        let step = match &steps[..] {
            [step] => Some(step),
            _ => in_order(Move::Copy).or_else(|| in_order(Move::Close)),
        };
        step.map(|step| grammar.words.ids(step.word, self.first)[0])
    }

    /// At least as many ids as a way to the end has.
    pub(super) fn bound(&self, grammar: &Grammar) -> usize {
        let Some((step, at)) = self.within else { return grammar.bound(&self.place) };
        let rest = grammar.words.cost(step.word).saturating_sub(at);
        rest + grammar.after(&self.place, step.to).map_or(0, |place| grammar.bound(&place))
    }

    /// How many ids the most direct way to the end has, if they are no more than `most`.
    pub(super) fn direct(&self, grammar: &Grammar, most: usize) -> Option<usize> {
        let mut place = (*self.place).clone();
        let mut length = 0;
        let mut steps = Vec::new();
        if let Some((step, at)) = self.within {
            length = grammar.words.cost(step.word).saturating_sub(at);
            place = grammar.after(&place, step.to)?;
        }
        while place != Place::Done && length <= most {
            steps.clear();
            grammar.steps(&place, &mut steps);
            let step = steps.iter().min_by_key(|step| step.haste(&place))?;
            length += grammar.words.cost(step.word);
            place = grammar.after(&place, step.to)?;
        }
        (length <= most).then_some(length)
    }
}

/// The threads behind `id`. `whole` adds a step to a trail.
pub(super) fn advance<T: Clone>(
    grammar: &Grammar,
    threads: &[Thread<T>],
    id: u32,
    whole: impl Fn(&T, Step) -> T,
) -> Vec<Thread<T>> {
    let mut next: Vec<Thread<T>> = Vec::new();
    let mut steps = Vec::new();
    for thread in threads {
        let at = if let Some((step, at)) = thread.within {
            steps.push(step);
            at
        } else {
            grammar.steps(&thread.place, &mut steps);
            0
        };
        for step in steps.drain(..) {
            let ids = grammar.words.ids(step.word, thread.first);
            if ids[at] != id {
                continue;
            }
            let after = if at + 1 < ids.len() {
                Thread { within: Some((step, at + 1)), ..thread.clone() }
            } else {
                let Some(place) = grammar.after(&thread.place, step.to) else { continue };
                Thread::new(place, false, whole(&thread.trail, step))
            };
            let same = |other: &Thread<T>| other.place == after.place && other.within == after.within;
            if next.len() < MOST && !next.iter().any(same) {
                next.push(after);
            }
        }
    }
    next
}
