//! Beam search as PyTorch `transformers` 4.57 has it, free or constrained.

use core::convert::Infallible;

use burn::tensor::{Tensor, activation};

use super::cache::Cache;
use super::legal::Choices;
use super::{Constraint, DecodingStats, Generated, Limits, Outputs};
use crate::{Batch, T5};

/// How beams are searched and compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeamSearch {
    /// Outputs that are followed at once.
    pub count: usize,
    /// Outputs are compared by log-probability / pieces^this.
    pub length_penalty: f32,
    /// Stop as soon as `count` outputs have ended, rather than when none that goes on looks better.
    pub early_stopping: bool,
}

/// An output that goes on.
#[derive(Clone, Debug)]
struct Running<C> {
    output: Generated,
    constraint: Option<C>,
    /// Its row among those of its source.
    row: usize,
    last: u32,
}

/// The search for one source.
#[derive(Debug)]
struct Search<C> {
    /// Best first.
    running: Vec<Running<C>>,
    /// With what they are compared by, best first.
    ended: Vec<(f32, Generated)>,
}

/// Pieces that can follow, with their log-probabilities, in the order of the pieces.
type Continuations = Vec<(u32, f32)>;

impl T5 {
    /// The best output that `beams` finds for each source of `batch`. `None` once `limits` says stop.
    pub fn generate_beams(&self, batch: &Batch, beams: &BeamSearch, limits: &Limits<'_>) -> Option<Outputs> {
        let [size, _] = batch.source.dims();
        self.search::<Infallible>(batch, vec![None; size], beams, limits)
    }

    /// The same among the outputs that the constraint of each source allows. Log-probabilities are over what is allowed.
    pub fn generate_constrained_beams<C: Constraint>(
        &self,
        batch: &Batch,
        constraints: &[C],
        beams: &BeamSearch,
        limits: &Limits<'_>,
    ) -> Option<Outputs> {
        self.search(batch, constraints.iter().cloned().map(Some).collect(), beams, limits)
    }

    fn search<C: Constraint>(
        &self,
        batch: &Batch,
        constraints: Vec<Option<C>>,
        beams: &BeamSearch,
        limits: &Limits<'_>,
    ) -> Option<Outputs> {
        let (end, pad) = (self.config().eos_token_id, self.config().pad_token_id as i32);
        let start = |constraint| Search {
            running: vec![Running {
                output: Generated::default(),
                constraint,
                row: 0,
                last: self.config().decoder_start_token_id,
            }],
            ended: Vec::new(),
        };
        let mut searches: Vec<Search<C>> = constraints.into_iter().map(start).collect();
        let mut cache = Cache::new(self, batch, beams.count, limits.pieces);
        let mut stats = DecodingStats::default();
        // The sources that are still searched, in the order of the cache.
        let mut open: Vec<usize> = (0..searches.len()).collect();
        for length in 1..=limits.pieces {
            if !(limits.keep_going)() {
                return None;
            }
            let mut fed = Vec::with_capacity(open.len() * beams.count);
            for &source in &open {
                let running = searches[source].running.iter().map(|running| running.last as i32);
                // A source always has `count` rows, so that rows and sources stay in step. Rows without an output, as
                // all but the first have before the first piece, are fed pads, and what comes of them is not read.
                fed.extend(running.chain(core::iter::repeat(pad)).take(beams.count));
            }
            stats.calls += fed.len();
            let hidden = cache.feed(fed);
            let now: Vec<&Search<C>> = open.iter().map(|&source| &searches[source]).collect();
            let continuations = self.continuations(hidden, &now, beams.count);

            let (mut still, mut rows) = (Vec::new(), Vec::new());
            for (place, (&source, all)) in open.iter().zip(continuations).enumerate() {
                let search = &mut searches[source];
                search.advance(&all, beams, (length, limits.pieces), end);
                if search.goes_on(length, beams) {
                    still.push(source);
                    // A row goes on from its parent's cache, and several rows may have the same parent.
                    let parents = search.running.iter().map(|running| running.row);
                    rows.extend(
                        parents
                            .chain(core::iter::repeat(0))
                            .take(beams.count)
                            .map(|row| place * beams.count + row),
                    );
                    for (row, running) in search.running.iter_mut().enumerate() {
                        // Once the cache has followed, rows stand in the order of the outputs.
                        running.row = row;
                    }
                }
            }
            if still.is_empty() {
                break;
            }
            cache.select(&rows);
            open = still;
        }
        let best =
            |search: Search<C>| search.ended.into_iter().next().map(|(_, output)| output).unwrap_or_default();
        let sequences: Vec<Generated> = searches.into_iter().map(best).collect();
        stats.pieces = sequences.iter().map(|output| output.ids.len() + usize::from(output.finished)).sum();
        Some(Outputs { sequences, stats })
    }

    /// What can follow each running output of each search; `hidden` is `[searches · beams, 1, D]`.
    fn continuations<C: Constraint>(
        &self,
        hidden: Tensor<3>,
        searches: &[&Search<C>],
        beams: usize,
    ) -> Vec<Vec<Continuations>> {
        let constrained =
            searches.iter().flat_map(|search| &search.running).any(|running| running.constraint.is_some());
        if constrained {
            let mut legal = vec![Vec::new(); searches.len() * beams];
            for (search, legal) in searches.iter().zip(legal.chunks_mut(beams)) {
                for (running, legal) in search.running.iter().zip(legal) {
                    running.constraint.iter().for_each(|constraint| constraint.legal(legal));
                }
            }
            let choices = Choices::new(self, hidden, legal);
            let of = |(place, search): (usize, &&Search<C>)| {
                (0..search.running.len()).map(|row| choices.at(place * beams + row)).collect()
            };
            return searches.iter().enumerate().map(of).collect();
        }
        let scores: Vec<f32> =
            activation::log_softmax(self.scores(hidden), 1).into_data().iter::<f32>().collect();
        let vocabulary = self.config().vocab_size;
        let of = |(search, scores): (&&Search<C>, &[f32])| {
            let rows = scores.chunks_exact(vocabulary).take(search.running.len());
            // So many of each row are enough, even if the best of all rows are all of one.
            rows.map(|row| largest(row, 2 * beams)).collect()
        };
        searches.iter().zip(scores.chunks_exact(vocabulary * beams)).map(of).collect()
    }
}

impl<C: Constraint> Search<C> {
    /// Writes one more piece, the `length`-th of `most`: twice as many outputs as beams are looked at; of the better half, those that end are kept.
    fn advance(
        &mut self,
        all: &[Continuations],
        beams: &BeamSearch,
        (length, most): (usize, usize),
        end: u32,
    ) {
        let mut best: Vec<(f32, usize, u32, f32)> = Vec::new();
        for (parent, continuations) in all.iter().enumerate() {
            let before = self.running[parent].output.log_probability;
            best.extend(continuations.iter().map(|&(id, own)| (before + own, parent, id, own)));
        }
        // Stable: of equals the first.
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        // An output ends by one piece, so of each parent one continuation ends at most. Of twice as many as there are
        // beams, at least `count` go on.
        best.truncate(2 * beams.count);
        let parents = core::mem::take(&mut self.running);
        for (rank, (_, parent, id, own)) in best.into_iter().enumerate() {
            let Running { output, constraint, .. } = &parents[parent];
            let (mut output, mut constraint) = (output.clone(), constraint.clone());
            let done = match &mut constraint {
                Some(constraint) => {
                    constraint.advance(id);
                    constraint.done()
                }
                None => id == end,
            };
            // Within a constraint, a word of the source can hold the id that ends an output; it then belongs to the
            // output like any other piece.
            output.push(id, own, done && id == end);
            output.finished = done;
            if done || length == most {
                // As in transformers: an output that ends counts only if it is among the `count` best continuations.
                if rank < beams.count {
                    let score = output.log_probability / (length as f32).powf(beams.length_penalty);
                    self.ended.push((score, output));
                }
            } else if self.running.len() < beams.count {
                self.running.push(Running { output, constraint, row: parent, last: id });
            }
        }
        self.ended.sort_by(|a, b| b.0.total_cmp(&a.0));
        self.ended.truncate(beams.count);
    }

    /// Whether an output that goes on may still count, after `length` pieces.
    fn goes_on(&self, length: usize, beams: &BeamSearch) -> bool {
        let Some(best) = self.running.first() else { return false };
        if self.ended.len() < beams.count {
            return true;
        }
        // As in transformers, by the present length: with a length penalty above 0 a longer output could still come out
        // better, so this may stop before it is found.
        let possible = best.output.log_probability / (length as f32).powf(beams.length_penalty);
        !beams.early_stopping && self.ended.last().is_some_and(|(worst, _)| possible > *worst)
    }
}

/// The `count` largest of `scores` with their places, in the order of their places.
fn largest(scores: &[f32], count: usize) -> Continuations {
    let mut all: Vec<(u32, f32)> = (0..).zip(scores.iter().copied()).collect();
    if count < all.len() {
        let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        all.select_nth_unstable_by(count, order);
        all.truncate(count);
        all.sort_unstable_by_key(|&(id, _)| id);
    }
    all
}

impl Constraint for Infallible {
    fn legal(&self, _: &mut Vec<u32>) {
        match *self {}
    }

    fn advance(&mut self, _: u32) {
        match *self {}
    }

    fn done(&self) -> bool {
        match *self {}
    }
}
