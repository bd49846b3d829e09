//! The masked update on the pure Rust CPU backend: one pass over the masked entries, in place, on all threads.

use burn::backend::Flex;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::{DType, Element};
use burn_flex::FlexTensor;
use bytemuck::Pod;
use half::bf16;

use super::entries::Part;
use super::{Buffers, MaskedUpdateOps, Step, counters, reference};
use crate::backend::flex::contiguous;

impl MaskedUpdateOps for Flex {
    fn masked_update(
        buffers: Buffers<Self>,
        gradient: FloatTensor<Self>,
        indices: IntTensor<Self>,
        step: Step,
    ) -> Buffers<Self> {
        let Buffers { weight, values, first, second, age } = &buffers;
        let wide = [first, second, age, &gradient].iter().all(|t| t.dtype() == DType::F32);
        let run = match (weight.dtype(), indices.dtype()) {
            (narrow, _) if !wide || values.dtype() != narrow => None,
            (DType::F32, DType::I32) => Some(run::<f32, i32> as Run),
            (DType::F32, DType::I64) => Some(run::<f32, i64> as Run),
            (DType::BF16, DType::I32) => Some(run::<bf16, i32> as Run),
            (DType::BF16, DType::I64) => Some(run::<bf16, i64> as Run),
            _ => None,
        };
        let Some(run) = run else {
            return reference::masked_update::<Self>(buffers, gradient, indices, step);
        };
        let Buffers { weight, values, first, second, age } = buffers;
        let [weight, values, first, second, age] = [weight, values, first, second, age].map(contiguous);
        // `storage_mut` copies a buffer that another handle shares, so this tells what is about to happen.
        counters::count(weight.is_unique());
        run(Buffers { weight, values, first, second, age }, &contiguous(gradient), &contiguous(indices), step)
    }
}

// Compiled once for each pair of types, so that the loops over entries never ask for them.
type Run = fn(Buffers<Flex>, &FlexTensor, &FlexTensor, Step) -> Buffers<Flex>;

/// One step of weights of type `E` whose positions are of type `P`. All buffers are compact.
fn run<E: Element + Pod, P: Element + Pod>(
    mut buffers: Buffers<Flex>,
    gradient: &FlexTensor,
    indices: &FlexTensor,
    step: Step,
) -> Buffers<Flex> {
    let all = Part::<E, P> {
        weight: buffers.weight.storage_mut(),
        offset: 0,
        at: indices.storage(),
        values: buffers.values.storage_mut(),
        gradient: gradient.storage(),
        first: buffers.first.storage_mut(),
        second: buffers.second.storage_mut(),
        age: buffers.age.storage_mut(),
    };
    all.step(step);
    buffers
}
