//! The gradient of the rectifier with dropout on LibTorch, in place.

use burn::backend::LibTorch;
use burn::backend::tensor::FloatTensor;

use super::DroppedReluOps;
use crate::backend::libtorch::unique;

impl DroppedReluOps for LibTorch {
    fn dropped_relu_gradient(
        y: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        rate: f64,
    ) -> FloatTensor<Self> {
        let mut gradient = unique(gradient);
        let g = &gradient.tensor;
        let _ = y.tensor.threshold_backward_grad_input(g, g, 0.0);
        let _ = gradient.tensor.g_mul_scalar_(1.0 / (1.0 - rate));
        gradient
    }
}
