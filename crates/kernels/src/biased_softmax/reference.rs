//! Attention weights made of stock backend operations.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};

use crate::precision::{cast, to_f32};

pub(super) fn biased_softmax<B: Backend>(scores: FloatTensor<B>, bias: FloatTensor<B>) -> FloatTensor<B> {
    let last = scores.shape().num_dims() - 1;
    let dtype = scores.dtype();
    cast::<B>(B::softmax(B::float_add(to_f32::<B>(scores), to_f32::<B>(bias)), last), dtype)
}

pub(super) fn softmax_gradient<B: Backend>(
    weights: FloatTensor<B>,
    gradient: FloatTensor<B>,
) -> FloatTensor<B> {
    let (last, dtype) = (weights.shape().num_dims() - 1, weights.dtype());
    let (weights, gradient) = (to_f32::<B>(weights), to_f32::<B>(gradient));
    let mean = B::float_sum_dim(B::float_mul(weights.clone(), gradient.clone()), last);
    cast::<B>(B::float_mul(weights, B::float_sub(gradient, mean)), dtype)
}
