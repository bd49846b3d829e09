//! Squared gradients on the pure Rust CPU backend: each sample's is squared and added in one pass.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{SquaredLinearOps, squared_sum};
use crate::ProductOps;
use crate::masked_update::flex::compact;
use crate::vector::vectorized;

/// Entries of a gradient that are computed before they are squared: few enough to stay in the cache.
const BLOCK: usize = 1 << 17;

/// Entries a thread takes at a time.
const CHUNK: usize = 1 << 14;

impl SquaredLinearOps for Flex {
    fn squared_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        samples: usize,
    ) -> FloatTensor<Self> {
        if x.dtype() != DType::F32 || g.dtype() != DType::F32 {
            return squared_sum::<Self>(&x, &g, samples);
        }
        let length = x.shape()[0] / samples;
        let (inputs, outputs) = (x.shape()[1], g.shape()[1]);
        let mut sum = vec![0.0f32; inputs * outputs];
        let rows = (BLOCK / outputs.max(1)).max(1);
        for (block, sum) in sum.chunks_mut(rows * outputs.max(1)).enumerate() {
            let x = x.narrow(1, block * rows, sum.len() / outputs);
            for sample in 0..samples {
                let (x, g) = (x.narrow(0, sample * length, length), g.narrow(0, sample * length, length));
                let gradient = compact(Self::product(x.transpose(0, 1), g));
                add_squares(sum, gradient.storage());
            }
        }
        FlexTensor::from_data(TensorData::new(sum, [inputs, outputs]))
    }
}

/// Adds the square of each entry of `gradient` to `sum`.
pub(crate) fn add_squares(sum: &mut [f32], gradient: &[f32]) {
    sum.par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK)).for_each(|(sum, gradient)| {
        vectorized(|| {
            for (sum, gradient) in sum.iter_mut().zip(gradient) {
                *sum += gradient * gradient;
            }
        });
    });
}
