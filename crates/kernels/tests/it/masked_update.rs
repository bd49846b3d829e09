//! The fused masked update against its reference and a hand calculation.

use burn::tensor::{DType, Device, FloatDType, Int, Tensor, TensorData, Tolerance};
use fishdip_kernels::{Moments, Rule, Step, masked_update, masked_update_reference};
use proptest::prelude::*;

use crate::device::cases;

const STEP: Step = Step {
    learning_rate: 0.1,
    weight_decay: 0.0,
    clip: 1.0,
    rule: Rule::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

fn indices(positions: &[u32], device: &Device) -> Tensor<1, Int> {
    let ints: Vec<i32> = positions.iter().map(|&p| p as i32).collect();
    Tensor::from_data(TensorData::new(ints, [positions.len()]), device)
}

fn vector(values: Vec<f32>, device: &Device) -> Tensor<1> {
    let length = values.len();
    Tensor::from_data(TensorData::new(values, [length]), device)
}

fn zeros(length: usize, device: &Device) -> Moments {
    let zeros = || vector(vec![0.0; length], device);
    Moments { first: zeros(), second: zeros(), age: zeros() }
}

fn floats<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.clone().into_data().iter::<f32>().collect()
}

#[test]
fn the_first_step_is_the_learning_rate_against_the_sign() {
    // With bias correction m/(1−β₁) = g and v/(1−β₂) = g², so the first step is lr · g/|g|.
    let device = crate::device::device();
    let weight = Tensor::<2>::from_data([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], &device);
    let (weight, values, moments) = masked_update(
        weight,
        vector(vec![2.0, 6.0], &device),
        vector(vec![0.5, -3.0], &device),
        zeros(2, &device),
        indices(&[1, 5], &device),
        STEP,
    );
    let expected = [1.0, 1.9, 3.0, 4.0, 5.0, 6.1];
    for (ours, expected) in floats(&weight).iter().zip(expected) {
        assert!((ours - expected).abs() < 1e-6, "{ours} {expected}");
    }
    assert_eq!(floats(&values), [floats(&weight)[1], floats(&weight)[5]]);
    assert_eq!(floats(&moments.age), [1.0, 1.0]);
}

/// Steps a weight of two entries, both masked, and gives its values.
fn steps(rule: Rule, gradients: &[[f32; 2]]) -> Vec<f32> {
    let device = crate::device::device();
    let mut all =
        (Tensor::<1>::from_data([1.0, 2.0], &device), vector(vec![1.0, 2.0], &device), zeros(2, &device));
    for gradient in gradients {
        let gradient = vector(gradient.to_vec(), &device);
        all = masked_update(all.0, all.1, gradient, all.2, indices(&[0, 1], &device), Step { rule, ..STEP });
    }
    floats(&all.0)
}

fn near(ours: &[f32], expected: &[f32]) {
    for (ours, expected) in ours.iter().zip(expected) {
        assert!((ours - expected).abs() < 1e-5, "{ours} {expected}");
    }
}

#[test]
fn descent_adds_up_gradients() {
    // m: 1, then 0.5 · 1 + 3 = 3.5; −2, then 0.5 · −2 + 0 = −1.
    let rule = Rule::Sgd { momentum: 0.5 };
    near(&steps(rule, &[[1.0, -2.0], [3.0, 0.0]]), &[1.0 - 0.45, 2.0 + 0.3]);
}

/// What `transformers.Adafactor(lr=0.1, scale_parameter=False, relative_step=False, warmup_init=False)` of version 4.57 makes of a vector; the second
/// step is clipped.
#[test]
fn adafactor_steps_as_that_of_transformers() {
    near(&steps(Rule::Adafactor, &[[1.0, -2.0]]), &[0.9, 2.1]);
    near(&steps(Rule::Adafactor, &[[1.0, -2.0], [10.0, 0.5]]), &[0.768_535_4, 2.063_201_2]);
}

#[derive(Debug, Clone)]
struct Case {
    rows: usize,
    columns: usize,
    positions: Vec<u32>,
    seed: f32,
    step: Step,
}

fn rule() -> impl Strategy<Value = Rule> {
    let sgd = (0.0f32..1.0).prop_map(|momentum| Rule::Sgd { momentum });
    prop_oneof![Just(STEP.rule), Just(Rule::Adafactor), sgd]
}

fn case() -> impl Strategy<Value = Case> {
    (1usize..20, 1usize..20)
        .prop_flat_map(|(rows, columns)| {
            let entries = (rows * columns) as u32;
            let positions = proptest::collection::btree_set(0..entries, 0..=(entries.min(64) as usize));
            (Just(rows), Just(columns), positions, -1.0f32..1.0, (0.0f32..0.1, 0.1f32..1.0), rule())
        })
        .prop_map(|(rows, columns, positions, seed, (weight_decay, clip), rule)| Case {
            rows,
            columns,
            positions: positions.into_iter().collect(),
            seed,
            step: Step { weight_decay, clip, rule, ..STEP },
        })
}

#[test]
fn a_narrow_weight_keeps_wide_moments() {
    if crate::device::backend() == "wgpu" {
        println!("skipped: WGSL has no bf16");
        return;
    }
    // A step of 1e-4 is lost in bf16 beside 1, the moments are not.
    let device = crate::device::device();
    let narrow = |values: Vec<f32>| vector(values, &device).cast(FloatDType::BF16);
    let (weight, values) = (narrow(vec![1.0, 8.0, 0.5]), narrow(vec![1.0, 0.5]));
    for rule in [STEP.rule, Rule::Adafactor, Rule::Sgd { momentum: 0.9 }] {
        let step = Step { learning_rate: 1e-4, rule, ..STEP };
        let gradient = vector(vec![1.0, -0.25], &device);
        let at = indices(&[0, 2], &device);
        let (after, values, moments) =
            masked_update(weight.clone(), values.clone(), gradient, zeros(2, &device), at, step);
        assert_eq!(floats(&after), [1.0, 8.0, 0.5]);
        assert_eq!(floats(&values), [1.0, 0.5]);
        assert_eq!((after.dtype(), moments.first.dtype()), (DType::BF16, DType::F32));
        assert!(floats(&moments.first)[0] > 0.0);
        let step = Step { learning_rate: 0.5, rule: Rule::Sgd { momentum: 0.0 }, ..step };
        let gradient = vector(vec![1.0, -0.25], &device);
        let at = indices(&[0, 2], &device);
        let (after, ..) = masked_update(after, values, gradient, zeros(2, &device), at, step);
        assert_eq!(floats(&after), [0.5, 8.0, 0.625]);
    }
}

#[test]
fn a_narrow_gradient_counts_by_its_values() {
    if crate::device::backend() == "wgpu" {
        println!("skipped: WGSL has no bf16");
        return;
    }
    let device = crate::device::device();
    // bf16 has both values, so that the step is that of the same gradient in f32: w − lr · g.
    let gradient = vector(vec![0.5, -3.0], &device).cast(FloatDType::BF16);
    let (weight, values) = (vector(vec![1.0, 8.0, 2.0], &device), vector(vec![1.0, 2.0], &device));
    let step = Step { rule: Rule::Sgd { momentum: 0.0 }, ..STEP };
    let at = indices(&[0, 2], &device);
    let (weight, values, _) = masked_update(weight, values, gradient, zeros(2, &device), at, step);
    near(&floats(&weight), &[0.95, 8.0, 2.3]);
    near(&floats(&values), &[0.95, 2.3]);
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn kernel_and_reference_agree(case in case()) {
        let device = crate::device::device();
        let entries = case.rows * case.columns;
        let number = |i: usize| (i as f32 * 0.37 + case.seed).sin();
        let dense: Vec<f32> = (0..entries).map(number).collect();
        let k = case.positions.len();
        let values = vector(case.positions.iter().map(|&p| dense[p as usize]).collect(), &device);
        let weight = Tensor::<2>::from_data(TensorData::new(dense.clone(), [case.rows, case.columns]), &device);
        let mut kernel = (weight.clone(), values.clone(), zeros(k, &device));
        let mut reference = (weight, values, zeros(k, &device));
        for step in 0..3 {
            let gradient = vector((0..k).map(|i| number(i * 31 + step)).collect(), &device);
            let at = indices(&case.positions, &device);
            kernel = masked_update(kernel.0, kernel.1, gradient.clone(), kernel.2, at.clone(), case.step);
            reference = masked_update_reference(reference.0, reference.1, gradient, reference.2, at, case.step);
        }
        let near = Tolerance::<f32>::rel_abs(1e-4, 2e-6);
        kernel.0.clone().into_data().assert_approx_eq::<f32>(&reference.0.into_data(), near);
        kernel.2.second.into_data().assert_approx_eq::<f32>(&reference.2.second.into_data(), near);
        let after = floats(&kernel.0);
        for (i, (before, after)) in dense.iter().zip(&after).enumerate() {
            let masked = case.positions.binary_search(&(i as u32)).is_ok();
            prop_assert!(masked || before.to_bits() == after.to_bits(), "entry {} is frozen", i);
        }
        let expected: Vec<f32> = case.positions.iter().map(|&p| after[p as usize]).collect();
        prop_assert_eq!(floats(&kernel.1), expected, "weight[indices] == values");
    }
}
