//! Root mean square normalization on the pure Rust CPU backend: a row is read from memory once.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{NormGradients, RmsNormOps, reference};
use crate::backend::flex::contiguous;
use crate::vector::{dot, vectorized};

/// Rows that a thread takes at a time. A constant: the order of additions depends on it.
const ROWS: usize = 32;

impl RmsNormOps for Flex {
    fn rms_norm(x: FloatTensor<Self>, factors: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self> {
        let Some(rows) = rows_of_each(&[&x, &factors]) else {
            return reference::rms_norm::<Self>(x, factors, epsilon);
        };
        let width = x.shape()[1];
        let (mut x, factors) = (contiguous(x), contiguous(factors));
        let (values, factors): (&mut [f32], &[f32]) = (x.storage_mut(), factors.storage());
        values.par_chunks_mut(rows * width).zip(factors.par_chunks(width)).for_each(|(x, factors)| {
            x.par_chunks_mut(ROWS * width).for_each(|x| {
                vectorized(|| {
                    for x in x.chunks_exact_mut(width) {
                        let r = scale(x, epsilon);
                        for (x, factor) in x.iter_mut().zip(factors) {
                            *x = *x * r * factor;
                        }
                    }
                });
            });
        });
        x
    }

    fn rms_norm_gradients(
        x: FloatTensor<Self>,
        factors: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        epsilon: f64,
    ) -> NormGradients<Self> {
        let Some(rows) = rows_of_each(&[&x, &factors, &gradient]) else {
            return reference::rms_norm_gradients::<Self>(x, factors, gradient, epsilon);
        };
        let [groups, width] = factors.shape().dims();
        let (x, factors, mut gradient) = (contiguous(x), contiguous(factors), contiguous(gradient));
        let (x, factors): (&[f32], &[f32]) = (x.storage(), factors.storage());
        let g: &mut [f32] = gradient.storage_mut();
        let groups_of = g.par_chunks_mut(rows * width).zip(x.par_chunks(rows * width));
        let of_factors = groups_of.zip(factors.par_chunks(width)).flat_map_iter(|((g, x), factors)| {
            let chunks = g.par_chunks_mut(ROWS * width).zip(x.par_chunks(ROWS * width));
            let parts: Vec<Vec<f32>> = chunks.map(|(g, x)| chunk(g, x, factors, epsilon)).collect();
            let mut sum = vec![0.0f32; width];
            for part in parts {
                sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
            sum
        });
        let of_factors: Vec<f32> = of_factors.collect();
        let factors = FlexTensor::from_data(TensorData::new(of_factors, [groups, width]));
        NormGradients { x: gradient, factors }
    }
}

/// How many rows each group of factors is for; `None` for other types than f32 and for nothing at all. `tensors` are the rows and the factors.
fn rows_of_each(tensors: &[&FlexTensor]) -> Option<usize> {
    let (rows, groups) = (tensors[0].shape()[0], tensors[1].shape()[0]);
    let entries = rows * tensors[0].shape()[1];
    (entries > 0 && tensors.iter().all(|t| t.dtype() == DType::F32)).then(|| rows / groups)
}

/// Replaces the gradients `g` of some rows by those of `x`; gives their part of the gradient of the factors.
fn chunk(g: &mut [f32], x: &[f32], factors: &[f32], epsilon: f64) -> Vec<f32> {
    let width = factors.len();
    let mut of_factors = vec![0.0f32; width];
    vectorized(|| {
        for (g, x) in g.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
            let r = scale(x, epsilon);
            for ((sum, g), x) in of_factors.iter_mut().zip(&mut *g).zip(x) {
                *sum += *g * x * r;
            }
            for (g, factor) in g.iter_mut().zip(factors) {
                *g *= factor;
            }
            let mean = r * r * dot(g, x) / width as f32;
            for (g, x) in g.iter_mut().zip(x) {
                *g = r * (*g - x * mean);
            }
        }
    });
    of_factors
}

/// `1 / √(mean x² + ε)`.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn scale(x: &[f32], epsilon: f64) -> f32 {
    1.0 / (dot(x, x) / x.len() as f32 + epsilon as f32).sqrt()
}
