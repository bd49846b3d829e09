//! The masked update made of stock backend operations.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{IndexingUpdateOp, Shape};

use super::{AdamW, Buffers};

pub(super) fn masked_adamw<B: Backend>(
    buffers: Buffers<B>,
    gradient: FloatTensor<B>,
    indices: IntTensor<B>,
    step: AdamW,
) -> Buffers<B> {
    if indices.shape().num_elements() == 0 {
        return buffers;
    }
    let Buffers { weight, values, first, second, age } = buffers;
    let scale = |x, by: f32| B::float_mul_scalar(x, by.into());
    let g = scale(gradient, step.clip);
    let first = B::float_add(scale(first, step.beta1), scale(g.clone(), 1.0 - step.beta1));
    let second = B::float_add(scale(second, step.beta2), scale(B::float_mul(g.clone(), g), 1.0 - step.beta2));
    let age = B::float_add_scalar(age, 1.0f32.into());
    // 1 − βᵗ, as 1 − exp(t ln β)
    let correction = |beta: f32| {
        let power = B::float_exp(scale(age.clone(), beta.ln()));
        B::float_add_scalar(B::float_neg(power), 1.0f32.into())
    };
    let mean = B::float_div(first.clone(), correction(step.beta1));
    let root = B::float_sqrt(B::float_div(second.clone(), correction(step.beta2)));
    let direction = B::float_div(mean, B::float_add_scalar(root, step.epsilon.into()));
    let direction = B::float_add(direction, scale(values.clone(), step.weight_decay));
    let values = B::float_sub(values, scale(direction, step.learning_rate));

    let shape = weight.shape();
    let flat = B::float_reshape(weight, Shape::from([shape.num_elements()]));
    // Assigned, not added: the weight and the values stay equal bit for bit.
    let flat = B::float_select_assign(flat, 0, indices, values.clone(), IndexingUpdateOp::Assign);
    Buffers { weight: B::float_reshape(flat, shape), values, first, second, age }
}
