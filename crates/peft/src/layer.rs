//! Layers made of [`Weight`]s. They run on the device of their input, with autodiff or without.

use burn::tensor::{Device, Int, Tensor, module};

use crate::Weight;

/// `y = x W`, without a bias; `W` is `[in, out]`.
#[derive(Debug)]
pub struct Linear {
    /// `[in, out]`.
    pub weight: Weight,
}

impl Linear {
    /// `[batch, length, in]` to `[batch, length, out]`.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let weight = self.weight.on(&x.device());
        module::linear(x, weight, None)
    }
}

/// A table of vectors, which can also serve as the output layer.
#[derive(Debug)]
pub struct Embedding {
    /// `[rows, width]`.
    pub weight: Weight,
}

impl Embedding {
    /// The vectors of `ids`: `[batch, length]` to `[batch, length, width]`. `device` tells whether the computation is
    /// differentiated.
    pub fn forward(&self, ids: Tensor<2, Int>, device: &Device) -> Tensor<3> {
        module::embedding(self.weight.on(device), ids)
    }

    /// One score a row: `[n, width]` to `[n, rows]`.
    pub fn scores(&self, x: Tensor<2>) -> Tensor<2> {
        let weight = self.weight.on(&x.device());
        x.matmul(weight.transpose())
    }
}

/// Scales each vector to unit root mean square, then by a learned factor a feature (arXiv 1910.07467).
#[derive(Debug)]
pub struct RmsNorm {
    /// `[1, width]`.
    pub weight: Weight,
    /// Added to the mean square.
    pub epsilon: f64,
}

impl RmsNorm {
    /// `[batch, length, width]` to the same shape.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let weight = self.weight.on(&x.device());
        let root = (x.clone().square().mean_dim(2) + self.epsilon).sqrt();
        (x / root) * weight.unsqueeze::<3>()
    }
}
