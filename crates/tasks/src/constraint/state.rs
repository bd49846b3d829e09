//! How far an output has come.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use super::grammar::{Grammar, Step};
use super::threads::{Thread, advance};

/// An output so far, as piece ids.
///
/// Two states of one start are equal if the same can follow.
#[derive(Clone, Debug)]
pub struct State {
    grammar: Arc<Grammar>,
    threads: Vec<Thread>,
    /// How many ids are still allowed.
    left: usize,
}

/// The text that a run of ids stands for.
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
            && (self.left, &self.threads) == (other.left, &other.threads)
    }
}

impl Eq for State {}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.left, &self.threads).hash(hasher);
    }
}

impl State {
    pub(super) fn new(grammar: Grammar, left: usize) -> Self {
        let threads = vec![Thread::new(grammar.start(), true, ())];
        Self { grammar: Arc::new(grammar), threads, left }
    }

    /// The fewest ids that end the output, as far as they are looked for, if they are as many as are allowed.
    pub(super) fn shortest(&self, most: usize) -> Option<usize> {
        self.threads.iter().filter_map(|thread| thread.direct(&self.grammar, most)).min()
    }

    /// Puts the ids that can follow into `ids`, sorted, without duplicates; none once the end was written.
    ///
    /// A word of the source can contain the id that ends an output, so [`State::done`] tells the end, not the id.
    pub fn legal(&self, ids: &mut Vec<u32>) {
        ids.clear();
        // Another way to read the ids so far may have an end id that is a word; it is not followed.
        if self.done() {
            return;
        }
        for thread in &self.threads {
            thread.legal(&self.grammar, ids);
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
            let next = advance(&self.grammar, &self.threads, id, |(), _| ());
            next.iter().any(|thread| thread.bound(&self.grammar) <= most)
                || next.iter().any(|thread| thread.direct(&self.grammar, most).is_some())
        };
        ids.retain(|&id| fits(id));
    }

    /// Writes `id`; false, and nothing is written, if it is not legal.
    pub fn advance(&mut self, id: u32) -> bool {
        let threads = advance(&self.grammar, &self.threads, id, |(), _| ());
        if threads.is_empty() || self.left == 0 || self.done() {
            return false;
        }
        self.threads = threads;
        if self.left < usize::MAX {
            self.left -= 1;
        }
        true
    }

    /// Puts the ids that follow if only copying goes on into `ids`, at most `max`. It ends where something has to be
    /// chosen, or with the end of the output.
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
        self.threads.first()?.likely(&self.grammar)
    }

    /// Whether the output has ended.
    pub fn done(&self) -> bool {
        self.threads.iter().any(Thread::is_done)
    }

    /// The text of the `ids` that follow this state, most often a start; nothing if they are not legal.
    ///
    /// Words are written as they stand in the source, even where the tokenizer changes them or has no piece for them. A word
    /// that is not complete is left out.
    pub fn render(&self, ids: &[u32]) -> Option<Rendered> {
        let mut threads: Vec<Thread<Option<Arc<Trail>>>> = self
            .threads
            .iter()
            .map(|Thread { place, within, first, .. }| Thread {
                place: Arc::clone(place),
                within: *within,
                first: *first,
                trail: None,
            })
            .collect();
        for (at, &id) in ids.iter().enumerate() {
            let whole = |before: &Option<Arc<Trail>>, step| {
                Some(Arc::new(Trail { step, end: at + 1, before: before.clone() }))
            };
            threads = advance(&self.grammar, &threads, id, whole);
        }
        let thread = threads.iter().find(|thread| thread.is_done()).or(threads.first())?;
        let mut trail = Vec::new();
        let mut last = thread.trail.as_ref();
        while let Some(one) = last {
            trail.push((one.step, one.end));
            last = one.before.as_ref();
        }
        trail.reverse();
        Some(self.written(&trail, ids.len(), thread.is_done()))
    }

    fn written(&self, trail: &[(Step, usize)], ids: usize, done: bool) -> Rendered {
        let mut rendered = Rendered::default();
        for &(step, end) in trail {
            let word = self.grammar.words.text(step.word);
            if !word.is_empty() && !rendered.text.is_empty() {
                rendered.text.push(' ');
            }
            let start = rendered.text.len();
            rendered.text.push_str(word);
            rendered.words.resize(end, start..rendered.text.len());
        }
        if done {
            rendered.text.push_str(&self.grammar.silent);
        }
        let end = rendered.text.len();
        rendered.words.resize(ids, end..end);
        rendered
    }
}

/// The steps that led to a thread, last first.
#[derive(Debug)]
struct Trail {
    step: Step,
    /// How many ids there were behind it.
    end: usize,
    before: Option<Arc<Trail>>,
}
