//! The output layer and its cross-entropy on the pure Rust CPU backend, some tokens at a time.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{CrossEntropyOps, LossGradients, OutputGradient, OutputLayout, reference, table};
use crate::backend::flex::contiguous;
use crate::backend::flex::integers;
use crate::masked_linear::sampled::sampled;
use crate::product::flex::add_product;
use crate::transpose::{OnItsSide, Rows};
use crate::vector::{exp, vectorized};
use crate::{ProductOps, WeightGradient};

/// Tokens whose scores lie in memory at once.
// The scores of one token over the 32 128 pieces of T5 take 128 KB. With 128 tokens a block has 16 MB, and the
// table, which every block reads from memory anew, is read for many tokens at once.
const TOKENS: usize = 128;
/// Rows of the vocabulary that a thread takes at a time. A constant: the order of additions depends on it.
const ROWS: usize = 512;

impl CrossEntropyOps for Flex {
    fn token_losses(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        targets: IntTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        let (Some(targets), true) = (integers(&targets), floats_only(&[&x, &weight])) else {
            return reference::token_losses::<Self>(x, weight, targets, layout);
        };
        let table = table::<Self>(weight, layout);
        let mut losses = Vec::with_capacity(targets.len());
        for (start, targets) in (0..).step_by(TOKENS).zip(targets.chunks(TOKENS)) {
            let mut scores = Scores::new(&table, &x.narrow(0, start, targets.len()));
            losses.extend(scores.exponentiate(targets).losses);
        }
        floats(losses, [targets.len()])
    }

    fn cross_entropy_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        indices: IntTensor<Self>,
        wanted: OutputGradient,
        targets: IntTensor<Self>,
        token_weights: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> LossGradients<Self> {
        let floats_only = floats_only(&[&x, &weight, &token_weights]);
        let (Some(at), Some(pieces), true) = (integers(&indices), integers(&targets), floats_only) else {
            return reference::cross_entropy_gradients::<Self>(
                x,
                weight,
                indices,
                wanted,
                targets,
                token_weights,
                layout,
            );
        };
        let [tokens, width] = x.shape().dims();
        let table = table::<Self>(weight, layout);
        let token_weights = token_weights.to_contiguous();
        let token_weights: &[f32] = token_weights.storage();
        let vocabulary = table.shape()[0];
        let columns = if layout == OutputLayout::Table { width } else { vocabulary };
        let entries = if wanted == OutputGradient::All { vocabulary * width } else { at.len() };

        let mut losses = Vec::with_capacity(tokens);
        let mut dx = Vec::with_capacity(tokens * width);
        // The gradient of a weight is a sum over tokens, so all blocks add to one buffer; the others grow block by
        // block.
        let mut values = vec![0.0f32; entries];
        for (start, targets) in (0..).step_by(TOKENS).zip(pieces.chunks(TOKENS)) {
            let weights = &token_weights[start..start + targets.len()];
            let x = x.narrow(0, start, targets.len());
            let mut scores = Scores::new(&table, &x);
            let normed = scores.exponentiate(targets);
            losses.extend(normed.losses.iter().zip(weights).map(|(loss, c)| loss * c));
            scores.differentiate(&normed.sums, targets, weights);
            // The same memory held scores, then exponentials, and now ∂L/∂score: nothing of the size of the scores is
            // allocated beside it.
            let by_row = scores.by_row;
            let chunk = Self::product(by_row.transpose(0, 1), table.clone());
            dx.extend_from_slice(chunk.storage::<f32>());
            match wanted {
                OutputGradient::Nothing => {}
                OutputGradient::Entries(WeightGradient::Sampled) => {
                    // A masked entry is a dot product over the tokens. The gradients of a piece's scores already lie
                    // side by side; on its side, `x` does so for each feature.
                    let by_width = OnItsSide::new(contiguous(x).storage(), width);
                    let (g, x) = (Rows::new(by_row.storage(), targets.len()), by_width.rows());
                    let (rows, columns_of) = match layout {
                        OutputLayout::Table => (g, x),
                        OutputLayout::Linear => (x, g),
                    };
                    sampled(rows, columns_of, &at, columns, &mut values);
                }
                OutputGradient::Entries(WeightGradient::Gathered) => {
                    let dense = match layout {
                        OutputLayout::Table => Self::product(by_row, x),
                        OutputLayout::Linear => Self::product(x.transpose(0, 1), by_row.transpose(0, 1)),
                    };
                    let dense: &[f32] = dense.storage();
                    values.par_iter_mut().zip(&at).for_each(|(value, &i)| *value += dense[i as usize]);
                }
                OutputGradient::All => match layout {
                    OutputLayout::Table => add_product(&mut values, &by_row, &x),
                    OutputLayout::Linear => {
                        add_product(&mut values, &x.transpose(0, 1), &by_row.transpose(0, 1));
                    }
                },
            }
        }
        LossGradients {
            losses: floats(losses, [tokens]),
            x: floats(dx, [tokens, width]),
            values: floats(values, [entries]),
        }
    }
}

fn floats_only(tensors: &[&FlexTensor]) -> bool {
    tensors.iter().all(|t| t.dtype() == DType::F32)
}

fn floats<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// Scores of every piece (rows) for some tokens (columns), `[vocabulary, tokens]`: what is done for each token then runs along rows.
struct Scores {
    by_row: FlexTensor,
    tokens: usize,
}

/// What the exponentials of the scores add up to.
struct Normed {
    /// `[tokens]`.
    sums: Vec<f32>,
    /// `[tokens]`.
    losses: Vec<f32>,
}

impl Scores {
    fn new(table: &FlexTensor, x: &FlexTensor) -> Self {
        let tokens = x.shape()[0];
        Self { by_row: Flex::product(table.clone(), x.transpose(0, 1)), tokens }
    }

    /// Replaces each score by `exp(score − largest of its token)`.
    fn exponentiate(&mut self, targets: &[u32]) -> Normed {
        let tokens = self.tokens;
        let scores: &mut [f32] = self.by_row.storage_mut();
        // Read before they are overwritten: the loss is ln Σ exp(score − largest) + largest − own score.
        let own: Vec<f32> =
            targets.iter().enumerate().map(|(t, &row)| scores[row as usize * tokens + t]).collect();
        // Maxima and sums of a token run down the rows, so each row is added to a vector of `tokens` results, number by
        // number: no addition crosses the lanes of a vector register.
        let largest = scores.par_chunks(ROWS * tokens).map(|rows| {
            let mut largest = vec![f32::NEG_INFINITY; tokens];
            vectorized(|| {
                for row in rows.chunks_exact(tokens) {
                    for (largest, &score) in largest.iter_mut().zip(row) {
                        // A comparison is one instruction; `f32::max` takes more, because of NaN.
                        *largest = if score > *largest { score } else { *largest };
                    }
                }
            });
            largest
        });
        let largest = largest.collect::<Vec<_>>().into_iter().reduce(|a, b| join(a, &b, f32::max));
        let largest = largest.unwrap_or_default();
        let sums = scores.par_chunks_mut(ROWS * tokens).map(|rows| {
            let mut sums = vec![0.0f32; tokens];
            vectorized(|| {
                for row in rows.chunks_exact_mut(tokens) {
                    for ((score, &largest), sum) in row.iter_mut().zip(&largest).zip(&mut sums) {
                        *score = exp(*score - largest);
                        *sum += *score;
                    }
                }
            });
            sums
        });
        // Collected in order and then joined: rayon's own reduction pairs parts as its threads come along, and a sum of
        // floats depends on that.
        let sums = sums.collect::<Vec<_>>().into_iter().reduce(|a, b| join(a, &b, |a, b| a + b));
        let sums = sums.unwrap_or_default();
        let losses =
            own.iter().zip(&largest).zip(&sums).map(|((own, largest), sum)| sum.ln() + largest - own);
        Normed { losses: losses.collect(), sums }
    }

    /// Replaces each exponential by the gradient of the weighted loss: `c (p − onehot)`.
    fn differentiate(&mut self, sums: &[f32], targets: &[u32], weights: &[f32]) {
        let tokens = self.tokens;
        // With p = e / sum, c (p − onehot) is e · (c / sum) everywhere, less c at the target: one multiplication an
        // entry and one subtraction a token.
        let scale: Vec<f32> = weights.iter().zip(sums).map(|(c, sum)| c / sum).collect();
        let scores: &mut [f32] = self.by_row.storage_mut();
        scores.par_chunks_mut(ROWS * tokens).for_each(|rows| {
            vectorized(|| {
                for row in rows.chunks_exact_mut(tokens) {
                    for (score, scale) in row.iter_mut().zip(&scale) {
                        *score *= scale;
                    }
                }
            });
        });
        for (t, (&row, &c)) in targets.iter().zip(weights).enumerate() {
            scores[row as usize * tokens + t] -= c;
        }
    }
}

fn join(mut a: Vec<f32>, b: &[f32], f: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    for (a, &b) in a.iter_mut().zip(b) {
        *a = f(*a, b);
    }
    a
}
