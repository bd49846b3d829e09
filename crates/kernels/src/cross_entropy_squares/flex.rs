//! Squared gradients of the output layer on the pure Rust CPU backend, some pieces of the vocabulary at a time: with the losses known, the
//! probabilities of a block of pieces need no other block.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{CrossEntropySquaresOps, SampleRows, reference};
use crate::OutputLayout;
use crate::backend::flex::contiguous;
use crate::backend::flex::integers;
use crate::linear_cross_entropy::table;
use crate::product::flex::product_alone;
use crate::squared_linear::flex::add_squares;
use crate::vector::{exp, vectorized};

/// Pieces of the vocabulary that a thread takes at a time: their scores and gradients stay in its cache.
const PIECES: usize = 256;

impl CrossEntropySquaresOps for Flex {
    fn cross_entropy_squares(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        targets: IntTensor<Self>,
        token_weights: FloatTensor<Self>,
        losses: FloatTensor<Self>,
        samples: Vec<SampleRows>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        let floats_only = [&x, &weight, &token_weights, &losses].iter().all(|t| t.dtype() == DType::F32);
        let (Some(pieces), true) = (integers(&targets), floats_only) else {
            return reference::cross_entropy_squares::<Self>(
                &x,
                &weight,
                &targets,
                &token_weights,
                samples,
                layout,
            );
        };
        let table = table::<Self>(weight, layout);
        let [vocabulary, width] = table.shape().dims();
        let (token_weights, losses) = (contiguous(token_weights), contiguous(losses));
        let tokens = Tokens::new(&table, &x, pieces, token_weights.storage(), losses.storage());
        let mut squares = vec![0.0f32; vocabulary * width];
        // Blocks of pieces, where the loss goes by blocks of tokens: an entry can only be squared once a sample's
        // tokens are all added up, and within a block of pieces they are.
        squares.par_chunks_mut((PIECES * width).max(1)).enumerate().for_each(|(block, sum)| {
            let (first, count) = (block * PIECES, sum.len() / width);
            let g = tokens.gradient(&table.narrow(0, first, count), &x, first);
            let mut start = 0;
            for sample in &samples {
                let own = (g.narrow(1, start, sample.tokens), x.narrow(0, start, sample.tokens));
                start += sample.tokens;
                let mut gradient = product_alone(own.0, own.1);
                let gradient: &mut [f32] = gradient.storage_mut();
                // Before it is squared: the gradient of a shared table is the sum over both of its uses, and (a + b)²
                // is not a² + b².
                for (&piece, elsewhere) in sample.elsewhere.range(first as u32..(first + count) as u32) {
                    let row = &mut gradient[(piece as usize - first) * width..][..width];
                    row.iter_mut().zip(elsewhere).for_each(|(g, elsewhere)| *g += elsewhere);
                }
                add_squares(sum, gradient);
            }
        });
        let squares = FlexTensor::from_data(TensorData::new(squares, [vocabulary, width]));
        match layout {
            OutputLayout::Table => squares,
            OutputLayout::Linear => squares.transpose(0, 1),
        }
    }
}

/// What is known of each token.
struct Tokens<'a> {
    targets: Vec<u32>,
    weights: &'a [f32],
    /// The logarithm of the sum of the exponentials of its scores.
    log_sums: Vec<f32>,
}

impl<'a> Tokens<'a> {
    fn new(
        table: &FlexTensor,
        x: &FlexTensor,
        targets: Vec<u32>,
        weights: &'a [f32],
        losses: &[f32],
    ) -> Self {
        let x = contiguous(x.clone());
        let width = table.shape()[1];
        let x: &[f32] = x.storage();
        let log_sum = |((token, &target), (&weight, &loss)): ((usize, &u32), (&f32, &f32))| {
            let row = contiguous(table.narrow(0, target as usize, 1));
            let x = &x[token * width..][..width];
            let own: f32 = row.storage::<f32>().iter().zip(x).map(|(w, x)| w * x).sum();
            // A weighted loss is weight · (log_sum − own score), which gives log_sum without another pass over the
            // vocabulary. A token without weight has no gradient: its probabilities exp(score − ∞) are zero.
            if weight == 0.0 { f32::INFINITY } else { own + loss / weight }
        };
        let each = targets.iter().enumerate().zip(weights.iter().zip(losses));
        let log_sums = each.map(log_sum).collect();
        Self { targets, weights, log_sums }
    }

    /// `c (p − onehot)` of the pieces from `first` on, whose vectors are `rows`: `[pieces, tokens]`.
    fn gradient(&self, rows: &FlexTensor, x: &FlexTensor, first: usize) -> FlexTensor {
        let mut scores = product_alone(rows.clone(), x.transpose(0, 1));
        let (count, tokens) = (rows.shape()[0], self.targets.len().max(1));
        let g: &mut [f32] = scores.storage_mut();
        vectorized(|| {
            for row in g.chunks_exact_mut(tokens) {
                for ((g, log_sum), weight) in row.iter_mut().zip(&self.log_sums).zip(self.weights) {
                    *g = weight * exp(*g - log_sum);
                }
            }
        });
        for (token, &target) in self.targets.iter().enumerate() {
            if (first..first + count).contains(&(target as usize)) {
                g[(target as usize - first) * tokens + token] -= self.weights[token];
            }
        }
        scores
    }
}
