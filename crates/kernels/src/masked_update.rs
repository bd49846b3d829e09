//! The fused masked update: one AdamW step of compact values, scattered into the dense weight.

pub(crate) mod counters;
#[cfg(feature = "cube")]
mod cube;
#[cfg(feature = "flex")]
pub(crate) mod flex;
#[cfg(feature = "tch")]
mod libtorch;
mod reference;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, ExtensionType, backend_extension};
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

/// What [`MaskedUpdateOps::masked_adamw`] reads and writes, as backend primitives.
#[derive(ExtensionType)]
pub struct Buffers<B: Backend> {
    /// The dense weight, of any shape.
    pub weight: FloatTensor<B>,
    /// The masked values, `[k]`.
    pub values: FloatTensor<B>,
    /// First moments, `[k]`.
    pub first: FloatTensor<B>,
    /// Second moments, `[k]`.
    pub second: FloatTensor<B>,
    /// Steps since each entry entered the mask, `[k]`.
    pub age: FloatTensor<B>,
}

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
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch")
)]
pub trait MaskedUpdateOps: Backend {
    /// One AdamW step. `indices` (sorted, unique, flat) and `gradient` are `[k]`. With `g = clip · gradient` and
    /// `t = age + 1`: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
    /// `w ← w − lr (m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε) + λw)`.
    fn masked_adamw(
        #[extension_type] buffers: Buffers<Self>,
        gradient: FloatTensor<Self>,
        indices: IntTensor<Self>,
        step: AdamW,
    ) -> Buffers<Self> {
        reference::masked_adamw::<Self>(buffers, gradient, indices, step)
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
    let buffers = unwrap(weight, values, moments);
    wrap(Dispatch::masked_adamw(buffers, gradient.into_dispatch(), indices.into_dispatch(), step))
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
    let buffers = unwrap(weight, values, moments);
    let (gradient, indices) = (gradient.into_dispatch(), indices.into_dispatch());
    wrap(reference::masked_adamw::<Dispatch>(buffers, gradient, indices, step))
}

fn unwrap<const D: usize>(weight: Tensor<D>, values: Tensor<1>, moments: Moments) -> Buffers<Dispatch> {
    Buffers {
        weight: weight.into_dispatch(),
        values: values.into_dispatch(),
        first: moments.first.into_dispatch(),
        second: moments.second.into_dispatch(),
        age: moments.age.into_dispatch(),
    }
}

fn wrap<const D: usize>(buffers: Buffers<Dispatch>) -> (Tensor<D>, Tensor<1>, Moments) {
    let moments = Moments {
        first: Tensor::from_dispatch(buffers.first),
        second: Tensor::from_dispatch(buffers.second),
        age: Tensor::from_dispatch(buffers.age),
    };
    (Tensor::from_dispatch(buffers.weight), Tensor::from_dispatch(buffers.values), moments)
}
