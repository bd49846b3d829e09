//! The squared gradient of an output layer, summed over the samples of a batch: its part of the Fisher diagonal.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;
mod reference;

use std::collections::BTreeMap;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Int, Tensor};

use crate::OutputLayout;

/// One sample of a batch.
#[derive(Clone, Debug, Default)]
pub struct SampleRows {
    /// How many of the tokens are its.
    pub tokens: usize,
    /// What the gradient of some pieces' vectors has from elsewhere, each of the layer's width: an embedding that serves as output
    /// layer is read as well. Pieces are below the vocabulary's size.
    pub elsewhere: BTreeMap<u32, Vec<f32>>,
}

/// Backends that can run [`cross_entropy_squares`].
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch")
)]
pub trait CrossEntropySquaresOps: Backend {
    /// See [`cross_entropy_squares`].
    fn cross_entropy_squares(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        targets: IntTensor<Self>,
        token_weights: FloatTensor<Self>,
        losses: FloatTensor<Self>,
        samples: Vec<SampleRows>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        // Only what is done in blocks needs the losses.
        let _ = losses;
        reference::cross_entropy_squares::<Self>(&x, &weight, &targets, &token_weights, samples, layout)
    }
}

/// `Σ_b (∂L_b/∂w + apart_b)²` for every entry of `weight`, in its shape, where `L_b` is the sum of the weighted losses of sample b.
/// `x` is `[tokens, width]`; `targets`, `token_weights` and `losses` (weighted, as [`linear_cross_entropy`](crate::linear_cross_entropy) gives
/// them) are `[tokens]`, the samples' one after the other. On a device without autodiff.
pub fn cross_entropy_squares(
    x: Tensor<2>,
    weight: Tensor<2>,
    (targets, token_weights, losses): (Tensor<1, Int>, Tensor<1>, Tensor<1>),
    samples: Vec<SampleRows>,
    layout: OutputLayout,
) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::cross_entropy_squares(
        x.into_dispatch(),
        weight.into_dispatch(),
        targets.into_dispatch(),
        token_weights.into_dispatch(),
        losses.into_dispatch(),
        samples,
        layout,
    ))
}
