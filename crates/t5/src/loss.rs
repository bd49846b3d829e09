//! Cross-entropy over target pieces.

use burn::tensor::{Tensor, activation};

use crate::Batch;

/// The loss of every target piece of a batch.
#[derive(Debug)]
pub struct TokenLosses {
    /// `[B, T]`, zero where a position does not count.
    losses: Tensor<2>,
    /// `[B, T]`.
    weight: Tensor<2>,
}

impl TokenLosses {
    /// The mean over all pieces of the batch that count, `[1]`: the training objective.
    pub fn mean(self) -> Tensor<1> {
        self.losses.sum() / self.weight.sum()
    }

    /// The mean over each example's own pieces, `[B]`: what examples are ranked by.
    pub fn per_sample(self) -> Tensor<1> {
        (self.losses.sum_dim(1) / self.weight.sum_dim(1)).squeeze_dim(1)
    }
}

/// From `scores` `[B·T, V]`.
pub(crate) fn token_losses(scores: Tensor<2>, batch: &Batch) -> TokenLosses {
    let [size, length] = batch.target.dims();
    let log_probabilities = activation::log_softmax(scores, 1);
    let own = log_probabilities.gather(1, batch.target.clone().reshape([size * length, 1]));
    let weight = batch.target_weight.clone();
    TokenLosses { losses: own.reshape([size, length]).neg() * weight.clone(), weight }
}
