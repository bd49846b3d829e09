//! The sampled weight gradient on the pure Rust CPU backend.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, Shape};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{MaskedLinearOps, gathered_weight_gradient};

/// Entries a thread takes at a time: enough work to be worth a task, few enough to balance.
const CHUNK: usize = 512;

impl MaskedLinearOps for Flex {
    fn sampled_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        indices: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        if x.dtype() != DType::F32 || g.dtype() != DType::F32 || indices.dtype() != DType::I32 {
            return gathered_weight_gradient::<Self>(x, g, indices);
        }
        let columns = g.shape()[2];
        // One row of tokens for each input and each output feature: a dot product then reads both in order, and sorted
        // entries share the row of x.
        let (x, g, indices) = (by_feature(&x), by_feature(&g), indices.to_contiguous());
        let tokens = x.shape()[1];
        let (xs, gs, at): (&[f32], &[f32], &[i32]) = (x.storage(), g.storage(), indices.storage());
        let mut gradient = vec![0.0f32; at.len()];
        gradient.par_chunks_mut(CHUNK).zip(at.par_chunks(CHUNK)).for_each(|(gradient, at)| {
            for (sum, &index) in gradient.iter_mut().zip(at) {
                let (i, j) = (index as usize / columns, index as usize % columns);
                *sum = dot(&xs[i * tokens..][..tokens], &gs[j * tokens..][..tokens]);
            }
        });
        FlexTensor::from_data(burn::tensor::TensorData::new(gradient, [at.len()]))
    }
}

/// `[batch, length, features]` as a contiguous `[features, batch · length]`.
fn by_feature(tensor: &FlexTensor) -> FlexTensor {
    let shape = tensor.shape();
    let (tokens, features) = (shape[0] * shape[1], shape[2]);
    let flat = tensor.to_contiguous().reshape(Shape::from([tokens, features]));
    flat.transpose(0, 1).to_contiguous()
}

/// In lanes, so that the compiler uses vector registers; the order of additions is fixed.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0f32; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a_lanes.remainder().iter().zip(b_lanes.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_lanes.zip(b_lanes) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}
