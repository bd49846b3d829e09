//! Root mean square normalization on LibTorch, with as few passes as its operations allow.

use burn::backend::LibTorch;
use burn::backend::tensor::FloatTensor;
use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::{NormGradients, RmsNormOps, reference};
use crate::backend::libtorch::unique;

impl RmsNormOps for LibTorch {
    fn rms_norm(x: FloatTensor<Self>, factors: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self> {
        if x.tensor.kind() != Kind::Float {
            return reference::rms_norm::<Self>(x, factors, epsilon);
        }
        let groups = Groups::new(&factors.tensor, &x.tensor);
        let x = x.tensor.contiguous();
        let y = &x * scale(&x, epsilon);
        let _ = groups.of(&y).g_mul_(&factors.tensor.unsqueeze(1));
        TchTensor::new(y)
    }

    fn rms_norm_gradients(
        x: FloatTensor<Self>,
        factors: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        epsilon: f64,
    ) -> NormGradients<Self> {
        if x.tensor.kind() != Kind::Float {
            return reference::rms_norm_gradients::<Self>(x, factors, gradient, epsilon);
        }
        let groups = Groups::new(&factors.tensor, &x.tensor);
        let x = x.tensor.contiguous();
        let r = scale(&x, epsilon);
        let unit = x * &r;
        let gradient = unique(gradient);
        // g x r: summed over tokens the gradient of the factors, and times the factors what the mean is of.
        let product = groups.of(&(&gradient.tensor * &unit));
        let of_factors = product.sum_dim_intlist([1i64].as_slice(), false, None);
        let mean = product.matmul(&factors.tensor.unsqueeze(2)) / -groups.width as f64;
        let mut g = groups.of(&gradient.tensor);
        let _ = g.g_mul_(&factors.tensor.unsqueeze(1)).addcmul_(&groups.of(&unit), &mean).g_mul_(&r.view([
            groups.count,
            groups.tokens,
            1,
        ]));
        NormGradients { x: gradient, factors: TchTensor::new(of_factors) }
    }
}

/// How tokens belong to groups.
struct Groups {
    count: i64,
    /// Of each.
    tokens: i64,
    width: i64,
}

impl Groups {
    fn new(factors: &Tensor, x: &Tensor) -> Self {
        let count = factors.size()[0];
        Self { count, tokens: x.size()[0] / count.max(1), width: x.size()[1] }
    }

    /// `[tokens, width]` as `[groups, tokens of each, width]`, in place.
    fn of(&self, rows: &Tensor) -> Tensor {
        rows.view([self.count, self.tokens, self.width])
    }
}

/// `1 / √(mean x² + ε)` of each row, `[tokens, 1]`.
fn scale(x: &Tensor, epsilon: f64) -> Tensor {
    let mut norm = x.linalg_norm(2.0, [1i64].as_slice(), true, None);
    norm.square_().g_div_scalar_(x.size()[1] as f64).g_add_scalar_(epsilon).rsqrt_()
}
