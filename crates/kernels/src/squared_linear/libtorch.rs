//! Squared gradients on LibTorch: each sample's is computed into the same buffer, squared and added in one pass.

use burn::backend::LibTorch;
use burn::backend::tensor::FloatTensor;
use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::{SquaredLinearOps, squared_sum};

/// Entries of a gradient that are computed before they are squared: few enough to stay in the cache.
const BLOCK: i64 = 1 << 18;

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
        let (inputs, outputs) = (x.size()[1], g.size()[1]);
        let sum = Tensor::zeros([inputs, outputs], (x.kind(), x.device()));
        let length = x.size()[0] / samples.max(1) as i64;
        let rows = (BLOCK / outputs.max(1)).clamp(1, inputs.max(1));
        let buffer = Tensor::empty([rows, outputs], (x.kind(), x.device()));
        for first in (0..inputs).step_by(rows as usize) {
            let count = rows.min(inputs - first);
            let (mut sum, gradient) = (sum.narrow(0, first, count), buffer.narrow(0, 0, count));
            // Samples inside, so that the rows of the sum stay in the cache while all are added. Both operations write
            // into memory that is there already: no sample allocates a gradient.
            for sample in 0..samples as i64 {
                let own = |rows: &Tensor| rows.narrow(0, sample * length, length);
                let _ = own(&x).narrow(1, first, count).tr().mm_out(&gradient, &own(&g));
                let _ = sum.addcmul_(&gradient, &gradient);
            }
        }
        TchTensor::new(sum)
    }
}
