//! Attention weights on the pure Rust CPU backend: one pass over each row while it is in the first cache.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::DType;
use rayon::prelude::*;

use super::{BiasedSoftmaxOps, reference};
use crate::backend::flex::contiguous;
use crate::vector::{dot, exp, vectorized};

/// Rows that a thread takes at a time.
const ROWS: usize = 64;

impl BiasedSoftmaxOps for Flex {
    fn biased_softmax(scores: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        let (shape, of_bias) = (scores.shape(), bias.shape());
        let keys = shape[3];
        let floats = scores.dtype() == DType::F32 && bias.dtype() == DType::F32;
        if !floats || keys == 0 || of_bias[3] != keys {
            return reference::biased_softmax::<Self>(scores, bias);
        }
        let (mut scores, bias) = (contiguous(scores), contiguous(bias));
        let rows: &mut [f32] = scores.storage_mut();
        let bias: &[f32] = bias.storage();
        // Rows of scores are numbered through [batch, head, query]. The row of the bias has the same place, but for
        // dimensions in which the bias has one entry for all: there it is at 0.
        let row_of = |row: usize| {
            let places = [row / shape[2] / shape[1], row / shape[2] % shape[1], row % shape[2]];
            let own = places.into_iter().zip(of_bias.iter());
            own.fold(0, |index, (place, &length)| index * length + if length == 1 { 0 } else { place })
        };
        rows.par_chunks_mut(ROWS * keys).enumerate().for_each(|(chunk, rows)| {
            vectorized(|| {
                for (i, row) in rows.chunks_exact_mut(keys).enumerate() {
                    softmax(row, &bias[row_of(chunk * ROWS + i) * keys..][..keys]);
                }
            });
        });
        scores
    }

    fn softmax_gradient(weights: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        let keys = weights.shape()[3];
        if weights.dtype() != DType::F32 || gradient.dtype() != DType::F32 || keys == 0 {
            return reference::softmax_gradient::<Self>(weights, gradient);
        }
        let (weights, mut gradient) = (contiguous(weights), contiguous(gradient));
        let (w, g): (&[f32], &mut [f32]) = (weights.storage(), gradient.storage_mut());
        g.par_chunks_mut(ROWS * keys).zip(w.par_chunks(ROWS * keys)).for_each(|(g, w)| {
            vectorized(|| {
                for (g, w) in g.chunks_exact_mut(keys).zip(w.chunks_exact(keys)) {
                    let mean = dot(g, w);
                    for (g, w) in g.iter_mut().zip(w) {
                        *g = w * (*g - mean);
                    }
                }
            });
        });
        gradient
    }
}

/// Replaces a row of scores by the softmax of it and `bias`.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn softmax(row: &mut [f32], bias: &[f32]) {
    // A maximum and a sum for each lane: the compiler may not change the order of additions of floats, so a single sum
    // would be added up number by number.
    const LANES: usize = 16;
    let mut largest = [f32::NEG_INFINITY; LANES];
    for (row, bias) in row.chunks_mut(LANES).zip(bias.chunks(LANES)) {
        for ((score, bias), largest) in row.iter_mut().zip(bias).zip(&mut largest) {
            *score += bias;
            // A comparison is one instruction; `f32::max` takes more, because of NaN.
            *largest = if *score > *largest { *score } else { *largest };
        }
    }
    let largest = largest.iter().fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a });
    // Less the largest, no exponential overflows, and `exp` is only made for numbers up to 0.
    let mut sums = [0.0f32; LANES];
    for row in row.chunks_mut(LANES) {
        for (score, sum) in row.iter_mut().zip(&mut sums) {
            *score = exp(*score - largest);
            *sum += *score;
        }
    }
    let scale = 1.0 / sums.iter().sum::<f32>();
    for score in row {
        *score *= scale;
    }
}
