//! Products of a few rows on the pure Rust CPU backend. A general product first packs the weight into a copy, which takes longer than
//! the product itself where there are few rows.

mod linear;
mod table;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{ThinProductOps, reference};
use crate::OutputLayout;
use crate::backend::flex::contiguous;
use crate::transpose::transposed;
use linear::Stripe;
use table::Dots;

/// From so many rows on a general product is faster.
const ROWS: usize = 24;
/// A product of fewer multiplications is not worth a second thread.
const WORTH_A_THREAD: usize = 1 << 19;
/// Rows of a table that a thread takes at a time.
const OUTPUTS: usize = 256;
/// Columns of a weight that a thread takes at a time.
const COLUMNS: usize = 256;

impl ThinProductOps for Flex {
    fn thin_product(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        let [rows, width] = x.shape().dims();
        // A weight on its side would first have to be copied into order, and to spare that copy is the point here.
        let known = x.dtype() == DType::F32 && weight.dtype() == DType::F32 && weight.is_contiguous();
        if !known || width == 0 || !(1..ROWS).contains(&rows) {
            return reference::thin_product::<Self>(x, weight, layout);
        }
        let (x, weight) = (contiguous(x), contiguous(weight));
        match layout {
            OutputLayout::Linear => linear(&x, &weight),
            OutputLayout::Table => table(&x, &weight),
        }
    }
}

/// Of `[rows, width]` and `[width, outputs]`. The order of additions of a result does not depend on how many threads there are.
fn linear(x: &FlexTensor, weight: &FlexTensor) -> FlexTensor {
    let [rows, width] = x.shape().dims();
    let [_, outputs] = weight.shape().dims();
    let (x, weight): (&[f32], &[f32]) = (x.storage(), weight.storage());
    // Stripes of columns: each thread reads its own part of the weight, and nobody adds to another's sums. COLUMNS is
    // a multiple of every vector's tile, so that cutting does not change which columns are computed in vectors.
    let share = if rows * weight.len() < WORTH_A_THREAD { outputs } else { COLUMNS };
    let part = |first: usize| {
        let columns = share.min(outputs - first);
        let mut sums = vec![0.0f32; rows * columns];
        pulp::Arch::new().dispatch(Stripe { x, width, weight, outputs, first, sums: &mut sums, columns });
        (first, columns, sums)
    };
    let firsts: Vec<usize> = (0..outputs).step_by(share.max(1)).collect();
    if let [first] = firsts[..] {
        return floats(part(first).2, [rows, outputs]);
    }
    // A stripe is not one piece of the result's memory, so each has sums of its own. With few rows a copy costs
    // little.
    let mut all = vec![0.0f32; rows * outputs];
    for (first, columns, sums) in firsts.into_par_iter().map(part).collect::<Vec<_>>() {
        for (to, from) in all.chunks_exact_mut(outputs).zip(sums.chunks_exact(columns)) {
            to[first..first + columns].copy_from_slice(from);
        }
    }
    floats(all, [rows, outputs])
}

/// Of `[rows, width]` and `[outputs, width]`.
fn table(x: &FlexTensor, weight: &FlexTensor) -> FlexTensor {
    let [rows, width] = x.shape().dims();
    let [outputs, _] = weight.shape().dims();
    let (x, weight): (&[f32], &[f32]) = (x.storage(), weight.storage());
    // Outputs first, so that what a thread writes is one piece of memory. Turning it costs little with few rows.
    let mut by_output = vec![0.0f32; outputs * rows];
    let blocks = by_output.par_chunks_mut(OUTPUTS * rows).zip(weight.par_chunks(OUTPUTS * width));
    blocks.for_each(|(to, table)| pulp::Arch::new().dispatch(Dots { x, table, width, to }));
    floats(transposed(&by_output, rows), [rows, outputs])
}

fn floats<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
