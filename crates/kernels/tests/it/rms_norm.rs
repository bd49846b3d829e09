//! Normalization against what stock operations and their autodiff give.

use burn::tensor::Tensor;
use fishdip_kernels::rms_norm;
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::{floats, tensor, wave};

fn near(ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len());
    let scale = theirs.iter().fold(0.1f32, |m, v| m.max(v.abs()));
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 1e-5 * scale, "{i}: {a} {b}");
    }
}

/// The result, and the gradients of both arguments of `Σ y · wave`.
fn run<const D: usize>(
    (a, of_a): (Vec<f32>, [usize; D]),
    (b, of_b): (Vec<f32>, [usize; D]),
    f: impl Fn(Tensor<D>, Tensor<D>) -> Tensor<D>,
) -> [Vec<f32>; 3] {
    let device = self::device().autodiff();
    let (a, b) = (tensor(a, of_a, &device).require_grad(), tensor(b, of_b, &device).require_grad());
    let y = f(a.clone(), b.clone());
    let weights = tensor(wave(y.dims().iter().product(), 0.9), y.dims(), &device);
    let mut gradients = (y.clone() * weights).sum().backward();
    [
        floats(y),
        floats(a.grad_remove(&mut gradients).unwrap()),
        floats(b.grad_remove(&mut gradients).unwrap()),
    ]
}

fn norm(groups: usize, rows: usize, width: usize) {
    let (x, f) = ([groups * rows, width], [groups, width]);
    let (xs, fs) = (wave(groups * rows * width, 0.3), wave(groups * width, 0.7));
    let ours = run((xs.clone(), x), (fs.clone(), f), |x, f| rms_norm(x, f, 1e-6));
    let theirs = run((xs, x), (fs, f), |x, f| {
        let root = (x.clone().square().mean_dim(1) + 1e-6).sqrt();
        let f = f.reshape([groups, 1, width]).expand([groups, rows, width]).reshape([groups * rows, width]);
        x / root * f
    });
    for (ours, theirs) in ours.iter().zip(&theirs) {
        near(ours, theirs);
    }
}

#[test]
fn a_norm_by_hand() {
    // √mean(9, 16, 0, 0) = 2.5
    let device = self::device();
    let x = Tensor::<2>::from_data([[3.0, 4.0, 0.0, 0.0]], &device);
    let factors = Tensor::<2>::from_data([[1.0, 0.5, 7.0, 7.0]], &device);
    near(&floats(rms_norm(x, factors, 0.0)), &[1.2, 0.8, 0.0, 0.0]);
}

#[test]
fn a_second_handle_keeps_its_values() {
    let device = self::device();
    let (x, factors) = (tensor(wave(24, 0.3), [6, 4], &device), tensor(wave(4, 0.5), [1, 4], &device));
    let before = (floats(x.clone()), floats(factors.clone()));
    let y = rms_norm(x.clone(), factors.clone(), 1e-6);
    assert_ne!(floats(y), before.0);
    assert_eq!((floats(x), floats(factors)), before);
}

#[test]
fn a_transposed_norm() {
    let device = self::device();
    let factors = tensor(wave(4, 0.5), [1, 4], &device);
    let lying = tensor(wave(24, 0.3), [4, 6], &device).transpose();
    let standing = tensor(floats(lying.clone()), [6, 4], &device);
    near(&floats(rms_norm(lying, factors.clone(), 1e-6)), &floats(rms_norm(standing, factors, 1e-6)));
}

#[test]
fn rows_longer_than_any_chunk() {
    norm(3, 70, 130);
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn norm_is_that_of_stock_operations(groups in 1usize..4, rows in 1usize..5, width in 4usize..40) {
        norm(groups, rows, width);
    }
}
