//! The sampled weight gradient on the pure Rust CPU backend.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{MaskedLinearOps, gathered_weight_gradient};
use crate::integers::integers;
use crate::transpose::transposed;
use crate::vector::{dot, vectorized};

/// Entries a thread takes at a time: enough work to be worth a task, few enough to balance.
const CHUNK: usize = 512;

impl MaskedLinearOps for Flex {
    fn sampled_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        indices: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        let at = integers(&indices).filter(|_| x.dtype() == DType::F32 && g.dtype() == DType::F32);
        let Some(at) = at else { return gathered_weight_gradient::<Self>(x, g, indices) };
        let [tokens, columns] = g.shape().dims();
        // One row of tokens for each input and each output feature: a dot product then reads both in order, and sorted
        // entries share the row of x.
        let (x, g) = (transposed(x), transposed(g));
        let mut gradient = vec![0.0f32; at.len()];
        sampled(&x, &g, tokens, &at, columns, &mut gradient);
        FlexTensor::from_data(TensorData::new(gradient, [at.len()]))
    }
}

/// Adds `Σ_t rows[i, t] · columns[j, t]` to the gradient of each entry (i, j), which stands at the flat position `i · width + j`.
pub(crate) fn sampled(
    rows: &[f32],
    columns: &[f32],
    tokens: usize,
    at: &[u32],
    width: usize,
    gradient: &mut [f32],
) {
    gradient.par_chunks_mut(CHUNK).zip(at.par_chunks(CHUNK)).for_each(|(gradient, at)| {
        vectorized(|| {
            for (sum, &index) in gradient.iter_mut().zip(at) {
                let (i, j) = (index as usize / width, index as usize % width);
                *sum += dot(&rows[i * tokens..][..tokens], &columns[j * tokens..][..tokens]);
            }
        });
    });
}
