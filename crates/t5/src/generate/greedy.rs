//! The most probable piece at every step.

use burn::tensor::{Tensor, activation};

use super::cache::Cache;
use super::{DecodingStats, Generated, Limits, Outputs, worth_keeping};
use crate::{Batch, T5};

impl T5 {
    /// The most probable piece at every step for each source of `batch`. `None` once `limits` says stop.
    pub fn generate(&self, batch: &Batch, limits: &Limits<'_>) -> Option<Outputs> {
        let end = self.config().eos_token_id;
        let [size, _] = batch.source.dims();
        let mut cache = Cache::new(self, batch, 1, limits.pieces);
        let mut stats = DecodingStats::default();
        let mut sequences = vec![Generated::default(); size];
        // Row r of the cache belongs to sequences[rows[r]].
        let mut rows: Vec<usize> = (0..size).collect();
        let mut last = vec![self.config().decoder_start_token_id as i32; size];
        for _ in 0..limits.pieces {
            if !(limits.keep_going)() {
                return None;
            }
            let best = best_of_all(self.scores(cache.feed(last)));
            stats.calls += rows.len();
            for (&row, &(id, log_probability)) in rows.iter().zip(&best) {
                let output = &mut sequences[row];
                // A finished row is fed along until its place is worth taking out, and what comes of it is not read.
                if !output.finished {
                    output.push(id, log_probability, id == end);
                    stats.pieces += 1;
                }
            }
            last = best.into_iter().map(|(id, _)| id as i32).collect();
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

/// The best of each row's `scores` (`[rows, V]`), and its log-probability.
fn best_of_all(scores: Tensor<2>) -> Vec<(u32, f32)> {
    let (best, ids) = activation::log_softmax(scores, 1).max_dim_with_indices(1);
    let ids = ids.into_data();
    let best = best.into_data();
    ids.iter::<i64>().map(|id| id as u32).zip(best.iter::<f32>()).collect()
}
