//! Distances and products of vectors, by the vector instructions of the processor at hand.
//!
//! Sums go by lanes in a fixed order and without fused operations, so that every processor gets the same bits, and two
//! equal vectors are at distance 0.

use rayon::prelude::*;

use crate::Matrix;
use crate::candidates::Ordered;

const LANES: usize = 32;

/// How many rows, and how many centres, are worked on at once: 64 vectors of 512 fit the second-level cache twice.
const BLOCK: usize = 64;

/// Runs `work` compiled for this processor's vector instructions, found at run time. Loops written directly in
/// `work` are vectorized; what it calls must be inlined into it.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
pub(crate) fn vectorized<T>(work: impl FnOnce() -> T) -> T {
    pulp::Arch::new().dispatch(work)
}

/// `Σ f(a, b)` in lanes.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn lanes(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a_lanes.remainder().iter().zip(b_lanes.remainder()).map(|(&a, &b)| f(a, b)).sum();
    for (a, b) in a_lanes.zip(b_lanes) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += f(a, b);
        }
    }
    let mut count = LANES / 2;
    while count > 0 {
        for lane in 0..count {
            sums[lane] += sums[lane + count];
        }
        count /= 2;
    }
    sums[0] + rest
}

/// ‖a − b‖².
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
pub(crate) fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    lanes(a, b, |a, b| (a - b) * (a - b))
}

/// a · b.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    lanes(a, b, |a, b| a * b)
}

/// For each position the squared distance to the nearest of `centres`, and which that is: the first of several. There
/// is at least one centre. Beside the result it needs no memory that grows with either.
pub(crate) fn nearest(vectors: Ordered<'_>, centres: Matrix<'_>) -> Vec<(f32, u32)> {
    let mut found = vec![(f32::INFINITY, 0); vectors.rows()];
    found.par_chunks_mut(BLOCK).enumerate().for_each(|(block, found)| {
        vectorized(|| {
            for start in (0..centres.rows()).step_by(BLOCK) {
                for (offset, best) in found.iter_mut().enumerate() {
                    let row = vectors.row(block * BLOCK + offset);
                    for centre in start..(start + BLOCK).min(centres.rows()) {
                        let square = squared_distance(row, centres.row(centre));
                        if square < best.0 {
                            *best = (square, centre as u32);
                        }
                    }
                }
            }
        });
    });
    found
}

/// The mean of all rows.
pub(crate) fn mean(vectors: Ordered<'_>) -> Vec<f32> {
    let mut sums = vec![0.0f64; vectors.columns()];
    for position in 0..vectors.rows() {
        for (sum, &x) in sums.iter_mut().zip(vectors.row(position)) {
            *sum += f64::from(x);
        }
    }
    sums.into_iter().map(|sum| (sum / vectors.rows() as f64) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::{dot, squared_distance};

    #[test]
    fn any_length() {
        for n in [0u16, 1, 31, 32, 33, 100] {
            let a: Vec<f32> = (0..n).map(f32::from).collect();
            let zero = vec![0.0; a.len()];
            let squares = f32::from(n) * (f32::from(n) - 1.0) * (2.0 * f32::from(n) - 1.0) / 6.0;
            for found in [dot(&a, &a), squared_distance(&a, &zero), squared_distance(&zero, &a)] {
                assert!((found - squares).abs() < 1e-3, "{n}: {found}, not {squares}");
            }
            assert!(squared_distance(&a, &a).abs() < f32::MIN_POSITIVE);
        }
    }
}
