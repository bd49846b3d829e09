//! The masked update on LibTorch. In the processor's memory one pass over the entries; elsewhere its in-place operations on the compact
//! values, then one indexed write into the weight.

use burn::backend::LibTorch;
use burn::backend::tensor::{FloatTensor, IntTensor};
use tch::{Kind, Tensor};

use super::entries::Part;
use super::{Buffers, DECAY, MaskedUpdateOps, Rule, Step, TINY, counters};
use crate::backend::libtorch::{floats, floats_mut, integers, unique, within_reach};

impl MaskedUpdateOps for LibTorch {
    fn masked_update(
        buffers: Buffers<Self>,
        gradient: FloatTensor<Self>,
        indices: IntTensor<Self>,
        step: Step,
    ) -> Buffers<Self> {
        if indices.tensor.numel() == 0 {
            return buffers;
        }
        counters::count(buffers.weight.can_mut());
        let Buffers { weight, values, first, second, age } = buffers;
        let (mut weight, mut values) = (unique(weight), unique(values));
        let (mut first, mut second, mut age) = (unique(first), unique(second), unique(age));
        // A gradient of another type is not read as f32 either.
        if within_reach(&[&weight, &values, &first, &second, &age, &gradient]) {
            let all = Part {
                weight: floats_mut(&mut weight),
                offset: 0,
                at: &integers(&indices.tensor),
                values: floats_mut(&mut values),
                gradient: &floats(&gradient.tensor),
                first: floats_mut(&mut first),
                second: floats_mut(&mut second),
                age: floats_mut(&mut age),
            };
            all.step(step);
            return Buffers { weight, values, first, second, age };
        }
        let [rate, decay] = [step.learning_rate, step.weight_decay].map(f64::from);
        let direction =
            direction(&gradient.tensor, &mut first.tensor, &mut second.tensor, &mut age.tensor, step);
        // The step is made in f32 and rounded once, into the values. The weight then gets these rounded values, so that
        // both stay equal bit for bit.
        let w = values.tensor.to_kind(Kind::Float);
        values.tensor.copy_(&(&w - (direction + &w * decay) * rate));
        // Through a view, so that the write goes to the weight's own buffer.
        let _ = weight.tensor.view(-1).index_put_(
            &[Some(indices.tensor.to_kind(Kind::Int64))],
            &values.tensor,
            false,
        );
        Buffers { weight, values, first, second, age }
    }
}

/// The direction of a step from `gradient`, which is not clipped yet. Moments and ages are moved on.
pub(crate) fn direction(
    gradient: &Tensor,
    m: &mut Tensor,
    v: &mut Tensor,
    t: &mut Tensor,
    step: Step,
) -> Tensor {
    let g = gradient.to_kind(Kind::Float) * f64::from(step.clip);
    let _ = t.g_add_scalar_(1.0);
    match step.rule {
        Rule::AdamW { beta1, beta2, epsilon } => {
            let [beta1, beta2, epsilon] = [beta1, beta2, epsilon].map(f64::from);
            let _ = m.g_mul_scalar_(beta1).g_add_(&(&g * (1.0 - beta1)));
            let _ = v.g_mul_scalar_(beta2).g_add_(&(g.square() * (1.0 - beta2)));
            // 1 − βᵗ, as −(exp(t ln β) − 1): in the first steps βᵗ is close to 1, above all for the second moment, and
            // the difference from 1 would keep few digits; expm1 computes it without.
            let correction = |beta: f64| (&*t * beta.ln()).expm1_().neg_();
            (&*m / correction(beta1)) / ((&*v / correction(beta2)).sqrt_() + epsilon)
        }
        Rule::Adafactor => {
            let share = t.pow_tensor_scalar(f64::from(DECAY));
            let square = (g.square() + f64::from(TINY)) * &share;
            let _ = v.g_mul_(&(share.neg() + 1.0)).g_add_(&square);
            m.copy_(&(g / v.sqrt()));
            &*m / m.square().mean(Kind::Float).sqrt_().clamp_min_(1.0)
        }
        Rule::Sgd { momentum } => {
            let _ = m.g_mul_scalar_(f64::from(momentum)).g_add_(&g);
            m.shallow_clone()
        }
    }
}
