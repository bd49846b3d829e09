//! Root mean square normalization made of stock backend operations.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::Shape;

use super::NormGradients;
use crate::precision::{cast, to_f32};

/// `[tokens, width]` as `[groups, tokens of each, width]`.
fn grouped<B: Backend>(x: FloatTensor<B>, groups: usize) -> FloatTensor<B> {
    let [tokens, width] = x.shape().dims();
    B::float_reshape(x, Shape::from([groups, tokens / groups.max(1), width]))
}

/// `[groups, width]` as `[groups, 1, width]`.
fn alone<B: Backend>(factors: FloatTensor<B>) -> FloatTensor<B> {
    let [groups, width] = factors.shape().dims();
    B::float_reshape(factors, Shape::from([groups, 1, width]))
}

/// `1 / √(mean x² + ε)` over the last of three dimensions.
fn scale<B: Backend>(x: &FloatTensor<B>, epsilon: f64) -> FloatTensor<B> {
    let square = B::float_mean_dim(B::float_mul(x.clone(), x.clone()), 2);
    B::float_recip(B::float_sqrt(B::float_add_scalar(square, epsilon.into())))
}

pub(super) fn rms_norm<B: Backend>(
    x: FloatTensor<B>,
    factors: FloatTensor<B>,
    epsilon: f64,
) -> FloatTensor<B> {
    let (shape, dtype) = (x.shape(), x.dtype());
    let x = grouped::<B>(to_f32::<B>(x), factors.shape()[0]);
    let r = scale::<B>(&x, epsilon);
    let y = B::float_mul(B::float_mul(x, r), alone::<B>(to_f32::<B>(factors)));
    cast::<B>(B::float_reshape(y, shape), dtype)
}

pub(super) fn rms_norm_gradients<B: Backend>(
    x: FloatTensor<B>,
    factors: FloatTensor<B>,
    gradient: FloatTensor<B>,
    epsilon: f64,
) -> NormGradients<B> {
    let (shape, of_factors) = (x.shape(), factors.shape());
    let (x_dtype, factors_dtype) = (x.dtype(), factors.dtype());
    let [x, g] = [x, gradient].map(|t| grouped::<B>(to_f32::<B>(t), of_factors[0]));
    let r = scale::<B>(&x, epsilon);
    let unit = B::float_mul(x, r.clone());
    let of_unit = B::float_mul(g.clone(), alone::<B>(to_f32::<B>(factors)));
    let mean = B::float_mean_dim(B::float_mul(of_unit.clone(), unit.clone()), 2);
    let of_x = B::float_mul(B::float_sub(of_unit, B::float_mul(unit.clone(), mean)), r);
    let of_each = B::float_sum_dim(B::float_mul(g, unit), 1);
    NormGradients {
        x: cast::<B>(B::float_reshape(of_x, shape), x_dtype),
        factors: cast::<B>(B::float_reshape(of_each, of_factors), factors_dtype),
    }
}
