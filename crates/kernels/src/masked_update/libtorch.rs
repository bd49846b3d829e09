//! The masked update on LibTorch: its in-place operations on the compact values, then one indexed write into the weight.

use burn::backend::LibTorch;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_tch::TchTensor;
use tch::Kind;

use super::{AdamW, Buffers, MaskedUpdateOps, counters};

/// The tensor itself if nobody else holds its buffer, else a copy.
fn own(tensor: TchTensor) -> TchTensor {
    if tensor.can_mut() && tensor.tensor.is_contiguous() {
        tensor
    } else {
        TchTensor::new(tensor.tensor.contiguous().copy())
    }
}

impl MaskedUpdateOps for LibTorch {
    fn masked_adamw(
        buffers: Buffers<Self>,
        gradient: FloatTensor<Self>,
        indices: IntTensor<Self>,
        step: AdamW,
    ) -> Buffers<Self> {
        if indices.tensor.numel() == 0 {
            return buffers;
        }
        counters::count(buffers.weight.can_mut());
        let Buffers { weight, values, first, second, age } = buffers;
        let (weight, mut values) = (own(weight), own(values));
        let (mut first, mut second, mut age) = (own(first), own(second), own(age));
        let [beta1, beta2, clip] = [step.beta1, step.beta2, step.clip].map(f64::from);
        let [rate, epsilon, decay] = [step.learning_rate, step.epsilon, step.weight_decay].map(f64::from);

        let g = gradient.tensor * clip;
        let (m, v, t) = (&mut first.tensor, &mut second.tensor, &mut age.tensor);
        let _ = m.g_mul_scalar_(beta1).g_add_(&(&g * (1.0 - beta1)));
        let _ = v.g_mul_scalar_(beta2).g_add_(&(g.square() * (1.0 - beta2)));
        let _ = t.g_add_scalar_(1.0);
        // 1 − βᵗ, as −(exp(t ln β) − 1)
        let correction = |beta: f64| (&*t * beta.ln()).expm1_().neg_();
        let mean = &*m / correction(beta1);
        let root = (&*v / correction(beta2)).sqrt_();
        let w = values.tensor.to_kind(Kind::Float);
        let direction = mean / (root + epsilon) + &w * decay;
        values.tensor.copy_(&(w - direction * rate));
        // Through a view, so that the write goes to the weight's own buffer.
        let _ = weight.tensor.view(-1).index_put_(
            &[Some(indices.tensor.to_kind(Kind::Int64))],
            &values.tensor,
            false,
        );
        Buffers { weight, values, first, second, age }
    }
}
