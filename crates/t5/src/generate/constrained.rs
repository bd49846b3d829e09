//! Constrained greedy decoding: draft what is likely to follow, verify it in one call, keep what the model agrees with.

use super::cache::Cache;
use super::legal::Choices;
use super::{Constraint, DecodingStats, Generated, Limits, Outputs, worth_keeping};
use crate::{Batch, T5};

/// What is likely to follow in one row, and what can follow at each place of it.
#[derive(Debug, Default)]
struct Draft {
    pieces: Vec<u32>,
    /// Before each of `pieces`, and behind the last.
    legal: Vec<Vec<u32>>,
}

impl T5 {
    /// The most probable of the pieces that its constraint allows at every step, for each source of `batch`. Log-probabilities are over
    /// what is allowed. `None` once `limits` says stop.
    ///
    /// What a constraint drafts changes how many calls of the decoder it takes, and not what is written.
    pub fn generate_constrained<C: Constraint>(
        &self,
        batch: &Batch,
        constraints: &mut [C],
        limits: &Limits<'_>,
    ) -> Option<Outputs> {
        let (end, pad) = (self.config().eos_token_id, self.config().pad_token_id);
        let [size, _] = batch.source.dims();
        // All rows are fed as many pieces as the longest draft needs, so a row with nearly all its pieces still takes
        // places for a draft and one piece more.
        let mut cache = Cache::new(self, batch, 1, limits.pieces + limits.draft.min(limits.pieces) + 1);
        let mut stats = DecodingStats::default();
        let mut sequences = vec![Generated::default(); size];
        // Row r of the cache belongs to sequences[rows[r]].
        let mut rows: Vec<usize> = (0..size).collect();
        let mut last = vec![self.config().decoder_start_token_id; size];
        while rows.iter().any(|&row| !sequences[row].finished && sequences[row].ids.len() < limits.pieces) {
            if !(limits.keep_going)() {
                return None;
            }
            let draft = |&row: &usize| {
                let left = limits.pieces - sequences[row].ids.len();
                if sequences[row].finished || left == 0 {
                    return Draft::default();
                }
                // One piece less than are left: behind a draft that it agrees with, the model adds a piece of its own.
                Draft::new(&constraints[row], limits.draft.min(left - 1))
            };
            let mut drafts: Vec<Draft> = rows.iter().map(draft).collect();
            let longest = drafts.iter().map(|draft| draft.pieces.len()).max().unwrap_or(0);
            let mut fed = Vec::with_capacity(rows.len() * (longest + 1));
            for (draft, &last) in drafts.iter().zip(&last) {
                // The piece that was written last is not in the cache yet, so it goes first: the output at its place
                // decides on the first piece of the draft, and so on.
                let pieces = core::iter::once(&last).chain(&draft.pieces).map(|&id| id as i32);
                fed.extend(pieces.chain(core::iter::repeat(pad as i32)).take(longest + 1));
            }
            let hidden = cache.feed(fed);
            let at_each = |draft: &mut Draft| {
                let mut legal = core::mem::take(&mut draft.legal);
                legal.resize(longest + 1, Vec::new());
                legal
            };
            let choices = Choices::new(self, hidden, drafts.iter_mut().flat_map(at_each).collect());

            for (r, (&row, draft)) in rows.iter().zip(&drafts).enumerate() {
                let output = &mut sequences[row];
                let first = r * (longest + 1);
                let (mut written, mut accepted) = (0, 0);
                // A finished row stays in the batch until it leaves, at its place.
                while !output.finished && output.ids.len() < limits.pieces {
                    let Some((id, log_probability)) = choices.best(first + written) else {
                        output.finished = true;
                        break;
                    };
                    constraints[row].advance(id);
                    let done = constraints[row].done();
                    // A word of the source can hold the id that ends an output.
                    output.push(id, log_probability, done && id == end);
                    output.finished = done;
                    last[r] = id;
                    written += 1;
                    // The next place saw the drafted piece before it, so it counts only if that is what was written.
                    // The first other piece is a good one still: what came before it was right.
                    if draft.pieces.get(written - 1) != Some(&id) {
                        break;
                    }
                    accepted += 1;
                }
                if written > 0 {
                    stats.calls += 1;
                    stats.pieces += written;
                    stats.drafted += draft.pieces.len();
                    stats.accepted += accepted;
                }
                // Of the `longest + 1` pieces that were fed, the first `written` hold: the one that was last before,
                // and all of the newly written but the newest, which is fed next time.
                cache.forget(r, longest + 1 - written);
            }
            let finished: Vec<bool> = rows.iter().map(|&row| sequences[row].finished).collect();
            if let Some(alive) = worth_keeping(&finished) {
                if alive.is_empty() {
                    break;
                }
                cache.select(&alive);
                last = alive.iter().map(|&r| last[r]).collect();
                rows = alive.iter().map(|&r| rows[r]).collect();
            }
        }
        Some(Outputs { sequences, stats })
    }
}

impl Draft {
    fn new<C: Constraint>(constraint: &C, most: usize) -> Self {
        let mut draft = Self::default();
        constraint.draft(most, &mut draft.pieces);
        let mut legal = Vec::new();
        // The constraint itself stays where the output is. A clone of it goes along the draft, and none is made without
        // one.
        let mut ahead = None;
        for place in 0..=draft.pieces.len() {
            ahead.as_ref().unwrap_or(constraint).legal(&mut legal);
            draft.legal.push(core::mem::take(&mut legal));
            if let Some(&id) = draft.pieces.get(place) {
                ahead.get_or_insert_with(|| constraint.clone()).advance(id);
            }
        }
        draft
    }
}
