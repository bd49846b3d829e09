//! The output layer and its cross-entropy in one, so that the scores of all pieces never lie in memory at once.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;
mod reference;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::ops::{Backward, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Dispatch, ExtensionType, backend_extension};
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::known_gradients::KnownGradients;
use crate::{MaskedLinearOps, WeightGradient};

/// How the output layer's weight lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputLayout {
    /// `[vocabulary, width]`: an embedding that serves as output layer.
    Table,
    /// `[width, vocabulary]`: a linear layer.
    Linear,
}

/// Of which entries of the output layer the gradient is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputGradient {
    /// Of none.
    Nothing,
    /// Of those at some positions, computed in this way.
    Entries(WeightGradient),
    /// Of all.
    All,
}

/// What is trained of the output layer.
#[derive(Clone, Debug)]
pub enum TrainedOutput {
    /// Nothing.
    Nothing,
    /// Some entries.
    Entries {
        /// Their values, `[k]`, differentiated.
        values: Tensor<1>,
        /// Their flat positions, sorted and unique, `[k]`.
        indices: Tensor<1, Int>,
        /// How their gradient is computed.
        gradient: WeightGradient,
    },
    /// All entries: the weight itself, differentiated.
    All(Tensor<2>),
}

impl TrainedOutput {
    /// The values that are trained and their positions, on `device`, and which these are. An operation takes a fixed number of tensors, so what
    /// there is none of goes in as an empty one.
    pub(crate) fn parts(self, device: &Device) -> (Tensor<1>, Tensor<1, Int>, OutputGradient) {
        let no_indices = || Tensor::from_data(TensorData::new(Vec::<i32>::new(), [0]), device);
        match self {
            Self::Nothing => {
                let no_values = Tensor::from_data(TensorData::new(Vec::<f32>::new(), [0]), device);
                (no_values, no_indices(), OutputGradient::Nothing)
            }
            Self::Entries { values, indices, gradient } => {
                (values, indices, OutputGradient::Entries(gradient))
            }
            Self::All(leaf) => {
                let entries = leaf.dims().iter().product::<usize>();
                (leaf.reshape([entries]), no_indices(), OutputGradient::All)
            }
        }
    }
}

/// The weighted losses of all tokens, and the gradients of their sum.
#[derive(ExtensionType)]
pub struct LossGradients<B: Backend> {
    /// `c_t · loss_t`, `[tokens]`.
    pub losses: FloatTensor<B>,
    /// Of the input, `[tokens, width]`.
    pub x: FloatTensor<B>,
    /// Of the entries that are trained: `[k]`, or of the whole weight, `[n]`.
    pub values: FloatTensor<B>,
}

/// Backends that can run the fused output layer and cross-entropy.
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait CrossEntropyOps: Backend + MaskedLinearOps {
    /// The loss of every token, `[tokens]`: `x` `[tokens, width]`, `targets` `[tokens]`.
    fn token_losses(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        targets: IntTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        reference::token_losses::<Self>(x, weight, targets, layout)
    }

    /// The losses weighted by `token_weights` (`[tokens]`), with the gradients of their sum. `indices` (`[k]`, flat, sorted) are
    /// those entries of `weight` that `wanted` is about, empty if it is about none or all.
    fn cross_entropy_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        indices: IntTensor<Self>,
        wanted: OutputGradient,
        targets: IntTensor<Self>,
        token_weights: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> LossGradients<Self> {
        reference::cross_entropy_gradients::<Self>(x, weight, indices, wanted, targets, token_weights, layout)
    }

    /// The weighted losses alone, `[tokens]`; under autodiff their sum is differentiable in `x` and in `values`: those of the entries that
    /// `wanted` is about, `[k]` or `[n]`.
    #[allow(clippy::too_many_arguments, reason = "an extension's operation takes tensors one by one")]
    fn linear_cross_entropy(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
        wanted: OutputGradient,
        targets: IntTensor<Self>,
        token_weights: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        // Without autodiff there is nothing to differentiate.
        let _ = (values, indices, wanted);
        Self::float_mul(Self::token_losses(x, weight, targets, layout), token_weights)
    }
}

impl<B: CrossEntropyOps, C: CheckpointStrategy> CrossEntropyOps for Autodiff<B, C> {
    fn linear_cross_entropy(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
        wanted: OutputGradient,
        targets: IntTensor<Self>,
        token_weights: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        let (weight, token_weights) = (weight.into_primitive(), token_weights.into_primitive());
        match KnownGradients.prepare::<C>([x.node(), values.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let all = B::cross_entropy_gradients(
                    x.into_primitive(),
                    weight,
                    indices,
                    wanted,
                    targets,
                    token_weights,
                    layout,
                );
                prep.finish((all.x, all.values), all.losses)
            }
            OpsKind::UnTracked(prep) => {
                let (x, values) = (x.into_primitive(), values.into_primitive());
                prep.finish(B::linear_cross_entropy(
                    x,
                    weight,
                    values,
                    indices,
                    wanted,
                    targets,
                    token_weights,
                    layout,
                ))
            }
        }
    }
}

/// The cross-entropy of every token under the output layer `weight`, `[tokens]`: `x` `[tokens, width]`, `targets` `[tokens]`, on a
/// device without autodiff.
pub fn token_losses(
    x: Tensor<2>,
    weight: Tensor<2>,
    targets: Tensor<1, Int>,
    layout: OutputLayout,
) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::token_losses(
        x.into_dispatch(),
        weight.into_dispatch(),
        targets.into_dispatch(),
        layout,
    ))
}

/// `token_weights[t] · loss_t`, `[tokens]`. Their sum, and no other function of them, is differentiable in `x` (`[tokens, width]`) and in what is
/// trained of `weight`. The caller keeps the values of trained entries equal to those of the weight.
pub fn linear_cross_entropy(
    x: Tensor<2>,
    weight: Tensor<2>,
    trained: TrainedOutput,
    targets: Tensor<1, Int>,
    token_weights: Tensor<1>,
    layout: OutputLayout,
) -> Tensor<1> {
    let (values, indices, wanted) = trained.parts(&x.device());
    Tensor::from_dispatch(Dispatch::linear_cross_entropy(
        x.into_dispatch(),
        weight.into_dispatch(),
        values.into_dispatch(),
        indices.into_dispatch(),
        wanted,
        targets.into_dispatch(),
        token_weights.into_dispatch(),
        layout,
    ))
}

/// Rows and width of the layer as a table: `weight` itself, or its transposed view.
pub(crate) fn table<B: Backend>(weight: FloatTensor<B>, layout: OutputLayout) -> FloatTensor<B> {
    match layout {
        OutputLayout::Table => weight,
        // Only the strides change: nothing is copied, and a matrix product reads the view as it lies.
        OutputLayout::Linear => B::float_swap_dims(weight, 0, 1),
    }
}
