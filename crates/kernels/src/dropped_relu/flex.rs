//! The rectifier with dropout on the pure Rust CPU backend: one pass over what dropout passes over anyway.

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::DType;
use rayon::prelude::*;

use super::{DroppedReluOps, reference};
use crate::backend::flex::contiguous;
use crate::dropout::counted::{CHUNK, Keep};
use crate::vector::vectorized;

impl DroppedReluOps for Flex {
    fn dropped_relu(x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        if x.dtype() != DType::F32 {
            return reference::dropped_relu::<Self>(x, rate, seed);
        }
        let mut x = contiguous(x);
        let keep = Keep::new(rate, seed);
        let entries: &mut [f32] = x.storage_mut();
        entries.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, entries)| {
            let first = (chunk * CHUNK) as u32;
            vectorized(|| {
                for (i, entry) in entries.iter_mut().enumerate() {
                    // NaN is not below zero: it goes on to the loss, where it is reported.
                    let zero = *entry <= 0.0 || !keep.at(first + i as u32);
                    *entry = if zero { 0.0 } else { *entry * keep.scale };
                }
            });
        });
        x
    }

    fn dropped_relu_gradient(
        y: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        rate: f64,
    ) -> FloatTensor<Self> {
        let scale = (1.0 / (1.0 - rate)) as f32;
        if y.dtype() != DType::F32 || gradient.dtype() != DType::F32 {
            return reference::dropped_relu_gradient::<Self>(y, gradient, rate);
        }
        let (y, mut gradient) = (contiguous(y), contiguous(gradient));
        let (y, g): (&[f32], &mut [f32]) = (y.storage(), gradient.storage_mut());
        g.par_chunks_mut(CHUNK).zip(y.par_chunks(CHUNK)).for_each(|(g, y)| {
            vectorized(|| {
                for (g, &y) in g.iter_mut().zip(y) {
                    *g = if y <= 0.0 { 0.0 } else { *g * scale };
                }
            });
        });
        gradient
    }
}
