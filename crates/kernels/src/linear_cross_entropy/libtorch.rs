//! The output layer and its cross-entropy on LibTorch, some tokens at a time, with its operations in place.

use burn::backend::LibTorch;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::{CrossEntropyOps, LossGradients, OutputGradient, OutputLayout, reference, table};
use crate::WeightGradient;
use crate::backend::libtorch::{copy_floats, floats, integers, within_reach};
use crate::masked_linear::sampled::sampled;
use crate::transpose::{self, OnItsSide};

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
        wanted: OutputGradient,
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
                wanted,
                targets,
                token_weights,
                layout,
            );
        }
        let mut values = Values::new(&x, &weight, &indices.tensor, wanted, layout);
        let x = x.tensor;
        let table = table::<Self>(weight, layout).tensor;
        let targets = targets.tensor.to_kind(Kind::Int64).unsqueeze(1);
        let token_weights = token_weights.tensor.unsqueeze(1);
        let (losses, dx) = (token_weights.empty_like(), Tensor::empty(x.size(), (x.kind(), x.device())));
        for rows in blocks(&x) {
            let (x, c) = (rows.of(&x), rows.of(&token_weights));
            let mut block = Block::new(&x, &table, &rows.of(&targets));
            rows.of(&losses).copy_(&(&block.losses * &c));
            // `by_row` becomes sum · (p − onehot). The factor c / sum of each token is multiplied into `dx` and `x`,
            // which have `width` columns, rather than into the scores, which have one for each piece.
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
        // e − sum · onehot = sum (p − onehot): one entry a token is touched, and not all scores.
        let _ = self.by_row.scatter_add_(0, &self.targets, &self.sums.neg());
        c / self.sums.tr()
    }
}

/// The gradient of what is trained, while it is added up.
enum Values {
    /// Entry by entry, on the processor.
    Sampled { at: Vec<u32>, gradient: Vec<f32>, scores: Vec<f32>, layout: OutputLayout },
    /// That of the whole weight, of which the entries at `indices` are taken in the end, or all.
    Dense { gradient: Tensor, indices: Option<Tensor>, layout: OutputLayout },
    /// Nothing is trained.
    None,
}

impl Values {
    fn new(
        x: &TchTensor,
        weight: &TchTensor,
        indices: &Tensor,
        wanted: OutputGradient,
        layout: OutputLayout,
    ) -> Self {
        let dense = |indices| {
            let kind = (weight.tensor.kind(), weight.tensor.device());
            Self::Dense { gradient: Tensor::zeros(weight.tensor.size(), kind), indices, layout }
        };
        match wanted {
            OutputGradient::Nothing => Self::None,
            OutputGradient::All => dense(None),
            OutputGradient::Entries(WeightGradient::Sampled) if within_reach(&[x, weight]) => {
                let at = integers(indices);
                let gradient = vec![0.0; at.len()];
                Self::Sampled { at, gradient, scores: Vec::new(), layout }
            }
            // Gathered, or sampled out of the processor's reach: the blocks add to one dense gradient, and the entries
            // are taken from it once, in the end.
            OutputGradient::Entries(_) => dense(Some(indices.to_kind(Kind::Int64))),
        }
    }

    /// Adds the part of some tokens, whose scores have the gradient `g` `[vocabulary, tokens]`.
    fn add(&mut self, g: &Tensor, x: &Tensor) {
        match self {
            Self::Sampled { at, gradient, scores, layout } => {
                let [tokens, width, vocabulary] = [x.size()[0], x.size()[1], g.size()[0]].map(|n| n as usize);
                // The largest copy of a block: every block uses the same memory for it.
                copy_floats(g, scores);
                let x = OnItsSide::new(&floats(x), width);
                let scores = transpose::Rows::new(scores, tokens);
                match layout {
                    OutputLayout::Table => sampled(scores, x.rows(), at, width, gradient),
                    OutputLayout::Linear => sampled(x.rows(), scores, at, vocabulary, gradient),
                }
            }
            Self::Dense { gradient, layout: OutputLayout::Table, .. } => {
                // The product is added where the sum lies; no block's gradient is stored by itself.
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
            Self::Dense { gradient, indices: Some(indices), .. } => {
                gradient.view(-1).index_select(0, &indices)
            }
            Self::Dense { gradient, indices: None, .. } => gradient.view(-1),
            Self::None => Tensor::zeros([0], kind),
        }
    }
}
