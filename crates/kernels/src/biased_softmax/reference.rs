//! Attention weights made of stock backend operations.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};

pub(super) fn biased_softmax<B: Backend>(scores: FloatTensor<B>, bias: FloatTensor<B>) -> FloatTensor<B> {
    let last = scores.shape().num_dims() - 1;
    B::softmax(B::float_add(scores, bias), last)
}

pub(super) fn softmax_gradient<B: Backend>(
    weights: FloatTensor<B>,
    gradient: FloatTensor<B>,
) -> FloatTensor<B> {
    let last = weights.shape().num_dims() - 1;
    let mean = B::float_sum_dim(B::float_mul(weights.clone(), gradient.clone()), last);
    B::float_mul(weights, B::float_sub(gradient, mean))
}
