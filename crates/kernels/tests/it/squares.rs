//! Squared gradients of the output layer against each sample's own backward pass by stock operations.

use std::collections::BTreeMap;

use burn::tensor::activation;
use fishdip_kernels::{OutputLayout, SampleRows, TrainedOutput, cross_entropy_squares, linear_cross_entropy};
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::{floats, ints, tensor, wave};

/// `tokens` of each sample, and the pieces whose gradient has more from elsewhere.
fn check(vocabulary: usize, width: usize, samples: &[(usize, Vec<u32>)], layout: OutputLayout) {
    let device = self::device();
    let autodiff = device.clone().autodiff();
    let all: usize = samples.iter().map(|(tokens, _)| tokens).sum();
    let shape = if layout == OutputLayout::Table { [vocabulary, width] } else { [width, vocabulary] };
    let x = tensor(wave(all * width, 0.1), [all, width], &device);
    let weight = tensor(wave(vocabulary * width, 0.4), shape, &device);
    let targets = ints((0..all).map(|t| (t * 7 % vocabulary) as i32).collect(), &device);
    let weights = tensor((0..all).map(|t| (t % 3) as f32 * 0.5).collect(), [all], &device);

    let mut expected = vec![0.0f32; vocabulary * width];
    let mut rows = Vec::new();
    let mut start = 0;
    for (number, (tokens, pieces)) in samples.iter().enumerate() {
        let own = |length: usize| start..start + length;
        let leaf = tensor(floats(weight.clone()), shape, &autodiff).require_grad();
        let table = if layout == OutputLayout::Table { leaf.clone().transpose() } else { leaf.clone() };
        let x = tensor(floats(x.clone().slice([own(*tokens), 0..width])), [*tokens, width], &autodiff);
        let targets: Vec<i32> = own(*tokens).map(|t| (t * 7 % vocabulary) as i32).collect();
        let targets = ints(targets, &autodiff).reshape([*tokens, 1]);
        let log_p = activation::log_softmax(x.matmul(table), 1).gather(1, targets).reshape([*tokens]);
        let c = tensor(floats(weights.clone().slice([own(*tokens)])), [*tokens], &autodiff);
        let mut gradients = (log_p.neg() * c).sum().backward();
        let mut gradient = floats(leaf.grad_remove(&mut gradients).unwrap());
        let vector = |piece: u32| (piece, wave(width, number as f32 + piece as f32));
        let elsewhere: BTreeMap<u32, Vec<f32>> =
            pieces.iter().map(|piece| vector(piece % vocabulary as u32)).collect();
        for (&piece, vector) in &elsewhere {
            for (i, value) in vector.iter().enumerate() {
                let at = match layout {
                    OutputLayout::Table => piece as usize * width + i,
                    OutputLayout::Linear => i * vocabulary + piece as usize,
                };
                gradient[at] += value;
            }
        }
        expected.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g * g);
        rows.push(SampleRows { tokens: *tokens, elsewhere });
        start += tokens;
    }

    let losses = linear_cross_entropy(
        x.clone(),
        weight.clone(),
        TrainedOutput::Nothing,
        targets.clone(),
        weights.clone(),
        layout,
    );
    let ours = floats(cross_entropy_squares(x, weight, (targets, weights, losses), rows, layout));
    let scale = expected.iter().fold(0.1f32, |m, v| m.max(v.abs()));
    assert_eq!(ours.len(), expected.len());
    for (i, (a, b)) in ours.iter().zip(&expected).enumerate() {
        assert!((a - b).abs() <= 1e-5 * scale, "{i}: {a} {b}");
    }
}

#[test]
fn more_pieces_than_a_block() {
    for layout in [OutputLayout::Table, OutputLayout::Linear] {
        check(2500, 5, &[(3, vec![0, 1023, 1024, 2499]), (1, vec![]), (4, vec![7])], layout);
    }
}

#[test]
fn a_token_without_weight_has_no_gradient() {
    // The other piece's score is 300 above the target's.
    let device = self::device();
    let x = tensor(vec![1.0], [1, 1], &device);
    let weight = tensor(vec![-150.0, 150.0], [2, 1], &device);
    let token = (ints(vec![0], &device), tensor(vec![0.0], [1], &device), tensor(vec![0.0], [1], &device));
    let samples = vec![SampleRows { tokens: 1, ..SampleRows::default() }];
    assert_eq!(floats(cross_entropy_squares(x, weight, token, samples, OutputLayout::Table)), [0.0, 0.0]);
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn squares_are_those_of_each_sample(
        vocabulary in 2usize..9,
        width in 1usize..6,
        samples in prop::collection::vec((1usize..5, prop::collection::vec(0u32..9, 0..4)), 1..4),
        linear in any::<bool>(),
    ) {
        check(vocabulary, width, &samples, if linear { OutputLayout::Linear } else { OutputLayout::Table });
    }
}
