//! The gate made of stock backend operations, in f32 between its first and its last.

use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;

use super::{CUBE, GateGradients, SCALE};
use crate::DropoutOps;
use crate::dropout::dropped;
use crate::precision::{cast, to_f32};

/// `tanh(√(2/π) (a + 0.044715 a³))`, and the square of `a`.
fn tanh<B: DropoutOps>(a: &FloatTensor<B>) -> [FloatTensor<B>; 2] {
    let square = B::float_mul(a.clone(), a.clone());
    let factor =
        B::float_add_scalar(B::float_mul_scalar(square.clone(), (SCALE * CUBE).into()), SCALE.into());
    [B::float_tanh(B::float_mul(a.clone(), factor)), square]
}

/// `(1 + t) / 2`.
fn share<B: DropoutOps>(t: FloatTensor<B>) -> FloatTensor<B> {
    B::float_mul_scalar(B::float_add_scalar(t, 1.0.into()), 0.5.into())
}

pub(super) fn gated_gelu<B: DropoutOps>(
    gate: FloatTensor<B>,
    x: FloatTensor<B>,
    rate: f64,
    seed: u64,
) -> FloatTensor<B> {
    let dtype = x.dtype();
    let (gate, x) = (to_f32::<B>(gate), to_f32::<B>(x));
    let [t, _] = tanh::<B>(&gate);
    let y = cast::<B>(B::float_mul(B::float_mul(gate, share::<B>(t)), x), dtype);
    dropped::<B>(y, rate, seed)
}

pub(super) fn gated_gelu_gradients<B: DropoutOps>(
    gate: FloatTensor<B>,
    x: FloatTensor<B>,
    gradient: FloatTensor<B>,
) -> GateGradients<B> {
    let dtype = x.dtype();
    let [gate, x, g] = [gate, x, gradient].map(to_f32::<B>);
    let [t, square] = tanh::<B>(&gate);
    let share = share::<B>(t.clone());
    // 1 − t², times the derivative of what the tangent is of, times a / 2.
    let steepness = B::float_add_scalar(B::float_neg(B::float_mul(t.clone(), t)), 1.0.into());
    let inner = B::float_add_scalar(B::float_mul_scalar(square, (3.0 * SCALE * CUBE).into()), SCALE.into());
    let slope = B::float_mul_scalar(B::float_mul(B::float_mul(steepness, inner), gate.clone()), 0.5.into());
    let derivative = B::float_add(share.clone(), slope);
    let of_x = B::float_mul(g.clone(), B::float_mul(gate, share));
    let of_gate = B::float_mul(B::float_mul(g, x), derivative);
    GateGradients { gate: cast::<B>(of_gate, dtype), x: cast::<B>(of_x, dtype) }
}
