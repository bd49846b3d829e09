//! Products of a few rows with a weight, as a decoder needs them at every step: the weight is read from memory once, as it lies.

#[cfg(feature = "flex")]
mod flex;
mod reference;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::{OutputLayout, ProductOps};

/// Backends that can run [`thin_product`].
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch")
)]
pub trait ThinProductOps: ProductOps {
    /// `x W` of `x` `[rows, width]`: `[rows, outputs]`.
    fn thin_product(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        reference::thin_product::<Self>(x, weight, layout)
    }
}

/// `x W` of `x` `[rows, width]`: `[rows, outputs]`. `weight` is `[width, outputs]`, or a table `[outputs, width]`; both are on a device without
/// autodiff. Fast where there are few rows, and correct for any number.
pub fn thin_product(x: Tensor<2>, weight: Tensor<2>, layout: OutputLayout) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::thin_product(x.into_dispatch(), weight.into_dispatch(), layout))
}
