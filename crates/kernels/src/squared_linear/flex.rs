//! Squared gradients on the pure Rust CPU backend: each sample's is squared and added in one pass.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{SquaredLinearOps, squared_sum};
use crate::product::flex::product_alone;
use crate::vector::vectorized;

/// Rows of a gradient that a thread takes at a time.
const ROWS: usize = 128;
/// Columns of them that it computes before they are squared: few enough to stay in its cache.
// 128 × 512 numbers are 256 KB: a block of a gradient and the sums that it is added to fit into a second cache.
const COLUMNS: usize = 512;

impl SquaredLinearOps for Flex {
    fn squared_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        samples: usize,
    ) -> FloatTensor<Self> {
        if x.dtype() != DType::F32 || g.dtype() != DType::F32 {
            return squared_sum::<Self>(&x, &g, samples);
        }
        let length = x.shape()[0].checked_div(samples).unwrap_or(0);
        let (inputs, outputs) = (x.shape()[1], g.shape()[1]);
        let mut sum = vec![0.0f32; inputs * outputs];
        sum.par_chunks_mut((ROWS * outputs).max(1)).enumerate().for_each(|(block, sum)| {
            let rows = sum.len() / outputs;
            // Columns outside, samples inside: the sums of a block stay in the cache while every sample is added to
            // them. A thread owns its rows and takes the samples in order, so that nothing is locked and the result
            // does not depend on how many threads there are.
            for (first, sample) in
                (0..outputs).step_by(COLUMNS).flat_map(|c| (0..samples).map(move |s| (c, s)))
            {
                let columns = COLUMNS.min(outputs - first);
                let x = x.narrow(0, sample * length, length).narrow(1, block * ROWS, rows);
                let g = g.narrow(0, sample * length, length).narrow(1, first, columns);
                // By this thread alone: the blocks are shared out among all of them already.
                let gradient = product_alone(x.transpose(0, 1), g);
                let sums = sum.chunks_exact_mut(outputs).map(|row| &mut row[first..first + columns]);
                for (sum, gradient) in sums.zip(gradient.storage::<f32>().chunks_exact(columns)) {
                    add_squares(sum, gradient);
                }
            }
        });
        FlexTensor::from_data(TensorData::new(sum, [inputs, outputs]))
    }
}

/// Adds the square of each entry of `gradient` to `sum`.
pub(crate) fn add_squares(sum: &mut [f32], gradient: &[f32]) {
    vectorized(|| {
        for (sum, gradient) in sum.iter_mut().zip(gradient) {
            *sum += gradient * gradient;
        }
    });
}
