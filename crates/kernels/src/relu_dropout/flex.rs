//! The gradient of the rectifier and dropout on the pure Rust CPU backend, in place.

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::DType;
use rayon::prelude::*;

use super::{ReluDropoutOps, masked_gradient};
use crate::masked_update::flex::compact;
use crate::vector::vectorized;

/// Entries a thread takes at a time.
const CHUNK: usize = 1 << 14;

impl ReluDropoutOps for Flex {
    fn relu_dropout_gradient(
        y: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        rate: f64,
    ) -> FloatTensor<Self> {
        if y.dtype() != DType::F32 || gradient.dtype() != DType::F32 {
            return masked_gradient::<Self>(y, gradient, rate);
        }
        let scale = (1.0 / (1.0 - rate)) as f32;
        let (y, mut gradient) = (compact(y), compact(gradient));
        let (y, g): (&[f32], &mut [f32]) = (y.storage(), gradient.storage_mut());
        g.par_chunks_mut(CHUNK).zip(y.par_chunks(CHUNK)).for_each(|(g, y)| {
            vectorized(|| {
                for (g, &y) in g.iter_mut().zip(y) {
                    // A NaN is passed on, as that of the rectifier alone is.
                    *g = if y <= 0.0 { 0.0 } else { *g * scale };
                }
            });
        });
        gradient
    }
}
