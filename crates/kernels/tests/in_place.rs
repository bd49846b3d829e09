//! Updates happen in place. Alone in its binary: the counters are of the whole process.

#![cfg(any(feature = "flex", feature = "tch", feature = "wgpu"))]

#[allow(dead_code, reason = "the other binary uses the rest")]
#[path = "it/device.rs"]
mod device;

use burn::tensor::{Device, Int, Tensor, TensorData};
use device::device;
use fishdip_kernels::{DenseUpdate, Moments, Rule, Step, counters, dense_update, masked_update};

const STEP: Step = Step {
    learning_rate: 0.1,
    weight_decay: 0.0,
    clip: 1.0,
    rule: Rule::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

fn vector(values: [f32; 3], device: &Device) -> Tensor<1> {
    Tensor::from_data(values, device)
}

fn floats(tensor: &Tensor<2>) -> Vec<f32> {
    tensor.clone().into_data().iter::<f32>().collect()
}

#[test]
fn a_weight_with_one_handle_is_updated_in_place() {
    let device = self::device();
    let mut weight = Tensor::<2>::zeros([16, 8], &device) * 1.0;
    let (mut values, mut moments) = (vector([0.0; 3], &device), zeros(&device));
    counters::take();
    for _ in 0..4 {
        let gradient = vector([1.0, -1.0, 2.0], &device);
        (weight, values, moments) = masked_update(weight, values, gradient, moments, indices(&device), STEP);
    }
    let counts = counters::take();
    assert_eq!((counts.in_place, counts.copied), (4, 0));
    let handle = weight.clone();
    let (weight, ..) =
        masked_update(weight, values, vector([1.0; 3], &device), moments, indices(&device), STEP);
    assert_eq!(counters::take().copied, 1);
    assert_ne!(floats(&handle), floats(&weight), "the other handle keeps the old values");

    // A weight as a whole. On a GPU it is stepped by stock operations, which count nothing.
    let (mut weight, mut moments) = (Tensor::<2>::zeros([1, 3], &device) * 1.0, zeros(&device));
    moments.age = Tensor::from_data([0.0], &device);
    for _ in 0..4 {
        let update = dense_update(weight, vector([1.0, -1.0, 2.0], &device), moments, STEP);
        DenseUpdate { weight, moments, .. } = update;
    }
    let counts = counters::take();
    let expected = if device::backend() == "wgpu" { 0 } else { 4 };
    assert_eq!((counts.in_place, counts.copied), (expected, 0));
}

fn indices(device: &Device) -> Tensor<1, Int> {
    Tensor::from_data(TensorData::new(vec![0i32, 7, 100], [3]), device)
}

fn zeros(device: &Device) -> Moments {
    let zeros = || vector([0.0; 3], device);
    Moments { first: zeros(), second: zeros(), age: zeros() }
}
