//! Tensors of known values, and back.

use burn::tensor::{Device, Int, Tensor, TensorData};

/// `length` values in −1..1 without a pattern that a product could hide.
pub(crate) fn wave(length: usize, seed: f32) -> Vec<f32> {
    (0..length).map(|i| (i as f32 * 0.73 + seed).sin()).collect()
}

pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

pub(crate) fn ints(values: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let length = values.len();
    Tensor::from_data(TensorData::new(values, [length]), device)
}

pub(crate) fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}
