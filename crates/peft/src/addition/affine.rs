//! A linear layer with a bias, of which T5 itself has none.

use burn::tensor::Tensor;

use super::Initial;
use super::initial::{bound, rms_of_uniform};
use crate::{FileLayout, Weight};

/// `y = x W + b`.
#[derive(Debug)]
pub(super) struct Affine {
    /// `[in, out]`
    weight: Weight,
    /// `[1, out]`
    bias: Weight,
}

impl Affine {
    /// One that begins as PyTorch begins a linear layer, without bias.
    pub(super) fn uniform(path: &str, shape: [usize; 2], initial: &Initial) -> Self {
        let name = format!("{path}.weight");
        let weight = initial.uniform(name, shape, FileLayout::Transposed, bound(shape[0]));
        Self::new(path, weight, initial)
    }

    /// One that begins with small normal values, as BERT's do, without bias.
    pub(super) fn normal(path: &str, shape: [usize; 2], initial: &Initial) -> Self {
        const DEVIATION: f32 = 0.02;
        let name = format!("{path}.weight");
        Self::new(path, initial.normal(name, shape, FileLayout::Transposed, DEVIATION), initial)
    }

    /// One that begins as zero.
    pub(super) fn zeros(path: &str, shape: [usize; 2], initial: &Initial) -> Self {
        let name = format!("{path}.weight");
        Self::new(path, initial.constant(name, shape, FileLayout::Transposed, 0.0, 0.0), initial)
    }

    fn new(path: &str, weight: Weight, initial: &Initial) -> Self {
        let [input, output] = weight.shape();
        // Both are stepped like a usual layer of this many inputs: zeros have no scale of their own, and small values would hardly move.
        let rms = rms_of_uniform(bound(input));
        let bias = initial.constant(format!("{path}.bias"), [1, output], FileLayout::AsIs, 0.0, rms);
        Self { weight: weight.stepped_like(rms), bias }
    }

    /// `[batch, length, in]` to `[batch, length, out]`.
    pub(super) fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let bias = self.bias.on(&x.device()).unsqueeze::<3>();
        self.weight.multiply(x) + bias
    }

    pub(super) fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        all.extend([&self.weight, &self.bias]);
    }

    pub(super) fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        all.extend([&mut self.weight, &mut self.bias]);
    }
}
