//! Attention weights: the softmax of scores and a bias, without a copy of their sum.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;
mod reference;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, backend_extension};

/// Backends that can run the softmax within [`biased_attention`](crate::biased_attention).
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait BiasedSoftmaxOps: Backend {
    /// `softmax(scores + bias)` over the last of 4 dimensions. `bias` may have one entry where `scores` has many, but for the last.
    fn biased_softmax(scores: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        reference::biased_softmax::<Self>(scores, bias)
    }

    /// The gradient of the scores, `w (g − Σ g w)` over the last dimension, from the weights `w` and their gradient `g`.
    fn softmax_gradient(weights: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        reference::softmax_gradient::<Self>(weights, gradient)
    }
}

/// Attention has a backward pass of its own, so nothing differentiates this.
impl<B: BiasedSoftmaxOps, C: CheckpointStrategy> BiasedSoftmaxOps for Autodiff<B, C> {}
