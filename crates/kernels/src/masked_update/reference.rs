//! The masked update made of stock backend operations.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{FloatDType, IndexingUpdateOp, Shape};

use super::{Buffers, DECAY, Rule, Step, TINY};

pub(super) fn masked_update<B: Backend>(
    buffers: Buffers<B>,
    gradient: FloatTensor<B>,
    indices: IntTensor<B>,
    step: Step,
) -> Buffers<B> {
    if indices.shape().num_elements() == 0 {
        return buffers;
    }
    let Buffers { weight, values, first, second, age } = buffers;
    let wide = FloatDType::from(first.dtype());
    let narrow = FloatDType::from(values.dtype());
    // A step is small beside the value that it changes, so only the result is rounded to the narrower type.
    let (values, gradient) = (B::float_cast(values, wide), B::float_cast(gradient, wide));
    let (values, first, second, age) = moved::<B>(values, gradient, first, second, age, step);
    let values = B::float_cast(values, narrow);

    let shape = weight.shape();
    let flat = B::float_reshape(weight, Shape::from([shape.num_elements()]));
    // Assigned, not added: the weight and the values stay equal bit for bit.
    let flat = B::float_select_assign(flat, 0, indices, values.clone(), IndexingUpdateOp::Assign);
    Buffers { weight: B::float_reshape(flat, shape), values, first, second, age }
}

/// Values, moments and ages after a step from a gradient that is not clipped yet, all in one float type.
pub(crate) fn moved<B: Backend>(
    values: FloatTensor<B>,
    gradient: FloatTensor<B>,
    first: FloatTensor<B>,
    second: FloatTensor<B>,
    age: FloatTensor<B>,
    step: Step,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let g = scale::<B>(gradient, step.clip);
    let age = older::<B>(age);
    let (first, second, direction) = match step.rule {
        Rule::AdamW { beta1, beta2, epsilon } => {
            let first = B::float_add(scale::<B>(first, beta1), scale::<B>(g.clone(), 1.0 - beta1));
            let square = B::float_mul(g.clone(), g);
            let second = B::float_add(scale::<B>(second, beta2), scale::<B>(square, 1.0 - beta2));
            // 1 − βᵗ, as 1 − exp(t ln β)
            let correction = |beta: f32| {
                let power = B::float_exp(scale::<B>(age.clone(), beta.ln()));
                B::float_add_scalar(B::float_neg(power), 1.0f32.into())
            };
            let mean = B::float_div(first.clone(), correction(beta1));
            let root = B::float_sqrt(B::float_div(second.clone(), correction(beta2)));
            let direction = B::float_div(mean, B::float_add_scalar(root, epsilon.into()));
            (first, second, direction)
        }
        Rule::Adafactor => adafactor::<B>(g, second, &age, 1.0),
        Rule::Sgd { momentum } => {
            let first = B::float_add(scale::<B>(first, momentum), g);
            (first.clone(), second, first)
        }
    };
    let direction = B::float_add(direction, scale::<B>(values.clone(), step.weight_decay));
    let values = B::float_sub(values, scale::<B>(direction, step.learning_rate));
    (values, first, second, age)
}

/// Ages after a step.
pub(super) fn older<B: Backend>(age: FloatTensor<B>) -> FloatTensor<B> {
    B::float_add_scalar(age, 1.0f32.into())
}

/// Adafactor's u, second moment and direction from a gradient still to be multiplied by `clip`.
pub(super) fn adafactor<B: Backend>(
    gradient: FloatTensor<B>,
    second: FloatTensor<B>,
    age: &FloatTensor<B>,
    clip: f32,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let g = scale::<B>(gradient, clip);
    // 1 − β = t^−0.8
    let share = B::float_powf_scalar(age.clone(), DECAY.into());
    let beta = B::float_add_scalar(B::float_neg(share.clone()), 1.0f32.into());
    let square = B::float_add_scalar(B::float_mul(g.clone(), g.clone()), TINY.into());
    let second = B::float_add(B::float_mul(second, beta), B::float_mul(square, share));
    let u = B::float_div(g, B::float_sqrt(second.clone()));
    let rms = B::float_sqrt(B::float_mean(B::float_mul(u.clone(), u.clone())));
    let direction = B::float_div(u.clone(), B::float_clamp_min(rms, 1.0f32.into()));
    (u, second, direction)
}

pub(crate) fn scale<B: Backend>(x: FloatTensor<B>, by: f32) -> FloatTensor<B> {
    B::float_mul_scalar(x, by.into())
}
