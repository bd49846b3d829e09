//! The product made of stock backend operations.

use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;

use crate::OutputLayout;

pub(super) fn thin_product<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    layout: OutputLayout,
) -> FloatTensor<B> {
    B::float_matmul(
        x,
        match layout {
            OutputLayout::Table => B::float_swap_dims(weight, 0, 1),
            OutputLayout::Linear => weight,
        },
    )
}
