//! Attention weights and normalization against what stock operations and their autodiff give.

#![allow(clippy::unwrap_used)]
#![cfg(any(feature = "flex", feature = "tch", feature = "wgpu"))]

mod device;
mod tensors;

use burn::tensor::{Tensor, activation};
use device::{cases, device};
use fishdip_kernels::{biased_softmax, rms_norm};
use proptest::prelude::*;
use tensors::{floats, tensor, wave};

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

fn softmax(shape: [usize; 4], shared: [bool; 3], hidden: usize) {
    let bias: [usize; 4] = std::array::from_fn(|d| if d < 3 && shared[d] { 1 } else { shape[d] });
    let count = |shape: [usize; 4]| shape.iter().product();
    let scores = wave(count(shape), 0.2).into_iter().map(|v| v * 4.0).collect::<Vec<_>>();
    // Some keys are masked, in one row perhaps all.
    let hide = |(i, v): (usize, f32)| if hidden > 0 && i % hidden == 0 { v - 1e9 } else { v };
    let biases: Vec<f32> = wave(count(bias), 0.5).into_iter().enumerate().map(hide).collect();
    let ours = run((scores.clone(), shape), (biases.clone(), bias), biased_softmax);
    let theirs = run((scores, shape), (biases, bias), |s, b| activation::softmax(s + b, 3));
    for (ours, theirs) in ours.iter().zip(&theirs) {
        near(ours, theirs);
    }
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
fn a_softmax_by_hand() {
    // e⁰ : e^ln 3 = 1 : 3
    let device = self::device();
    let scores = Tensor::<4>::from_data([[[[1.0, 3f32.ln()]]]], &device);
    let bias = Tensor::<4>::from_data([[[[-1.0, 0.0]]]], &device);
    near(&floats(biased_softmax(scores, bias)), &[0.25, 0.75]);
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
    let (scores, x) = (tensor(wave(24, 0.2), [1, 2, 3, 4], &device), tensor(wave(24, 0.3), [6, 4], &device));
    let (bias, factors) =
        (tensor(wave(4, 0.4), [1, 1, 1, 4], &device), tensor(wave(4, 0.5), [1, 4], &device));
    let (weights, y) =
        (biased_softmax(scores.clone(), bias.clone()), rms_norm(x.clone(), factors.clone(), 1e-6));
    for (ours, values) in [
        (floats(scores), wave(24, 0.2)),
        (floats(x), wave(24, 0.3)),
        (floats(bias), wave(4, 0.4)),
        (floats(factors), wave(4, 0.5)),
    ] {
        assert_eq!(ours, values);
    }
    assert_ne!(floats(weights), wave(24, 0.2));
    assert_ne!(floats(y), wave(24, 0.3));
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
    softmax([2, 3, 70, 129], [true, false, false], 5);
    norm(3, 70, 130);
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn softmax_is_that_of_stock_operations(
        shape in prop::array::uniform4(1usize..7),
        shared in prop::array::uniform3(any::<bool>()),
        hidden in 0usize..4,
    ) {
        softmax(shape, shared, hidden);
    }

    #[test]
    fn norm_is_that_of_stock_operations(groups in 1usize..4, rows in 1usize..5, width in 4usize..40) {
        norm(groups, rows, width);
    }
}
