//! The fused masked update: one AdamW step of compact values, scattered into the dense weight.

pub(crate) mod counters;
#[cfg(feature = "flex")]
mod flex;
mod reference;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Int, Tensor};

/// Settings of one AdamW step (Loshchilov & Hutter, arXiv 1711.05101), decay decoupled from the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// Learning rate of this weight in this step, all scalings included.
    pub learning_rate: f32,
    /// Decay of the first moment.
    pub beta1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
    /// Decoupled weight decay, multiplied by the learning rate.
    pub weight_decay: f32,
    /// Factor on the gradient, from clipping by the global norm.
    pub clip: f32,
}

/// The weight, values and moments after [`MaskedUpdateOps::masked_adamw`], as backend primitives: weight, values,
/// first moment, second moment, age.
pub type Updated<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

/// Moments of the masked entries of one weight, each `[k]`.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Running mean of the gradient.
    pub first: Tensor<1>,
    /// Running mean of the squared gradient.
    pub second: Tensor<1>,
    /// Steps since the entry entered the mask: bias correction is an entry's own, so that an entry which
    /// enters late is not stepped with the nearly finished correction of the others.
    pub age: Tensor<1>,
}

/// Backends that can run the fused masked update.
#[backend_extension(Flex: cfg(feature = "flex"))]
pub trait MaskedUpdateOps: Backend {
    /// One AdamW step. `weight` has any shape; `indices` (sorted, unique, flat), `values`, `gradient` and the moments
    /// are `[k]`. With `g = clip · gradient` and `t = age + 1`:
    /// `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `w ← w − lr (m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε) + λw)`.
    #[allow(clippy::too_many_arguments, reason = "one launch takes every buffer it touches")]
    fn masked_adamw(
        weight: FloatTensor<Self>,
        values: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        age: FloatTensor<Self>,
        indices: IntTensor<Self>,
        step: AdamW,
    ) -> Updated<Self> {
        reference::masked_adamw::<Self>(weight, values, gradient, first, second, age, indices, step)
    }
}

/// One AdamW step of `values` (`[k]`), written through to `weight[indices]`. In place where the caller holds the only
/// handle to a buffer. Tensors are on a device without autodiff.
pub fn masked_adamw<const D: usize>(
    weight: Tensor<D>,
    values: Tensor<1>,
    gradient: Tensor<1>,
    moments: Moments,
    indices: Tensor<1, Int>,
    step: AdamW,
) -> (Tensor<D>, Tensor<1>, Moments) {
    wrap(Dispatch::masked_adamw(
        weight.into_dispatch(),
        values.into_dispatch(),
        gradient.into_dispatch(),
        moments.first.into_dispatch(),
        moments.second.into_dispatch(),
        moments.age.into_dispatch(),
        indices.into_dispatch(),
        step,
    ))
}

/// [`masked_adamw`] made of stock tensor operations: the expectation of every kernel.
pub fn masked_adamw_reference<const D: usize>(
    weight: Tensor<D>,
    values: Tensor<1>,
    gradient: Tensor<1>,
    moments: Moments,
    indices: Tensor<1, Int>,
    step: AdamW,
) -> (Tensor<D>, Tensor<1>, Moments) {
    wrap(reference::masked_adamw::<Dispatch>(
        weight.into_dispatch(),
        values.into_dispatch(),
        gradient.into_dispatch(),
        moments.first.into_dispatch(),
        moments.second.into_dispatch(),
        moments.age.into_dispatch(),
        indices.into_dispatch(),
        step,
    ))
}

fn wrap<const D: usize>(
    (weight, values, first, second, age): Updated<Dispatch>,
) -> (Tensor<D>, Tensor<1>, Moments) {
    let moments = Moments {
        first: Tensor::from_dispatch(first),
        second: Tensor::from_dispatch(second),
        age: Tensor::from_dispatch(age),
    };
    (Tensor::from_dispatch(weight), Tensor::from_dispatch(values), moments)
}
