//! The output layer and its cross-entropy where each place allows but a few pieces: a softmax over these, which takes their rows of the layer
//! alone, forward, backward and for the Fisher information.

#[cfg(feature = "flex")]
mod flex;
mod pieces;
mod reference;

pub use pieces::LegalPieces;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::ops::{Backward, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::known_gradients::KnownGradients;
use crate::{LossGradients, OutputGradient, OutputLayout, SampleRows, TrainedOutput};

/// Backends that can run [`legal_cross_entropy`].
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait LegalCrossEntropyOps: Backend {
    /// The loss of every token, `[tokens]`: `x` `[tokens, width]`, a place of `legal` a token.
    fn legal_losses(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        legal: LegalPieces,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        reference::losses::<Self>(&x, &weight, &legal, layout)
    }

    /// The losses weighted by `token_weights` (`[tokens]`), with the gradients of their sum. `indices` (`[k]`, flat, sorted) are
    /// those entries of `weight` that `wanted` is about, empty if it is about none or all.
    fn legal_cross_entropy_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        indices: IntTensor<Self>,
        wanted: OutputGradient,
        legal: LegalPieces,
        token_weights: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> LossGradients<Self> {
        reference::gradients::<Self>(&x, &weight, indices, wanted, &legal, token_weights, layout)
    }

    /// See [`legal_cross_entropy_squares`].
    fn legal_cross_entropy_squares(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        legal: LegalPieces,
        token_weights: FloatTensor<Self>,
        samples: Vec<SampleRows>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        reference::squares::<Self>(&x, &weight, &legal, &token_weights, samples, layout)
    }

    /// The weighted losses alone, `[tokens]`; under autodiff their sum is differentiable in `x` and in `values`: those of the entries that
    /// `wanted` is about, `[k]` or `[n]`.
    #[allow(clippy::too_many_arguments, reason = "an extension's operation takes tensors one by one")]
    fn legal_cross_entropy(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
        wanted: OutputGradient,
        legal: LegalPieces,
        token_weights: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        // Without autodiff there is nothing to differentiate.
        let _ = (values, indices, wanted);
        Self::float_mul(Self::legal_losses(x, weight, legal, layout), token_weights)
    }
}

impl<B: LegalCrossEntropyOps, C: CheckpointStrategy> LegalCrossEntropyOps for Autodiff<B, C> {
    fn legal_cross_entropy(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
        wanted: OutputGradient,
        legal: LegalPieces,
        token_weights: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        let (weight, token_weights) = (weight.into_primitive(), token_weights.into_primitive());
        match KnownGradients.prepare::<C>([x.node(), values.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let all = B::legal_cross_entropy_gradients(
                    x.into_primitive(),
                    weight,
                    indices,
                    wanted,
                    legal,
                    token_weights,
                    layout,
                );
                prep.finish((all.x, all.values), all.losses)
            }
            OpsKind::UnTracked(prep) => {
                let (x, values) = (x.into_primitive(), values.into_primitive());
                prep.finish(B::legal_cross_entropy(
                    x,
                    weight,
                    values,
                    indices,
                    wanted,
                    legal,
                    token_weights,
                    layout,
                ))
            }
        }
    }
}

/// `token_weights[t] · loss_t`, `[tokens]`, where the softmax of token t is over the pieces that are legal at its place of `legal`. Their sum, and
/// no other function of them, is differentiable in `x` (`[tokens, width]`) and in what is trained of `weight`: rows of other pieces get no
/// gradient. The caller keeps the values of trained entries equal to those of the weight.
///
/// # Panics
/// If there are not as many places as tokens.
pub fn legal_cross_entropy(
    x: Tensor<2>,
    weight: Tensor<2>,
    trained: TrainedOutput,
    legal: LegalPieces,
    token_weights: Tensor<1>,
    layout: OutputLayout,
) -> Tensor<1> {
    assert_eq!(x.dims()[0], legal.len(), "a place a token");
    let (values, indices, wanted) = trained.parts(&x.device());
    Tensor::from_dispatch(Dispatch::legal_cross_entropy(
        x.into_dispatch(),
        weight.into_dispatch(),
        values.into_dispatch(),
        indices.into_dispatch(),
        wanted,
        legal,
        token_weights.into_dispatch(),
        layout,
    ))
}

/// `Σ_b (∂L_b/∂w + apart_b)²` for every entry of `weight`, in its shape, where `L_b` is the sum of the weighted losses of sample b: what
/// [`cross_entropy_squares`](crate::cross_entropy_squares) is to the softmax over all pieces. On a device without autodiff.
///
/// # Panics
/// If there are not as many places as tokens.
pub fn legal_cross_entropy_squares(
    x: Tensor<2>,
    weight: Tensor<2>,
    legal: LegalPieces,
    token_weights: Tensor<1>,
    samples: Vec<SampleRows>,
    layout: OutputLayout,
) -> Tensor<2> {
    assert_eq!(x.dims()[0], legal.len(), "a place a token");
    Tensor::from_dispatch(Dispatch::legal_cross_entropy_squares(
        x.into_dispatch(),
        weight.into_dispatch(),
        legal,
        token_weights.into_dispatch(),
        samples,
        layout,
    ))
}
