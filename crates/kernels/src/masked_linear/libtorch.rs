//! The sampled weight gradient on LibTorch: on the processor by the same kernel as in pure Rust, on copies of the activations; on a GPU
//! the dense gradient costs less.

use burn::backend::LibTorch;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_tch::TchTensor;
use rayon::prelude::*;
use tch::Tensor;

use super::sampled::sampled;
use super::{MaskedLinearOps, gathered_weight_gradient};
use crate::backend::libtorch::{floats, integers, within_reach};
use crate::transpose::OnItsSide;

/// Tokens whose activations are copied at once: the copies stay in the second cache. A constant: the order of additions depends on it.
const TOKENS: i64 = 128;

impl MaskedLinearOps for LibTorch {
    fn sampled_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        indices: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        if !within_reach(&[&x, &g]) {
            return gathered_weight_gradient::<Self>(x, g, indices);
        }
        let [tokens, outputs] = [0, 1].map(|dim| g.tensor.size()[dim]);
        let at = integers(&indices.tensor);
        let part = |start: i64| {
            let count = TOKENS.min(tokens - start);
            let (x, g) = (by_feature(&x, start, count), by_feature(&g, start, count));
            let mut gradient = vec![0.0f32; at.len()];
            sampled(x.rows(), g.rows(), &at, outputs as usize, &mut gradient);
            gradient
        };
        let starts: Vec<i64> = (0..tokens).step_by(TOKENS as usize).collect();
        let parts: Vec<Vec<f32>> = starts.into_par_iter().map(part).collect();
        let mut gradient = vec![0.0f32; at.len()];
        // In the order of the tokens, whichever part was done first: the result depends on the order of additions.
        for part in parts {
            gradient.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        TchTensor::new(Tensor::from_slice(&gradient))
    }
}

/// The `count` rows of tokens from `start` on of `[tokens, features]` as `[features, count]`.
fn by_feature(rows: &TchTensor, start: i64, count: i64) -> OnItsSide {
    let rows = rows.tensor.narrow(0, start, count);
    OnItsSide::new(&floats(&rows), rows.size()[1] as usize)
}
