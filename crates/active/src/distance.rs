//! Distances and products of vectors, by the vector instructions of the processor at hand.
//!
//! Sums go by lanes in a fixed order and without fused operations, so that every processor gets the same bits, and two
//! equal vectors are at distance 0.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::Matrix;
use crate::candidates::Ordered;

const LANES: usize = 32;

/// How many rows, and how many centres, are worked on at once: 64 vectors of 512 fit the second-level cache twice.
pub(crate) const BLOCK: usize = 64;

/// Runs `work` compiled for this processor's vector instructions, found at run time. Its `with_simd`, and what that
/// calls, must be inlined: only then loops are vectorized with them.
pub(crate) fn vectorized<W: WithSimd>(work: W) -> W::Output {
    pulp::Arch::new().dispatch(work)
}

/// ‖a − b‖².
pub(crate) fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    vectorized(SquaredDistance(a, b))
}

/// a · b.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    vectorized(Dot(a, b))
}

struct SquaredDistance<'a>(&'a [f32], &'a [f32]);

impl WithSimd for SquaredDistance<'_> {
    type Output = f32;

    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f32 {
        lanes(self.0, self.1, |a, b| (a - b) * (a - b))
    }
}

struct Dot<'a>(&'a [f32], &'a [f32]);

impl WithSimd for Dot<'_> {
    type Output = f32;

    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f32 {
        lanes(self.0, self.1, |a, b| a * b)
    }
}

/// Lowers the squared distances of some rows to the nearest of some centres.
struct Nearest<'a> {
    vectors: Ordered<'a>,
    centres: Matrix<'a>,
    /// The position of the first row, and what is known of it and those behind it.
    first: usize,
    found: &'a mut [(f32, u32)],
}

impl WithSimd for Nearest<'_> {
    type Output = ();

    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for start in (0..self.centres.rows()).step_by(BLOCK) {
            for (offset, best) in self.found.iter_mut().enumerate() {
                let row = self.vectors.row(self.first + offset);
                for centre in start..(start + BLOCK).min(self.centres.rows()) {
                    let square = lanes(row, self.centres.row(centre), |a, b| (a - b) * (a - b));
                    if square < best.0 {
                        *best = (square, centre as u32);
                    }
                }
            }
        }
    }
}

/// `Σ f(a, b)` in lanes.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn lanes(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += f(a[lane], b[lane]);
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(&a, &b)| f(a, b)).sum();
    total(sums) + rest
}

/// The sum of the lanes, in halves. It is not inlined: the compiler would arrange the loop above for these few
/// additions, in registers of two numbers, and that takes three times as long.
#[inline(never)]
fn total(mut sums: [f32; LANES]) -> f32 {
    let mut count = LANES / 2;
    while count > 0 {
        for lane in 0..count {
            sums[lane] += sums[lane + count];
        }
        count /= 2;
    }
    sums[0]
}

/// For each position the squared distance to the nearest of `centres`, and which that is: the first of several. There
/// is at least one centre. Beside the result it needs no memory that grows with either.
pub(crate) fn nearest(vectors: Ordered<'_>, centres: Matrix<'_>) -> Vec<(f32, u32)> {
    let mut found = vec![(f32::INFINITY, 0); vectors.rows()];
    found.par_chunks_mut(BLOCK).enumerate().for_each(|(block, found)| {
        vectorized(Nearest { vectors, centres, first: block * BLOCK, found });
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
