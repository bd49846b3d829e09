//! The fused update of a weight that is trained as a whole: one optimizer step, in place, without a list of positions or a second copy of
//! the values.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;
mod reference;
#[cfg(any(feature = "flex", feature = "tch"))]
mod slices;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType, backend_extension};
use burn::tensor::Tensor;

use crate::{Moments, Step};

/// What [`DenseUpdateOps::dense_update`] steps, as backend primitives. The weight has n entries.
#[derive(ExtensionType)]
pub struct DenseBuffers<B: Backend> {
    /// The weight, of any shape.
    pub weight: FloatTensor<B>,
    /// The gradient in f32, `[n]`.
    pub gradient: FloatTensor<B>,
    /// First moments, `[n]`.
    pub first: FloatTensor<B>,
    /// Second moments, `[n]`.
    pub second: FloatTensor<B>,
    /// Steps so far, `[1]`.
    pub age: FloatTensor<B>,
}

/// What it leaves, as backend primitives: [`DenseUpdate`] says what each is.
#[derive(ExtensionType)]
pub struct DenseStepped<B: Backend> {
    /// The weight, of its shape.
    pub weight: FloatTensor<B>,
    /// `[n]`.
    pub previous: FloatTensor<B>,
    /// First moments, `[n]`.
    pub first: FloatTensor<B>,
    /// Second moments, `[n]`.
    pub second: FloatTensor<B>,
    /// Steps so far, `[1]`.
    pub age: FloatTensor<B>,
    /// `[1]`.
    pub check: FloatTensor<B>,
}

/// What an update leaves.
#[derive(Debug)]
pub struct DenseUpdate<const D: usize> {
    /// The weight after the step.
    pub weight: Tensor<D>,
    /// The values before it in f32, `[n]`, in the memory of the gradient, which nobody needs any more.
    pub previous: Tensor<1>,
    /// The moments after it.
    pub moments: Moments,
    /// `[1]`, 0 if all new values are finite, else NaN: a number on the device, so that many updates are waited for together.
    pub check: Tensor<1>,
}

/// Backends that can run the fused dense update.
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch")
)]
pub trait DenseUpdateOps: Backend {
    /// One [`Step`] of every entry.
    fn dense_update(#[extension_type] buffers: DenseBuffers<Self>, step: Step) -> DenseStepped<Self> {
        reference::dense_update::<Self>(buffers, step)
    }
}

/// One step of every entry of `weight`, whose gradient is `gradient` (f32, `[n]`). The entries are of one age, so that
/// `moments.age` is `[1]`. In place where the caller holds the only handle to a buffer. Tensors are on a device without autodiff; the
/// weight may be of a narrower float type than gradient and moments.
pub fn dense_update<const D: usize>(
    weight: Tensor<D>,
    gradient: Tensor<1>,
    moments: Moments,
    step: Step,
) -> DenseUpdate<D> {
    wrap(Dispatch::dense_update(unwrap(weight, gradient, moments), step))
}

/// [`dense_update`] made of stock tensor operations: the expectation of every kernel.
pub fn dense_update_reference<const D: usize>(
    weight: Tensor<D>,
    gradient: Tensor<1>,
    moments: Moments,
    step: Step,
) -> DenseUpdate<D> {
    wrap(reference::dense_update::<Dispatch>(unwrap(weight, gradient, moments), step))
}

fn unwrap<const D: usize>(
    weight: Tensor<D>,
    gradient: Tensor<1>,
    moments: Moments,
) -> DenseBuffers<Dispatch> {
    DenseBuffers {
        weight: weight.into_dispatch(),
        gradient: gradient.into_dispatch(),
        first: moments.first.into_dispatch(),
        second: moments.second.into_dispatch(),
        age: moments.age.into_dispatch(),
    }
}

fn wrap<const D: usize>(stepped: DenseStepped<Dispatch>) -> DenseUpdate<D> {
    DenseUpdate {
        weight: Tensor::from_dispatch(stepped.weight),
        previous: Tensor::from_dispatch(stepped.previous),
        moments: Moments {
            first: Tensor::from_dispatch(stepped.first),
            second: Tensor::from_dispatch(stepped.second),
            age: Tensor::from_dispatch(stepped.age),
        },
        check: Tensor::from_dispatch(stepped.check),
    }
}
