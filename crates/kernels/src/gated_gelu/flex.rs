//! The gate on the pure Rust CPU backend: one pass forwards, one backwards.

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::DType;
use rayon::prelude::*;

use super::{CUBE, GateGradients, GatedGeluOps, SCALE, reference};
use crate::backend::flex::contiguous;
use crate::dropout::counted::{CHUNK, Keep};
use crate::vector::{exp, vectorized};

impl GatedGeluOps for Flex {
    fn gated_gelu(gate: FloatTensor<Self>, x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        if gate.dtype() != DType::F32 || x.dtype() != DType::F32 {
            return reference::gated_gelu::<Self>(gate, x, rate, seed);
        }
        let (gate, mut x) = (contiguous(gate), contiguous(x));
        let keep = Keep::new(rate, seed);
        let (gates, entries): (&[f32], &mut [f32]) = (gate.storage(), x.storage_mut());
        entries.par_chunks_mut(CHUNK).zip(gates.par_chunks(CHUNK)).enumerate().for_each(
            |(chunk, (entries, gates))| {
                let first = (chunk * CHUNK) as u32;
                vectorized(|| {
                    for (i, (entry, &a)) in entries.iter_mut().zip(gates).enumerate() {
                        let y = a * share(tanh(a)) * *entry;
                        *entry = if keep.at(first + i as u32) { y * keep.scale } else { 0.0 };
                    }
                });
            },
        );
        x
    }

    fn gated_gelu_gradients(
        gate: FloatTensor<Self>,
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> GateGradients<Self> {
        if [&gate, &x, &gradient].iter().any(|t| t.dtype() != DType::F32) {
            return reference::gated_gelu_gradients::<Self>(gate, x, gradient);
        }
        let [mut gate, x, mut gradient] = [gate, x, gradient].map(contiguous);
        let xs: &[f32] = x.storage();
        let (gates, gs): (&mut [f32], &mut [f32]) = (gate.storage_mut(), gradient.storage_mut());
        let chunks = gates.par_chunks_mut(CHUNK).zip(gs.par_chunks_mut(CHUNK)).zip(xs.par_chunks(CHUNK));
        chunks.for_each(|((gates, gs), xs)| {
            vectorized(|| {
                for ((a, g), x) in gates.iter_mut().zip(gs).zip(xs) {
                    let t = tanh(*a);
                    let inner = SCALE + 3.0 * SCALE * CUBE * *a * *a;
                    let derivative = share(t) + 0.5 * *a * (1.0 - t * t) * inner;
                    let of_x = *g * *a * share(t);
                    *a = *g * x * derivative;
                    *g = of_x;
                }
            });
        });
        GateGradients { gate, x: gradient }
    }
}

/// `tanh(√(2/π) (a + 0.044715 a³))`.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn tanh(a: f32) -> f32 {
    let u = a * (SCALE + SCALE * CUBE * a * a);
    let e = exp(-2.0 * u.abs());
    ((1.0 - e) / (1.0 + e)).copysign(u)
}

/// `(1 + t) / 2`.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn share(t: f32) -> f32 {
    0.5 * (1.0 + t)
}
