//! The dense update made of stock backend operations.

use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{FloatDType, Shape};

use super::{DenseBuffers, DenseStepped};
use crate::Step;
use crate::masked_update::reference::{moved, scale};

pub(super) fn dense_update<B: Backend>(buffers: DenseBuffers<B>, step: Step) -> DenseStepped<B> {
    let DenseBuffers { weight, gradient, first, second, age } = buffers;
    let (shape, narrow) = (weight.shape(), FloatDType::from(weight.dtype()));
    let wide = FloatDType::from(first.dtype());
    let flat = B::float_cast(B::float_reshape(weight, Shape::from([shape.num_elements()])), wide);
    let (values, first, second, age) =
        moved::<B>(flat.clone(), B::float_cast(gradient, wide), first, second, age, step);
    let values = B::float_cast(values, narrow);
    // Zero times a number is zero, zero times NaN or an infinite value is NaN.
    let check = B::float_sum(scale::<B>(B::float_cast(values.clone(), wide), 0.0));
    DenseStepped { weight: B::float_reshape(values, shape), previous: flat, first, second, age, check }
}
