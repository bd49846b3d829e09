//! The fused masked update: one optimizer step of compact values, scattered into the dense weight.

pub(crate) mod counters;
#[cfg(feature = "cube")]
mod cube;
#[cfg(any(feature = "flex", feature = "tch"))]
mod entries;
#[cfg(feature = "flex")]
pub(crate) mod flex;
#[cfg(feature = "tch")]
pub(crate) mod libtorch;
pub(crate) mod reference;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, ExtensionType, backend_extension};
use burn::tensor::{Int, Tensor};

/// One step of an optimizer. With the clipped gradient `g` and what the [`Rule`] makes of it, the direction `d`:
/// `w ← w − learning_rate (d + weight_decay w)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Learning rate of this weight in this step, all scalings included.
    pub learning_rate: f32,
    /// Decoupled weight decay, multiplied by the learning rate.
    pub weight_decay: f32,
    /// Factor on the gradient, from clipping by the global norm.
    pub clip: f32,
    /// How the direction follows from the gradient.
    pub rule: Rule,
}

/// How a direction `d` follows from a gradient `g`; `t` counts an entry's steps from 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// AdamW (Loshchilov & Hutter, arXiv 1711.05101): `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
    /// `d = m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε)`.
    AdamW {
        /// Decay of the first moment.
        beta1: f32,
        /// Decay of the second moment.
        beta2: f32,
        /// Added to the root of the second moment.
        epsilon: f32,
    },
    /// Adafactor (Shazeer & Stern, arXiv 1804.04235) without factoring or momentum, with its paper's constants: `β = 1 − t^−0.8`,
    /// `v ← βv + (1−β)(g² + 1e-30)`, `u = g/√v`, `d = u / max(1, RMS(u))`, the RMS over the masked entries of the weight. The first
    /// moment holds u.
    Adafactor,
    /// Gradient descent: `m ← momentum · m + g`, `d = m`.
    Sgd {
        /// Decay of the sum of gradients.
        momentum: f32,
    },
}

/// Adafactor's exponent of the second moment's decay.
pub(crate) const DECAY: f32 = -0.8;
/// Added to Adafactor's squares.
// An entry whose first gradient is zero would otherwise step along 0 / √0, which is NaN.
pub(crate) const TINY: f32 = 1e-30;

/// What [`MaskedUpdateOps::masked_update`] reads and writes, as backend primitives.
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
    /// Running mean of the gradient; what it is in other rules than AdamW, [`Rule`] tells.
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
    /// One [`Step`]. `indices` (sorted, unique, flat) and `gradient` are `[k]`.
    fn masked_update(
        #[extension_type] buffers: Buffers<Self>,
        gradient: FloatTensor<Self>,
        indices: IntTensor<Self>,
        step: Step,
    ) -> Buffers<Self> {
        reference::masked_update::<Self>(buffers, gradient, indices, step)
    }
}

/// One step of `values` (`[k]`), written through to `weight[indices]`. In place where the caller holds the only handle to a buffer.
/// Tensors are on a device without autodiff; weight and values may be of a narrower float type than gradient and moments.
pub fn masked_update<const D: usize>(
    weight: Tensor<D>,
    values: Tensor<1>,
    gradient: Tensor<1>,
    moments: Moments,
    indices: Tensor<1, Int>,
    step: Step,
) -> (Tensor<D>, Tensor<1>, Moments) {
    let buffers = unwrap(weight, values, moments);
    wrap(Dispatch::masked_update(buffers, gradient.into_dispatch(), indices.into_dispatch(), step))
}

/// [`masked_update`] made of stock tensor operations: the expectation of every kernel.
pub fn masked_update_reference<const D: usize>(
    weight: Tensor<D>,
    values: Tensor<1>,
    gradient: Tensor<1>,
    moments: Moments,
    indices: Tensor<1, Int>,
    step: Step,
) -> (Tensor<D>, Tensor<1>, Moments) {
    let buffers = unwrap(weight, values, moments);
    let (gradient, indices) = (gradient.into_dispatch(), indices.into_dispatch());
    wrap(reference::masked_update::<Dispatch>(buffers, gradient, indices, step))
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
