//! The gate on LibTorch, by its own function and derivative.

use burn::backend::LibTorch;
use burn::backend::tensor::FloatTensor;
use burn_tch::TchTensor;

use super::{GateGradients, GatedGeluOps};
use crate::backend::libtorch::unique;
use crate::dropout::dropped;

/// The approximation by a hyperbolic tangent.
const APPROXIMATE: &str = "tanh";

impl GatedGeluOps for LibTorch {
    fn gated_gelu(gate: FloatTensor<Self>, x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        let mut y = gate.tensor.gelu(APPROXIMATE);
        let _ = y.g_mul_(&x.tensor);
        dropped::<Self>(TchTensor::new(y), rate, seed)
    }

    fn gated_gelu_gradients(
        gate: FloatTensor<Self>,
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> GateGradients<Self> {
        let of_gate = gate.tensor.gelu_backward(&(&gradient.tensor * &x.tensor), APPROXIMATE);
        let mut gradient = unique(gradient);
        let _ = gradient.tensor.g_mul_(&gate.tensor.gelu(APPROXIMATE));
        GateGradients { gate: TchTensor::new(of_gate), x: gradient }
    }
}
