//! Moments on the device and as numbers.

use burn::tensor::{Device, Tensor, TensorData};
use fishdip_kernels::Moments;

/// First moment, second moment and age of an entry.
pub(super) type Entry = [f32; 3];

/// Those of a weight of `size` entries of which all are trained, before the first step.
pub(super) fn zeroed(size: usize, device: &Device) -> Moments {
    let zeros = |count: usize| Tensor::zeros([count], device);
    Moments { first: zeros(size), second: zeros(size), age: zeros(1) }
}

/// Those of some entries.
pub(super) fn of_entries(entries: &[Entry], device: &Device) -> Moments {
    let part = |i: usize| vector(entries.iter().map(|entry| entry[i]).collect(), device);
    Moments { first: part(0), second: part(1), age: part(2) }
}

/// The numbers of the trained entries of a weight, one by one; one age may be that of all.
pub(super) fn entries(moments: Moments, size: usize) -> impl Iterator<Item = Entry> {
    let (first, second, age) = (numbers(moments.first), numbers(moments.second), numbers(moments.age));
    let count = first.len().min(size);
    (0..count).map(move |i| [first[i], second[i], age[i.min(age.len() - 1)]])
}

pub(super) fn vector(values: Vec<f32>, device: &Device) -> Tensor<1> {
    let length = values.len();
    Tensor::from_data(TensorData::new(values, [length]), device)
}

pub(super) fn numbers(tensor: Tensor<1>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}
