//! The product made of stock backend operations.

use burn::backend::tensor::FloatTensor;

use crate::{OutputLayout, ProductOps};

pub(super) fn thin_product<B: ProductOps>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    layout: OutputLayout,
) -> FloatTensor<B> {
    B::product(
        x,
        match layout {
            OutputLayout::Table => B::float_swap_dims(weight, 0, 1),
            OutputLayout::Linear => weight,
        },
    )
}
