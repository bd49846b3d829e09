//! Squared gradients of the output layer on LibTorch, some pieces of the vocabulary at a time: with the losses known, the probabilities of
//! a block of pieces need no other block.

use std::collections::BTreeMap;

use burn::backend::LibTorch;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::{CrossEntropySquaresOps, SampleRows, reference};
use crate::OutputLayout;
use crate::backend::libtorch::integers;
use crate::linear_cross_entropy::table;

/// Pieces of the vocabulary in a block: their scores and gradients stay in the cache.
const PIECES: usize = 512;

impl CrossEntropySquaresOps for LibTorch {
    fn cross_entropy_squares(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        targets: IntTensor<Self>,
        token_weights: FloatTensor<Self>,
        losses: FloatTensor<Self>,
        samples: Vec<SampleRows>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        if weight.tensor.kind() != Kind::Float {
            // A narrower loss would not tell the sum of the exponentials well enough.
            return reference::cross_entropy_squares::<Self>(
                &x,
                &weight,
                &targets,
                &token_weights,
                samples,
                layout,
            );
        }
        let table = table::<Self>(weight, layout).tensor;
        let vocabulary = table.size()[0] as usize;
        let tokens = Tokens::new(&table, x.tensor, &targets.tensor, &token_weights.tensor, &losses.tensor);
        let squares = Tensor::zeros(table.size(), (Kind::Float, table.device()));
        let buffer = Tensor::empty([PIECES as i64, table.size()[1]], (Kind::Float, table.device()));
        // Blocks of pieces, where the loss goes by blocks of tokens: an entry can only be squared once a sample's
        // tokens are all added up, and within a block of pieces they are.
        for first in (0..vocabulary).step_by(PIECES) {
            let count = PIECES.min(vocabulary - first);
            let block = |matrix: &Tensor| matrix.narrow(0, first as i64, count as i64);
            let g = tokens.gradient(&block(&table), first);
            let mut sum = block(&squares);
            let mut start = 0;
            for sample in &samples {
                let own = |matrix: &Tensor| matrix.narrow(0, start, sample.tokens as i64);
                let mut gradient = buffer.narrow(0, 0, count as i64);
                let _ = own(&g).tr().mm_out(&gradient, &own(&tokens.weighted));
                start += sample.tokens as i64;
                // Before it is squared: the gradient of a shared table is the sum over both of its uses.
                add(&mut gradient, &sample.elsewhere, first, count);
                let _ = sum.addcmul_(&gradient, &gradient);
            }
        }
        TchTensor::new(match layout {
            OutputLayout::Table => squares,
            OutputLayout::Linear => squares.tr(),
        })
    }
}

/// What is known of all tokens.
struct Tokens {
    /// The layer's input, `[tokens, width]`.
    x: Tensor,
    /// The same times the tokens' weights.
    weighted: Tensor,
    targets: Vec<u32>,
    /// The logarithm of the sum of the exponentials of each one's scores, `[tokens, 1]`.
    log_sums: Tensor,
}

impl Tokens {
    fn new(table: &Tensor, x: Tensor, targets: &Tensor, weights: &Tensor, losses: &Tensor) -> Self {
        let (weights, losses) = (weights.unsqueeze(1), losses.unsqueeze(1));
        let rows = table.index_select(0, &targets.to_kind(Kind::Int64));
        let own = (rows * &x).sum_dim_intlist([1i64].as_slice(), true, None);
        // A weighted loss is weight · (log_sum − own score), which gives log_sum without another pass over the
        // vocabulary. A token without weight has no gradient: its probabilities exp(score − ∞) are zero.
        let log_sums = (own + losses / &weights).masked_fill(&weights.eq(0.0), f64::INFINITY);
        // Of c (p − onehot)ᵀ x the factor c goes to `x`, once for all blocks, rather than to every block of scores.
        Self { weighted: &x * weights, x, targets: integers(targets), log_sums }
    }

    /// `p − onehot` of the pieces from `first` on, whose vectors are `rows`: `[tokens, pieces]`.
    fn gradient(&self, rows: &Tensor, first: usize) -> Tensor {
        let mut g = self.x.matmul(&rows.tr());
        let _ = g.g_sub_(&self.log_sums).exp_();
        let pieces = first..first + rows.size()[0] as usize;
        let targets = self.targets.iter().map(|&target| target as usize).enumerate();
        let here = targets.filter(|(_, target)| pieces.contains(target));
        let (tokens, columns): (Vec<i64>, Vec<i64>) =
            here.map(|(token, target)| (token as i64, (target - first) as i64)).unzip();
        let at = [tokens, columns].map(|places| Some(Tensor::from_slice(&places).to(g.device())));
        let _ = g.index_put_(&at, &Tensor::from(-1.0f32).to(g.device()), true);
        g
    }
}

/// Adds the vectors `elsewhere` of the `count` pieces from `first` on to their gradient, `[pieces, width]`.
fn add(gradient: &mut Tensor, elsewhere: &BTreeMap<u32, Vec<f32>>, first: usize, count: usize) {
    let here = || elsewhere.range(first as u32..(first + count) as u32);
    let pieces: Vec<i64> = here().map(|(&piece, _)| i64::from(piece) - first as i64).collect();
    if pieces.is_empty() {
        return;
    }
    let vectors: Vec<f32> = here().flat_map(|(_, vector)| vector).copied().collect();
    let vectors = Tensor::from_slice(&vectors).view([pieces.len() as i64, -1]).to(gradient.device());
    let _ = gradient.index_add_(0, &Tensor::from_slice(&pieces).to(gradient.device()), &vectors);
}
