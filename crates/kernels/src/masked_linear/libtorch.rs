//! The sampled weight gradient on LibTorch: on the processor by the same kernel as in pure Rust, on copies of the activations; on a GPU
//! the dense gradient costs less.

use burn::backend::LibTorch;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_tch::TchTensor;
use tch::Tensor;

use super::sampled::sampled;
use super::{MaskedLinearOps, gathered_weight_gradient};
use crate::slices::{floats, integers, within_reach};
use crate::transpose::transposed;

impl MaskedLinearOps for LibTorch {
    fn sampled_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        indices: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        if !within_reach(&[&x, &g]) {
            return gathered_weight_gradient::<Self>(x, g, indices);
        }
        let [tokens, inputs, outputs] = [x.tensor.size()[0], x.tensor.size()[1], g.tensor.size()[1]];
        let at = integers(&indices.tensor);
        let x = transposed(&floats(&x.tensor), inputs as usize);
        let g = transposed(&floats(&g.tensor), outputs as usize);
        let mut gradient = vec![0.0f32; at.len()];
        sampled(&x, &g, tokens as usize, &at, outputs as usize, &mut gradient);
        TchTensor::new(Tensor::from_slice(&gradient))
    }
}
