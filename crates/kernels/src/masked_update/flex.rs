//! The masked update on the pure Rust CPU backend: one pass over the masked entries, in place.

use burn::backend::Flex;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::DType;
use burn_flex::FlexTensor;

use super::{AdamW, Buffers, MaskedUpdateOps, counters, reference};

/// The tensor with its elements in order from the first byte of its buffer; copies only if they are not.
pub(crate) fn compact(tensor: FlexTensor) -> FlexTensor {
    let bytes = tensor.layout().num_elements() * tensor.dtype().size();
    if tensor.is_contiguous() && tensor.layout().start_offset() == 0 && tensor.bytes().len() == bytes {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

impl MaskedUpdateOps for Flex {
    fn masked_adamw(
        buffers: Buffers<Self>,
        gradient: FloatTensor<Self>,
        indices: IntTensor<Self>,
        step: AdamW,
    ) -> Buffers<Self> {
        let Buffers { weight, values, first, second, age } = &buffers;
        let floats = [weight, values, first, second, age, &gradient];
        let ints = indices.dtype();
        if floats.iter().any(|t| t.dtype() != DType::F32) || !matches!(ints, DType::I32 | DType::I64) {
            return reference::masked_adamw::<Self>(buffers, gradient, indices, step);
        }
        let Buffers { weight, values, first, second, age } = buffers;
        let (mut weight, mut values, gradient) = (compact(weight), compact(values), compact(gradient));
        let (mut first, mut second, mut age) = (compact(first), compact(second), compact(age));
        let indices = compact(indices);
        counters::count(weight.is_unique());

        let update = Entries {
            weight: weight.storage_mut(),
            values: values.storage_mut(),
            gradient: gradient.storage(),
            first: first.storage_mut(),
            second: second.storage_mut(),
            age: age.storage_mut(),
        };
        match ints {
            DType::I32 => update.step(indices.storage::<i32>().iter().map(|&i| i as usize), step),
            _ => update.step(indices.storage::<i64>().iter().map(|&i| i as usize), step),
        }
        Buffers { weight, values, first, second, age }
    }
}

struct Entries<'a> {
    weight: &'a mut [f32],
    values: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    age: &'a mut [f32],
}

impl Entries<'_> {
    fn step(self, indices: impl Iterator<Item = usize>, h: AdamW) {
        // Entries come in few ages (one for each mask they entered with), mostly in runs.
        let mut last_age = f32::NAN;
        let (mut correction1, mut correction2) = (1.0, 1.0);
        for (k, i) in indices.enumerate() {
            let t = self.age[k] + 1.0;
            if t.to_bits() != last_age.to_bits() {
                (correction1, correction2) = (1.0 - h.beta1.powf(t), 1.0 - h.beta2.powf(t));
                last_age = t;
            }
            let g = h.clip * self.gradient[k];
            let m = h.beta1 * self.first[k] + (1.0 - h.beta1) * g;
            let v = h.beta2 * self.second[k] + (1.0 - h.beta2) * g * g;
            let w = self.values[k];
            let direction = (m / correction1) / ((v / correction2).sqrt() + h.epsilon) + h.weight_decay * w;
            let w = w - h.learning_rate * direction;
            (self.first[k], self.second[k], self.age[k]) = (m, v, t);
            (self.values[k], self.weight[i]) = (w, w);
        }
    }
}
