//! Squared gradients of the output layer made of stock backend operations, one sample after the other.

use std::collections::BTreeMap;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{FloatDType, IndexingUpdateOp, Shape, Slice, TensorData};

use super::SampleRows;
use crate::OutputLayout;
use crate::linear_cross_entropy::table;
use crate::precision::{cast, to_f32};

pub(super) fn cross_entropy_squares<B: Backend>(
    x: &FloatTensor<B>,
    weight: &FloatTensor<B>,
    targets: &IntTensor<B>,
    token_weights: &FloatTensor<B>,
    samples: Vec<SampleRows>,
    layout: OutputLayout,
) -> FloatTensor<B> {
    let (device, dtype) = (weight.device(), FloatDType::F32);
    let mut sum = B::float_zeros(weight.shape(), &device, dtype);
    let mut start = 0;
    for SampleRows { tokens, elsewhere } in samples {
        let own = [Slice::from(start..start + tokens)];
        start += tokens;
        let x = B::float_slice(x.clone(), &own);
        let columns = B::float_swap_dims(table::<B>(weight.clone(), layout), 0, 1);
        let p = B::softmax(to_f32::<B>(B::float_matmul(x.clone(), columns)), 1);
        let column = Shape::from([tokens, 1]);
        let targets = B::int_reshape(B::int_slice(targets.clone(), &own), column.clone());
        let minus_one = B::float_neg(B::float_ones(column.clone(), &device, dtype));
        let g = B::float_scatter(1, p, targets, minus_one, IndexingUpdateOp::Add);
        let g = B::float_mul(g, B::float_reshape(B::float_slice(token_weights.clone(), &own), column));
        let g = cast::<B>(g, x.dtype());
        let gradient = match layout {
            OutputLayout::Table => B::float_matmul(B::float_swap_dims(g, 0, 1), x),
            OutputLayout::Linear => B::float_matmul(B::float_swap_dims(x, 0, 1), g),
        };
        let gradient = add::<B>(to_f32::<B>(gradient), &elsewhere, layout);
        sum = B::float_add(sum, B::float_mul(gradient.clone(), gradient));
    }
    sum
}

/// Adds the vectors `elsewhere` to the gradient of their pieces.
fn add<B: Backend>(
    gradient: FloatTensor<B>,
    elsewhere: &BTreeMap<u32, Vec<f32>>,
    layout: OutputLayout,
) -> FloatTensor<B> {
    let Some(width) = elsewhere.values().next().map(Vec::len) else { return gradient };
    let device = gradient.device();
    let ids: Vec<i32> = elsewhere.keys().map(|&id| id as i32).collect();
    let values: Vec<f32> = elsewhere.values().flatten().copied().collect();
    let ids = B::int_from_data(TensorData::new(ids, [elsewhere.len()]), &device);
    let rows = B::float_from_data(TensorData::new(values, [elsewhere.len(), width]), &device);
    match layout {
        OutputLayout::Table => B::float_select_assign(gradient, 0, ids, rows, IndexingUpdateOp::Add),
        OutputLayout::Linear => {
            let columns = B::float_swap_dims(rows, 0, 1);
            B::float_select_assign(gradient, 1, ids, columns, IndexingUpdateOp::Add)
        }
    }
}
