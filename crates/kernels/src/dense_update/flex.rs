//! The dense update on the pure Rust CPU backend.

use burn::backend::Flex;
use burn::tensor::{DType, Element, TensorData};
use burn_flex::FlexTensor;
use bytemuck::Pod;
use half::bf16;

use super::slices::Slices;
use super::{DenseBuffers, DenseStepped, DenseUpdateOps, reference};
use crate::Step;
use crate::backend::flex::contiguous;
use crate::masked_update::counters;

impl DenseUpdateOps for Flex {
    fn dense_update(buffers: DenseBuffers<Self>, step: Step) -> DenseStepped<Self> {
        let DenseBuffers { weight, gradient, first, second, age } = &buffers;
        let wide = [gradient, first, second, age].iter().all(|t| t.dtype() == DType::F32);
        match (wide, weight.dtype()) {
            (true, DType::F32) => run::<f32>(buffers, step),
            (true, DType::BF16) => run::<bf16>(buffers, step),
            _ => reference::dense_update::<Self>(buffers, step),
        }
    }
}

/// One step of a weight of type `E`.
fn run<E: Element + Pod>(buffers: DenseBuffers<Flex>, step: Step) -> DenseStepped<Flex> {
    let DenseBuffers { weight, gradient, first, second, age } = buffers;
    let [mut weight, mut gradient, mut first, mut second, age] =
        [weight, gradient, first, second, age].map(contiguous);
    counters::count(weight.is_unique());
    let steps = age.storage::<f32>()[0];
    let all = Slices::<E> {
        weight: weight.storage_mut(),
        gradient: gradient.storage_mut(),
        first: first.storage_mut(),
        second: second.storage_mut(),
    };
    let check = if all.step(steps, step) { 0.0 } else { f32::NAN };
    let one = |value: f32| FlexTensor::from_data(TensorData::new(vec![value], [1]));
    DenseStepped { weight, previous: gradient, first, second, age: one(steps + 1.0), check: one(check) }
}
