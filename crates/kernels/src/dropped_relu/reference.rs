//! The rectifier with dropout made of stock backend operations.

use burn::backend::tensor::FloatTensor;

use crate::DropoutOps;
use crate::dropout::dropped;

pub(super) fn dropped_relu<B: DropoutOps>(x: FloatTensor<B>, rate: f64, seed: u64) -> FloatTensor<B> {
    dropped::<B>(B::relu(x), rate, seed)
}

pub(super) fn dropped_relu_gradient<B: DropoutOps>(
    y: FloatTensor<B>,
    gradient: FloatTensor<B>,
    rate: f64,
) -> FloatTensor<B> {
    let gradient = B::relu_backward(y, gradient);
    if rate == 0.0 { gradient } else { B::float_mul_scalar(gradient, (1.0 / (1.0 - rate)).into()) }
}
