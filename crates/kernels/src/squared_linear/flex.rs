//! Squared gradients on the pure Rust CPU backend: each sample's is squared and added in one pass.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::tensor::DType;
use rayon::prelude::*;

use super::{SquaredLinearOps, squared_sum};
use crate::masked_update::flex::compact;
use crate::vector::vectorized;

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
        let gradient = |sample: usize| {
            let (x, g) = (x.narrow(0, sample * length, length), g.narrow(0, sample * length, length));
            compact(Self::float_matmul(x.transpose(0, 1), g))
        };
        // The first sample's buffer becomes the sum.
        let mut sum = gradient(0);
        let squares: &mut [f32] = sum.storage_mut();
        squares.par_chunks_mut(CHUNK).for_each(|g| vectorized(|| g.iter_mut().for_each(|g| *g *= *g)));
        for sample in 1..samples {
            add_squares(squares, gradient(sample).storage());
        }
        sum
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
