//! Dropout on the processor: in place, in parallel, its random numbers made as they are needed.

use rayon::prelude::*;

use crate::vector::vectorized;

/// Entries a thread takes at a time.
pub(crate) const CHUNK: usize = 1 << 14;

/// Sets each entry to zero with probability `rate` and multiplies the others by `1 / (1 − rate)`.
pub(super) fn drop_entries(entries: &mut [f32], rate: f64, seed: u64) {
    let keep = Keep::new(rate, seed);
    entries.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, entries)| {
        let first = (chunk * CHUNK) as u32;
        vectorized(|| {
            for (i, entry) in entries.iter_mut().enumerate() {
                *entry = if keep.at(first + i as u32) { *entry * keep.scale } else { 0.0 };
            }
        });
    });
}

/// Which entries are kept.
#[derive(Clone, Copy)]
pub(crate) struct Keep {
    /// What those are multiplied by.
    pub(crate) scale: f32,
    threshold: u32,
    seed: [u32; 2],
}

impl Keep {
    pub(crate) fn new(rate: f64, seed: u64) -> Self {
        Self {
            scale: (1.0 / (1.0 - rate)) as f32,
            // Kept where a uniform 32-bit number is at least this.
            threshold: (rate * 2f64.powi(32)) as u32,
            seed: [seed as u32, (seed >> 32) as u32],
        }
    }

    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    pub(crate) fn at(self, entry: u32) -> bool {
        let [low, high] = self.seed;
        self.threshold == 0 || hash(entry ^ low, high) >= self.threshold
    }
}

/// A 32-bit hash (the finalizer of Mueller's "lowbias32", twice with the two halves of the seed): every bit of the result depends
/// on every bit of the input.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn hash(counter: u32, key: u32) -> u32 {
    let round = |mut x: u32| {
        x ^= x >> 16;
        x = x.wrapping_mul(0x7feb_352d);
        x ^= x >> 15;
        x = x.wrapping_mul(0x846c_a68b);
        x ^ (x >> 16)
    };
    round(round(counter).wrapping_add(key))
}
