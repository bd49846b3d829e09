//! The output layer and its cross-entropy on LibTorch, some tokens at a time, with its operations in place.

use burn::backend::LibTorch;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::{CrossEntropyOps, LossGradients, OutputLayout, table};
use crate::masked_linear::sampled::sampled;
use crate::slices::{floats, integers, within_reach};
use crate::transpose::transposed;

/// Tokens whose scores lie in memory at once.
const TOKENS: usize = 128;

impl CrossEntropyOps for LibTorch {
    fn token_losses(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        targets: IntTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        let x = x.tensor;
        let table = table::<Self>(weight, layout).tensor;
        let targets = targets.tensor.to_kind(Kind::Int64).unsqueeze(1);
        let losses = Tensor::empty([x.size()[0], 1], (x.kind(), x.device()));
        for rows in blocks(&x) {
            let block = Block::new(&rows.of(&x), &table, rows.of(&targets));
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
        let mut values = Values::new(&x, &weight, indices.tensor, layout);
        let x = x.tensor;
        let table = table::<Self>(weight, layout).tensor;
        let targets = targets.tensor.to_kind(Kind::Int64).unsqueeze(1);
        let token_weights = token_weights.tensor.unsqueeze(1);
        let (losses, dx) = (token_weights.empty_like(), Tensor::empty(x.size(), (x.kind(), x.device())));
        for rows in blocks(&x) {
            let (x, c) = (rows.of(&x), rows.of(&token_weights));
            let mut block = Block::new(&x, &table, rows.of(&targets));
            rows.of(&losses).copy_(&(&block.losses * &c));
            // ∂L/∂score = c (p − onehot). The factor is left to the thinner matrices.
            block.less_targets();
            let dx = rows.of(&dx);
            let _ = block.p.mm_out(&dx, &table).g_mul_(&c);
            values.add(&block.p, &(x * c));
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
    /// The probability of every piece, `[tokens, vocabulary]`.
    p: Tensor,
    /// `[tokens, 1]`.
    losses: Tensor,
    /// `[tokens, 1]`.
    targets: Tensor,
}

impl Block {
    fn new(x: &Tensor, table: &Tensor, targets: Tensor) -> Self {
        let scores = x.matmul(&table.tr());
        let own = scores.gather(1, &targets, false);
        let largest = scores.amax([1], true);
        let p = scores.internal_softmax_out(&scores, 1, false);
        // The largest probability is 1 / Σ exp(score − largest), and cannot be too small for its logarithm.
        let losses = largest - own - p.amax([1], true).log_();
        Self { p, losses, targets }
    }

    /// Makes the probabilities `p − onehot`.
    fn less_targets(&mut self) {
        let minus_one = self.losses.ones_like().neg_();
        let _ = self.p.scatter_add_(1, &self.targets, &minus_one);
    }
}

/// The gradient of the masked values, while it is added up.
enum Values {
    /// Entry by entry, on the processor.
    Sampled { at: Vec<u32>, gradient: Vec<f32>, layout: OutputLayout },
    /// That of the whole weight.
    Dense { gradient: Tensor, indices: Tensor, layout: OutputLayout },
    /// Nothing is masked.
    None,
}

impl Values {
    fn new(x: &TchTensor, weight: &TchTensor, indices: Tensor, layout: OutputLayout) -> Self {
        if indices.numel() == 0 {
            Self::None
        } else if within_reach(&[x, weight]) {
            let at = integers(&indices);
            let gradient = vec![0.0; at.len()];
            Self::Sampled { at, gradient, layout }
        } else {
            let shape = weight.tensor.size();
            let gradient = Tensor::zeros(shape, (weight.tensor.kind(), weight.tensor.device()));
            Self::Dense { gradient, indices: indices.to_kind(Kind::Int64), layout }
        }
    }

    /// Adds the part of some tokens, whose scores have the gradient `g` `[tokens, vocabulary]`.
    fn add(&mut self, g: &Tensor, x: &Tensor) {
        match self {
            Self::Sampled { at, gradient, layout } => {
                let [tokens, width, vocabulary] = [x.size()[0], x.size()[1], g.size()[1]].map(|n| n as usize);
                let (g, x) = (transposed(&floats(g), vocabulary), transposed(&floats(x), width));
                match layout {
                    OutputLayout::Table => sampled(&g, &x, tokens, at, width, gradient),
                    OutputLayout::Linear => sampled(&x, &g, tokens, at, vocabulary, gradient),
                }
            }
            Self::Dense { gradient, layout: OutputLayout::Table, .. } => {
                let _ = gradient.addmm_(&g.tr(), x);
            }
            Self::Dense { gradient, layout: OutputLayout::Linear, .. } => {
                let _ = gradient.addmm_(&x.tr(), g);
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
