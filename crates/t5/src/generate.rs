//! Decoding with a key-value cache: greedy and beam search, free or constrained.

mod beams;
mod cache;
mod constrained;
mod followed;
mod greedy;
mod legal;

use core::ops::AddAssign;

pub use beams::BeamSearch;
pub use followed::Followed;

/// One generated sequence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Generated {
    /// Piece ids, without the start and the end of the sequence.
    pub ids: Vec<u32>,
    /// The model's log-probability of each of `ids`; where a constraint holds, among the pieces that it allows.
    pub log_probabilities: Vec<f32>,
    /// The log-probability of the whole sequence, its end included if it has one.
    pub log_probability: f32,
    /// Whether the sequence ended by itself rather than at the length limit.
    pub finished: bool,
}

/// What an output may hold, piece by piece. A clone goes on by itself.
pub trait Constraint: Clone {
    /// Puts the ids that can follow into `ids`, at least one unless the output is [`done`](Self::done).
    fn legal(&self, ids: &mut Vec<u32>);

    /// Writes `id`, which is legal.
    fn advance(&mut self, id: u32);

    /// Whether the output has ended.
    fn done(&self) -> bool;

    /// Puts legal ids that are likely to follow one another into `ids`, at most `most`. Without any, every piece takes a call of the decoder.
    fn draft(&self, most: usize, ids: &mut Vec<u32>) {
        let _ = most;
        ids.clear();
    }
}

/// How far decoding goes.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// An output has at most this many pieces, its end included.
    pub pieces: usize,
    /// At most so many drafted pieces are checked in one call of the decoder. 0: step by step.
    pub draft: usize,
    /// Asked before every call of the decoder: decoding stops once it says no.
    pub keep_going: &'a dyn Fn() -> bool,
}

/// The outputs of a batch, and what they took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outputs {
    /// One for each source, in order.
    pub sequences: Vec<Generated>,
    /// What they took.
    pub stats: DecodingStats,
}

/// What decoding took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodingStats {
    /// Pieces written, ends included.
    pub pieces: usize,
    /// Calls of the decoder, summed over the rows in each.
    pub calls: usize,
    /// Pieces that were drafted.
    pub drafted: usize,
    /// Drafted pieces that the model agreed with.
    pub accepted: usize,
}

impl AddAssign for DecodingStats {
    fn add_assign(&mut self, other: Self) {
        self.pieces += other.pieces;
        self.calls += other.calls;
        self.drafted += other.drafted;
        self.accepted += other.accepted;
    }
}

impl core::fmt::Debug for Limits<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Limits")
            .field("pieces", &self.pieces)
            .field("draft", &self.draft)
            .finish_non_exhaustive()
    }
}

impl Generated {
    /// Notes the next piece, or the end.
    fn push(&mut self, id: u32, log_probability: f32, is_end: bool) {
        self.log_probability += log_probability;
        self.finished = is_end;
        if !is_end {
            self.ids.push(id);
            self.log_probabilities.push(log_probability);
        }
    }
}

/// The rows that are not finished, once they are few enough to be worth a copy of the cache, which costs about a step.
fn worth_keeping(finished: &[bool]) -> Option<Vec<usize>> {
    let alive: Vec<usize> = (0..finished.len()).filter(|&row| !finished[row]).collect();
    (alive.len() * 4 <= finished.len() * 3).then_some(alive)
}
