//! Embedding, squared gradients and dropout against what stock operations give.

use burn::tensor::{Tensor, activation};
use fishdip_kernels::{dropped_relu, gated_gelu, masked_embedding, seeded_dropout, squared_linear};
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::{floats, ints, tensor, wave};

fn near(ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len());
    let scale = theirs.iter().fold(1.0f32, |m, v| m.max(v.abs()));
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 1e-5 * scale, "{i}: {a} {b}");
    }
}

fn embedding(rows: usize, width: usize, ids: &[i32], masked: &[u32]) {
    let plain = self::device();
    let device = plain.clone().autodiff();
    let dense = wave(rows * width, 0.3);
    // Stock: the table's whole gradient of Σ y³.
    let table = tensor(dense.clone(), [rows, width], &device).require_grad();
    let y = table.clone().select(0, ints(ids.to_vec(), &device));
    let mut gradients = y.clone().powi_scalar(3).sum().backward();
    let all = floats(table.grad_remove(&mut gradients).unwrap());
    let expected: Vec<f32> = masked.iter().map(|&i| all[i as usize]).collect();

    let values = masked.iter().map(|&i| dense[i as usize]).collect();
    let values = tensor(values, [masked.len()], &device).require_grad();
    let indices = ints(masked.iter().map(|&i| i as i32).collect(), &device);
    let table = Tensor::from_inner(tensor(dense, [rows, width], &plain));
    let ours = masked_embedding(table, values.clone(), indices, ints(ids.to_vec(), &device));
    near(&floats(ours.clone()), &floats(y));
    let mut gradients = ours.powi_scalar(3).sum().backward();
    near(&floats(values.grad_remove(&mut gradients).unwrap()), &expected);
}

fn squares(samples: usize, length: usize, input: usize, output: usize) {
    let device = self::device().autodiff();
    let (x, w) = (wave(samples * length * input, 0.1), wave(input * output, 0.2));
    // Stock: one backward pass a sample.
    let mut expected = vec![0.0; input * output];
    for sample in x.chunks_exact(length * input) {
        let w = tensor(w.clone(), [input, output], &device).require_grad();
        let y = tensor(sample.to_vec(), [length, input], &device).matmul(w.clone());
        let mut gradients = y.square().sum().backward();
        let own = floats(w.grad_remove(&mut gradients).unwrap());
        expected.iter_mut().zip(own).for_each(|(sum, g)| *sum += g * g);
    }
    let leaf = tensor(w.clone(), [input, output], &device).require_grad();
    let x = tensor(x, [samples * length, input], &device);
    let y = squared_linear(x, tensor(w, [input, output], &device), leaf.clone(), samples);
    let mut gradients = y.square().sum().backward();
    near(&floats(leaf.grad_remove(&mut gradients).unwrap()), &expected);
}

#[test]
fn squares_of_more_entries_than_are_squared_at_once() {
    squares(2, 3, 130, 515);
}

#[test]
fn dropout_drops_its_share_and_keeps_the_mean() {
    let device = self::device();
    let ones = || Tensor::<2>::ones([300, 500], &device);
    let dropped = floats(seeded_dropout(ones(), 0.1, 5));
    let zeros = dropped.iter().filter(|v| **v == 0.0).count() as f32 / 150_000.0;
    // Five standard deviations of a binomial share.
    assert!((zeros - 0.1).abs() < 5.0 * (0.09f32 / 150_000.0).sqrt(), "{zeros}");
    assert!(dropped.iter().all(|v| *v == 0.0 || (v - 1.0 / 0.9).abs() < 1e-6));
    assert_eq!(dropped, floats(seeded_dropout(ones(), 0.1, 5)), "a seed decides");
    assert_ne!(dropped, floats(seeded_dropout(ones(), 0.1, 6)), "another seed drops others");
    assert_eq!(floats(seeded_dropout(ones(), 0.0, 5)), vec![1.0; 150_000]);
}

#[test]
fn a_rectifier_with_dropout_is_one_behind_the_other() {
    for (rate, length) in [(0.0, 7), (0.3, 40_000)] {
        let device = self::device().autodiff();
        let run = |f: &dyn Fn(Tensor<1>) -> Tensor<1>| {
            let x = tensor(wave(length, 0.4), [length], &device).require_grad();
            let y = f(x.clone());
            let mut gradients = (y.clone() * tensor(wave(length, 0.8), [length], &device)).sum().backward();
            [floats(y), floats(x.grad_remove(&mut gradients).unwrap())]
        };
        let ours = run(&|x| dropped_relu(x, rate, 9));
        let theirs = run(&|x| {
            let y = activation::relu(x);
            if rate == 0.0 { y } else { seeded_dropout(y, rate, 9) }
        });
        for (ours, theirs) in ours.iter().zip(&theirs) {
            near(ours, theirs);
        }
    }
}

#[test]
fn a_gate_by_hand() {
    // gelu(1) = (1 + tanh(0.79788456 · 1.044715)) / 2 = 0.84119199, as PyTorch has it; large gates are the identity or zero.
    let device = self::device();
    let gate = tensor(vec![1.0, 0.0, 30.0, -30.0], [4], &device);
    let x = tensor(vec![2.0, 5.0, 1.0, 1.0], [4], &device);
    near(&floats(gated_gelu(gate, x, 0.0, 0)), &[1.682_384, 0.0, 30.0, 0.0]);
}

#[test]
fn a_gate_with_dropout_is_one_behind_the_other() {
    for (rate, length) in [(0.0, 7), (0.3, 40_000)] {
        let device = self::device().autodiff();
        let run = |f: &dyn Fn(Tensor<1>, Tensor<1>) -> Tensor<1>| {
            let [gate, x] = [0.4, 0.6].map(|seed| {
                let values = wave(length, seed).into_iter().map(|v| v * 4.0).collect();
                tensor(values, [length], &device).require_grad()
            });
            let y = f(gate.clone(), x.clone());
            let mut gradients = (y.clone() * tensor(wave(length, 0.8), [length], &device)).sum().backward();
            [
                floats(y),
                floats(gate.grad_remove(&mut gradients).unwrap()),
                floats(x.grad_remove(&mut gradients).unwrap()),
            ]
        };
        let ours = run(&|gate, x| gated_gelu(gate, x, rate, 9));
        let theirs = run(&|gate, x| {
            let y = activation::gelu_approximate(gate) * x;
            if rate == 0.0 { y } else { seeded_dropout(y, rate, 9) }
        });
        for (ours, theirs) in ours.iter().zip(&theirs) {
            near(ours, theirs);
        }
    }
}

#[test]
fn dropout_drops_the_same_however_a_tensor_lies() {
    let device = self::device();
    let values = wave(77, 0.1);
    let lying = tensor(values.clone(), [7, 11], &device).transpose();
    let standing = tensor(floats(lying.clone()), [11, 7], &device);
    assert_eq!(floats(seeded_dropout(lying.clone(), 0.5, 9)), floats(seeded_dropout(standing, 0.5, 9)));
    assert_eq!(floats(lying.transpose()), values, "the other handle keeps its values");
}

#[test]
fn dropout_sends_back_through_the_same_mask() {
    let device = self::device().autodiff();
    let x = Tensor::<2>::ones([7, 11], &device).require_grad();
    let y = seeded_dropout(x.clone(), 0.5, 9);
    let mut gradients = y.clone().sum().backward();
    assert_eq!(floats(x.grad_remove(&mut gradients).unwrap()), floats(y));
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn embeddings_of_any_shape(
        (rows, width, ids, masked) in (1usize..12, 1usize..9).prop_flat_map(|(rows, width)| {
            let entries = (rows * width) as u32;
            let masked = proptest::collection::btree_set(0..entries, 1..=(entries.min(20) as usize));
            (Just(rows), Just(width), proptest::collection::vec(0..rows as i32, 1..30), masked)
        }),
    ) {
        embedding(rows, width, &ids, &masked.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn squares_of_any_shape(samples in 1usize..5, length in 1usize..20, input in 1usize..20, output in 1usize..20) {
        squares(samples, length, input, output);
    }
}
