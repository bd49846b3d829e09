//! The output layer and its cross-entropy made of stock tensor operations: the expectation of every kernel.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{FloatDType, IndexingUpdateOp, Shape};

use super::{LossGradients, OutputGradient, OutputLayout, table};
use crate::MaskedLinearOps;
use crate::masked_linear::gathered_weight_gradient;
use crate::precision::{cast, to_f32};
use crate::product::matrix_transpose;

pub(super) fn token_losses<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    targets: IntTensor<B>,
    layout: OutputLayout,
) -> FloatTensor<B> {
    let tokens = x.shape()[0];
    let scores = B::float_matmul(x, B::float_swap_dims(table::<B>(weight, layout), 0, 1));
    let own = B::float_gather(1, B::log_softmax(to_f32::<B>(scores), 1), column::<B>(targets, tokens));
    B::float_reshape(B::float_neg(own), Shape::from([tokens]))
}

pub(super) fn cross_entropy_gradients<B: MaskedLinearOps>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    indices: IntTensor<B>,
    wanted: OutputGradient,
    targets: IntTensor<B>,
    token_weights: FloatTensor<B>,
    layout: OutputLayout,
) -> LossGradients<B> {
    let tokens = x.shape()[0];
    let device = x.device();
    let table = table::<B>(weight, layout);
    let scores = B::float_matmul(x.clone(), B::float_swap_dims(table.clone(), 0, 1));
    let log_p = B::log_softmax(to_f32::<B>(scores), 1);
    let targets = column::<B>(targets, tokens);
    let own = B::float_gather(1, log_p.clone(), targets.clone());
    let weights = B::float_reshape(token_weights, Shape::from([tokens, 1]));
    let losses = B::float_neg(B::float_mul(own, weights.clone()));
    // ∂L/∂score = c (p − onehot)
    let minus_one = B::float_neg(B::float_ones(Shape::from([tokens, 1]), &device, FloatDType::F32));
    let g = B::float_scatter(1, B::float_exp(log_p), targets, minus_one, IndexingUpdateOp::Add);
    let g = cast::<B>(B::float_mul(g, weights), x.dtype());
    let (rows, columns) = match layout {
        OutputLayout::Table => (g.clone(), x),
        OutputLayout::Linear => (x, g.clone()),
    };
    let values = match wanted {
        OutputGradient::Nothing => B::float_zeros(Shape::from([0]), &device, FloatDType::F32),
        OutputGradient::Entries(_) => gathered_weight_gradient::<B>(rows, columns, indices),
        OutputGradient::All => {
            let dense = B::product(matrix_transpose::<B>(rows), columns);
            let entries = dense.shape().num_elements();
            // In the weight's type, as what an embedding of the same weight adds to it.
            B::float_reshape(dense, Shape::from([entries]))
        }
    };
    LossGradients {
        losses: B::float_reshape(losses, Shape::from([tokens])),
        x: B::float_matmul(g, table),
        values,
    }
}

fn column<B: Backend>(targets: IntTensor<B>, tokens: usize) -> IntTensor<B> {
    B::int_reshape(targets, Shape::from([tokens, 1]))
}
