//! Squared gradients on LibTorch: each sample's is computed into the same buffer, squared and added in one pass.

use burn::backend::LibTorch;
use burn::backend::tensor::FloatTensor;
use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::{SquaredLinearOps, squared_sum};

impl SquaredLinearOps for LibTorch {
    fn squared_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        samples: usize,
    ) -> FloatTensor<Self> {
        if x.tensor.kind() != Kind::Float {
            return squared_sum::<Self>(&x, &g, samples);
        }
        let (x, g) = (x.tensor, g.tensor);
        let mut sum = Tensor::zeros([x.size()[1], g.size()[1]], (x.kind(), x.device()));
        let gradient = sum.empty_like();
        let length = x.size()[0] / samples.max(1) as i64;
        for sample in 0..samples as i64 {
            let own = |rows: &Tensor| rows.narrow(0, sample * length, length);
            let _ = own(&x).tr().mm_out(&gradient, &own(&g));
            let _ = sum.addcmul_(&gradient, &gradient);
        }
        TchTensor::new(sum)
    }
}
