//! The update of a whole weight against its reference, a hand calculation, and the masked update of all entries.

use burn::tensor::{DType, Device, FloatDType, Tensor, Tolerance};
use fishdip_kernels::{
    DenseUpdate, Moments, Rule, Step, dense_update, dense_update_reference, masked_update_reference,
};
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::{floats, ints, tensor};

const ADAMW: Rule = Rule::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const STEP: Step = Step { learning_rate: 0.1, weight_decay: 0.0, clip: 1.0, rule: ADAMW };

/// Before the first step of `entries` entries that have `ages` ages.
fn zeros(entries: usize, ages: usize, device: &Device) -> Moments {
    let zeros = |length: usize| tensor(vec![0.0; length], [length], device);
    Moments { first: zeros(entries), second: zeros(entries), age: zeros(ages) }
}

#[test]
fn a_step_by_hand() {
    // With bias correction the first step of AdamW is the learning rate against the gradient's sign, and 0.1 · 0.5 of the value decays.
    let device = device();
    let weight = tensor(vec![1.0, -2.0, 3.0], [1, 3], &device);
    let gradient = tensor(vec![0.5, -3.0, 8.0], [3], &device);
    let step = Step { weight_decay: 0.5, clip: 0.25, ..STEP };
    let DenseUpdate { weight, previous, moments, check } =
        dense_update(weight, gradient, zeros(3, 1, &device), step);
    for (ours, expected) in floats(weight).into_iter().zip([0.95 - 0.1, -1.9 + 0.1, 2.85 - 0.1]) {
        assert!((ours - expected).abs() < 1e-6, "{ours} {expected}");
    }
    assert_eq!((floats(previous), floats(moments.age)), (vec![1.0, -2.0, 3.0], vec![1.0]));
    assert_eq!(floats(check), [0.0]);
    // (1 − 0.9) · 0.25 · gradient
    assert!((floats(moments.first)[1] + 0.075).abs() < 1e-6);
}

#[test]
fn a_value_that_is_not_finite_shows_in_the_check() {
    let device = device();
    for (at, bad) in [(0, f32::INFINITY), (70_000, f32::NEG_INFINITY), (39_999, f32::NAN)] {
        let mut values = vec![1.0; 80_000];
        values[at] = bad;
        let (weight, gradient) =
            (tensor(values, [2, 40_000], &device), tensor(vec![1.0; 80_000], [80_000], &device));
        let DenseUpdate { check, .. } = dense_update(weight, gradient, zeros(80_000, 1, &device), STEP);
        assert!(floats(check)[0].is_nan(), "{bad} at {at}");
    }
}

#[test]
fn a_narrow_weight_keeps_wide_moments() {
    if crate::device::backend() == "wgpu" {
        println!("skipped: WGSL has no bf16");
        return;
    }
    let device = device();
    let weight = tensor(vec![1.0, 8.0], [2, 1], &device).cast(FloatDType::BF16);
    let gradient = tensor(vec![1.0, -0.25], [2], &device);
    let step = Step { learning_rate: 0.5, rule: Rule::Sgd { momentum: 0.0 }, ..STEP };
    let DenseUpdate { weight, previous, moments, .. } =
        dense_update(weight, gradient, zeros(2, 1, &device), step);
    assert_eq!((weight.dtype(), moments.first.dtype()), (DType::BF16, DType::F32));
    assert_eq!((floats(weight), floats(previous)), (vec![0.5, 8.125], vec![1.0, 8.0]));
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn kernel_reference_and_masked_update_agree(
        (rows, columns, seed) in (1usize..40, 1usize..40, -1.0f32..1.0),
        (weight_decay, clip) in (0.0f32..0.1, 0.1f32..1.0),
        rule in prop_oneof![Just(ADAMW), Just(Rule::Adafactor), (0.0f32..1.0).prop_map(|momentum| Rule::Sgd { momentum })],
    ) {
        let device = device();
        let entries = rows * columns;
        let number = |i: usize| (i as f32 * 0.37 + seed).sin();
        let dense: Vec<f32> = (0..entries).map(number).collect();
        let step = Step { weight_decay, clip, rule, ..STEP };
        let weight = tensor(dense.clone(), [rows, columns], &device);
        let mut kernel = (weight.clone(), zeros(entries, 1, &device));
        let mut reference = (weight.clone(), zeros(entries, 1, &device));
        let mut masked = (weight, tensor(dense, [entries], &device), zeros(entries, entries, &device));
        for i in 0..3 {
            let gradient = tensor((0..entries).map(|k| number(k * 31 + i)).collect(), [entries], &device);
            let before = floats(kernel.0.clone());
            let ours = dense_update(kernel.0, gradient.clone(), kernel.1, step);
            prop_assert_eq!(floats(ours.previous), before);
            prop_assert_eq!(floats(ours.check), vec![0.0]);
            kernel = (ours.weight, ours.moments);
            let theirs = dense_update_reference(reference.0, gradient.clone(), reference.1, step);
            reference = (theirs.weight, theirs.moments);
            let all = ints((0..entries as i32).collect(), &device);
            masked = masked_update_reference(masked.0, masked.1, gradient, masked.2, all, step);
        }
        let near = Tolerance::<f32>::rel_abs(1e-4, 2e-6);
        let ours: Tensor<2> = kernel.0;
        ours.clone().into_data().assert_approx_eq::<f32>(&reference.0.into_data(), near);
        ours.into_data().assert_approx_eq::<f32>(&masked.0.into_data(), near);
        kernel.1.second.into_data().assert_approx_eq::<f32>(&masked.2.second.into_data(), near);
        prop_assert_eq!(floats(kernel.1.age), vec![3.0]);
    }
}
