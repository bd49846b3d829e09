//! The output layer and its cross-entropy on LibTorch, some tokens at a time, with its operations in place.

use burn::backend::LibTorch;
use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::{CrossEntropyOps, LossGradients, OutputLayout, reference, table};
use crate::masked_linear::sampled::sampled;
use crate::slices::{copy_floats, floats, integers, within_reach};
use crate::transpose::transposed;
use crate::{EntryCost, WeightGradient};

/// Tokens whose scores lie in memory at once.
const TOKENS: usize = 128;

impl CrossEntropyOps for LibTorch {
    fn token_losses(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        targets: IntTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        if x.tensor.kind() != Kind::Float {
            return reference::token_losses::<Self>(x, weight, targets, layout);
        }
        let x = x.tensor;
        let table = table::<Self>(weight, layout).tensor;
        let targets = targets.tensor.to_kind(Kind::Int64).unsqueeze(1);
        let losses = Tensor::empty([x.size()[0], 1], (x.kind(), x.device()));
        for rows in blocks(&x) {
            let block = Block::new(&rows.of(&x), &table, &rows.of(&targets));
            rows.of(&losses).copy_(&block.losses);
        }
        TchTensor::new(losses.view(-1))
    }

    fn cross_entropy_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        indices: IntTensor<Self>,
        targets: IntTensor<Self>,
        token_weights: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> LossGradients<Self> {
        if x.tensor.kind() != Kind::Float {
            // A narrower type would round the sums of the exponentials too much.
            return reference::cross_entropy_gradients::<Self>(
                x,
                weight,
                indices,
                targets,
                token_weights,
                layout,
            );
        }
        let mut values = Values::new(&x, &weight, &indices.tensor, layout);
        let x = x.tensor;
        let table = table::<Self>(weight, layout).tensor;
        let targets = targets.tensor.to_kind(Kind::Int64).unsqueeze(1);
        let token_weights = token_weights.tensor.unsqueeze(1);
        let (losses, dx) = (token_weights.empty_like(), Tensor::empty(x.size(), (x.kind(), x.device())));
        for rows in blocks(&x) {
            let (x, c) = (rows.of(&x), rows.of(&token_weights));
            let mut block = Block::new(&x, &table, &rows.of(&targets));
            rows.of(&losses).copy_(&(&block.losses * &c));
            let scale = block.differentiate(&c);
            let _ = block.by_row.tr().mm_out(&rows.of(&dx), &table).g_mul_(&scale);
            values.add(&block.by_row, &(x * scale));
        }
        let kind = (x.kind(), x.device());
        LossGradients {
            losses: TchTensor::new(losses.view(-1)),
            x: TchTensor::new(dx),
            values: TchTensor::new(values.finish(kind)),
        }
    }
}

/// Some tokens that follow one another.
#[derive(Clone, Copy)]
struct Rows {
    start: i64,
    count: i64,
}

impl Rows {
    /// Their rows of a matrix, in place.
    fn of(self, matrix: &Tensor) -> Tensor {
        matrix.narrow(0, self.start, self.count)
    }
}

/// All tokens of `x`.
fn blocks(x: &Tensor) -> impl Iterator<Item = Rows> + use<> {
    let tokens = x.size()[0];
    let block = move |start| Rows { start, count: (tokens - start).min(TOKENS as i64) };
    (0..tokens).step_by(TOKENS).map(block)
}

/// What is known of some tokens.
struct Block {
    /// `exp(score − largest of the token)` of every piece, `[vocabulary, tokens]`: masked entries of a piece then find all tokens in a row.
    by_row: Tensor,
    /// What they add up to, `[1, tokens]`.
    sums: Tensor,
    /// `[1, tokens]`.
    targets: Tensor,
    /// `[tokens, 1]`.
    losses: Tensor,
}

impl Block {
    /// `x` is `[tokens, width]`, `targets` `[tokens, 1]`.
    fn new(x: &Tensor, table: &Tensor, targets: &Tensor) -> Self {
        let targets = targets.tr();
        let mut by_row = table.matmul(&x.tr());
        let largest = by_row.amax([0], true);
        let own = by_row.gather(0, &targets, false);
        let _ = by_row.g_sub_(&largest).exp_();
        let sums = by_row.sum_dim_intlist([0i64].as_slice(), true, None);
        let losses = (sums.log() + largest - own).tr();
        Self { by_row, sums, targets, losses }
    }

    /// Makes the exponentials the gradient of the weighted loss, `c (p − onehot)`, but for a factor of each token, which is left to thinner
    /// matrices: given back, `[tokens, 1]`.
    fn differentiate(&mut self, c: &Tensor) -> Tensor {
        let _ = self.by_row.scatter_add_(0, &self.targets, &self.sums.neg());
        c / self.sums.tr()
    }
}

/// True where the masked entries are computed faster one by one.
fn few(weight: &TchTensor, indices: &Tensor) -> bool {
    let shape = weight.shape().dims();
    WeightGradient::for_layer(shape, indices.numel(), EntryCost::USUAL) == WeightGradient::Sampled
}

/// The gradient of the masked values, while it is added up.
enum Values {
    /// Entry by entry, on the processor.
    Sampled { at: Vec<u32>, gradient: Vec<f32>, scores: Vec<f32>, layout: OutputLayout },
    /// That of the whole weight.
    Dense { gradient: Tensor, indices: Tensor, layout: OutputLayout },
    /// Nothing is masked.
    None,
}

impl Values {
    fn new(x: &TchTensor, weight: &TchTensor, indices: &Tensor, layout: OutputLayout) -> Self {
        if indices.numel() == 0 {
            Self::None
        } else if within_reach(&[x, weight]) && few(weight, indices) {
            let at = integers(indices);
            let gradient = vec![0.0; at.len()];
            Self::Sampled { at, gradient, scores: Vec::new(), layout }
        } else {
            let shape = weight.tensor.size();
            let gradient = Tensor::zeros(shape, (weight.tensor.kind(), weight.tensor.device()));
            Self::Dense { gradient, indices: indices.to_kind(Kind::Int64), layout }
        }
    }

    /// Adds the part of some tokens, whose scores have the gradient `g` `[vocabulary, tokens]`.
    fn add(&mut self, g: &Tensor, x: &Tensor) {
        match self {
            Self::Sampled { at, gradient, scores, layout } => {
                let [tokens, width, vocabulary] = [x.size()[0], x.size()[1], g.size()[0]].map(|n| n as usize);
                copy_floats(g, scores);
                let x = transposed(&floats(x), width);
                match layout {
                    OutputLayout::Table => sampled(scores, &x, tokens, at, width, gradient),
                    OutputLayout::Linear => sampled(&x, scores, tokens, at, vocabulary, gradient),
                }
            }
            Self::Dense { gradient, layout: OutputLayout::Table, .. } => {
                let _ = gradient.addmm_(g, x);
            }
            Self::Dense { gradient, layout: OutputLayout::Linear, .. } => {
                let _ = gradient.addmm_(&x.tr(), &g.tr());
            }
            Self::None => {}
        }
    }

    fn finish(self, kind: (Kind, tch::Device)) -> Tensor {
        match self {
            Self::Sampled { gradient, .. } => Tensor::from_slice(&gradient),
            Self::Dense { gradient, indices, .. } => gradient.view(-1).index_select(0, &indices),
            Self::None => Tensor::zeros([0], kind),
        }
    }
}
