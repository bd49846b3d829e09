//! Narrow floats (bf16): matrix products are left in them, sums, exponentials and squares are not.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{DType, FloatDType};

/// The tensor in f32.
pub(crate) fn to_f32<B: Backend>(tensor: FloatTensor<B>) -> FloatTensor<B> {
    cast::<B>(tensor, DType::F32)
}

/// The tensor in the float type `dtype`; itself where it is of that type.
pub(crate) fn cast<B: Backend>(tensor: FloatTensor<B>, dtype: DType) -> FloatTensor<B> {
    if tensor.dtype() == dtype { tensor } else { B::float_cast(tensor, FloatDType::from(dtype)) }
}
