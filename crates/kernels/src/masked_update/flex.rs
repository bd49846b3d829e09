//! The masked update on the pure Rust CPU backend: one pass over the masked entries, in place.

use burn::backend::Flex;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::DType;
use burn_flex::FlexTensor;

use super::{AdamW, Buffers, MaskedUpdateOps, counters, reference};
use crate::vector::vectorized;

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

        let entries = Entries {
            weight: weight.storage_mut(),
            values: values.storage_mut(),
            gradient: gradient.storage(),
            first: first.storage_mut(),
            second: second.storage_mut(),
            age: age.storage_mut(),
        };
        match ints {
            DType::I32 => entries.step(indices.storage::<i32>(), 0, step),
            _ => entries.step(indices.storage::<i64>(), 0, step),
        }
        Buffers { weight, values, first, second, age }
    }
}

/// A flat position in the weight.
trait Position: Copy + Sync {
    fn get(self) -> usize;
}

impl Position for i32 {
    fn get(self) -> usize {
        self as usize
    }
}

impl Position for i64 {
    fn get(self) -> usize {
        self as usize
    }
}

/// Entries that a thread takes at a time.
const PART: usize = 1 << 11;

/// Entries whose new values are computed before they are written into the weight: few enough for the first cache.
const CHUNK: usize = 512;

/// Ages up to this are looked up.
const KNOWN_AGES: usize = 1 << 16;

struct Entries<'a> {
    weight: &'a mut [f32],
    values: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    age: &'a mut [f32],
}

impl Entries<'_> {
    /// `at` are the entries' positions, sorted; `weight` starts at the position `offset`.
    fn step<P: Position>(self, at: &[P], offset: usize, h: AdamW) {
        if at.len() <= PART {
            return self.step_part(at, offset, h);
        }
        let middle = at.len() / 2;
        let (at_low, at_high) = at.split_at(middle);
        let from = at_high[0].get();
        let (weight_low, weight_high) = self.weight.split_at_mut(from - offset);
        let (values_low, values_high) = self.values.split_at_mut(middle);
        let (gradient_low, gradient_high) = self.gradient.split_at(middle);
        let (first_low, first_high) = self.first.split_at_mut(middle);
        let (second_low, second_high) = self.second.split_at_mut(middle);
        let (age_low, age_high) = self.age.split_at_mut(middle);
        let low = Entries {
            weight: weight_low,
            values: values_low,
            gradient: gradient_low,
            first: first_low,
            second: second_low,
            age: age_low,
        };
        let high = Entries {
            weight: weight_high,
            values: values_high,
            gradient: gradient_high,
            first: first_high,
            second: second_high,
            age: age_high,
        };
        rayon::join(|| low.step(at_low, offset, h), || high.step(at_high, from, h));
    }

    fn step_part<P: Position>(self, at: &[P], offset: usize, h: AdamW) {
        let mut corrections = Corrections { beta1: h.beta1, beta2: h.beta2, known: Vec::new() };
        let mut of_first = [0.0f32; CHUNK];
        let mut of_second = [0.0f32; CHUNK];
        for start in (0..at.len()).step_by(CHUNK) {
            let range = start..at.len().min(start + CHUNK);
            let (age, at) = (&mut self.age[range.clone()], &at[range.clone()]);
            corrections.fill(age, &mut of_first, &mut of_second);
            let (first, second) = (&mut self.first[range.clone()], &mut self.second[range.clone()]);
            let (values, gradient) = (&mut self.values[range.clone()], &self.gradient[range]);
            let moments = first.iter_mut().zip(second).zip(age).zip(of_first.iter().zip(&of_second));
            vectorized(|| {
                for ((w, g), (((m, v), t), (c1, c2))) in values.iter_mut().zip(gradient).zip(moments) {
                    let g = h.clip * g;
                    *t += 1.0;
                    *m = h.beta1 * *m + (1.0 - h.beta1) * g;
                    *v = h.beta2 * *v + (1.0 - h.beta2) * g * g;
                    let direction = (*m / c1) / ((*v / c2).sqrt() + h.epsilon) + h.weight_decay * *w;
                    *w -= h.learning_rate * direction;
                }
            });
            for (&i, &w) in at.iter().zip(values.iter()) {
                self.weight[i.get() - offset] = w;
            }
        }
    }
}

/// `1 − βᵗ` of both moments. Entries come in few ages, one for each mask they entered with.
struct Corrections {
    beta1: f32,
    beta2: f32,
    /// By t; NaN where it is not yet computed.
    known: Vec<(f32, f32)>,
}

impl Corrections {
    /// Those of entries that were `age` steps old before this one.
    fn fill(&mut self, age: &[f32], of_first: &mut [f32], of_second: &mut [f32]) {
        let different = age.iter().fold(0, |bits, other| bits | (other.to_bits() ^ age[0].to_bits()));
        if different == 0 {
            let (first, second) = self.at(age[0] + 1.0);
            of_first.fill(first);
            of_second.fill(second);
            return;
        }
        for ((&age, first), second) in age.iter().zip(of_first).zip(of_second) {
            (*first, *second) = self.at(age + 1.0);
        }
    }

    fn at(&mut self, t: f32) -> (f32, f32) {
        let correction = || (1.0 - self.beta1.powf(t), 1.0 - self.beta2.powf(t));
        let index = t as usize;
        if index >= KNOWN_AGES {
            return correction();
        }
        if index >= self.known.len() {
            self.known.resize(index + 1, (f32::NAN, f32::NAN));
        }
        if self.known[index].0.is_nan() {
            self.known[index] = correction();
        }
        self.known[index]
    }
}
