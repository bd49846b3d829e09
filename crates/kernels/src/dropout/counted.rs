//! Dropout on the processor: in place, in parallel, its random numbers made as they are needed.

use rayon::prelude::*;

use crate::vector::vectorized;

/// Entries a thread takes at a time.
const CHUNK: usize = 1 << 14;

/// Sets each entry to zero with probability `rate` and multiplies the others by `1 / (1 − rate)`.
pub(super) fn drop_entries(entries: &mut [f32], rate: f64, seed: u64) {
    let scale = (1.0 / (1.0 - rate)) as f32;
    // Kept where a uniform 32-bit number is at least this.
    let threshold = (rate * 2f64.powi(32)) as u32;
    let (low, high) = (seed as u32, (seed >> 32) as u32);
    entries.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, entries)| {
        let first = (chunk * CHUNK) as u32;
        vectorized(|| {
            for (i, entry) in entries.iter_mut().enumerate() {
                let keep = hash((first + i as u32) ^ low, high) >= threshold;
                *entry = if keep { *entry * scale } else { 0.0 };
            }
        });
    });
}

/// A 32-bit hash (the finalizer of Mueller's "lowbias32", twice with the two halves of the seed): every bit of the result depends
/// on every bit of the input.
#[inline]
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
