//! Cross-entropy over target pieces.

use burn::tensor::Tensor;

/// The losses of a batch's target pieces.
#[derive(Debug)]
pub struct Losses {
    /// Each piece's loss, divided by their number.
    shares: Tensor<1>,
    /// How many pieces each sample has.
    tokens: Vec<usize>,
}

impl Losses {
    pub(crate) fn new(shares: Tensor<1>, tokens: Vec<usize>) -> Self {
        Self { shares, tokens }
    }

    /// The mean over all pieces that count, `[1]`: the training objective.
    pub fn mean(&self) -> Tensor<1> {
        self.shares.clone().sum()
    }

    /// The mean over each sample's own pieces: what samples are ranked by.
    pub fn per_sample(self) -> Vec<f32> {
        let shares: Vec<f32> = self.shares.into_data().iter::<f32>().collect();
        let all = shares.len() as f32;
        let mut rest = shares.as_slice();
        let mean = |n: usize| {
            let (own, others) = rest.split_at(n);
            rest = others;
            own.iter().sum::<f32>() * all / n as f32
        };
        self.tokens.into_iter().map(mean).collect()
    }
}
