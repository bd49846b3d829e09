//! Attention and its gradients against what stock operations and their autodiff give.

use burn::tensor::{Tensor, activation};
use fishdip_kernels::{biased_attention, seeded_dropout};
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::{floats, tensor, wave};

fn near(ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len());
    let scale = theirs.iter().fold(0.1f32, |m, v| m.max(v.abs()));
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 2e-5 * scale, "{i}: {a} {b}");
    }
}

/// Queries, keys, values and bias.
type Inputs = [(Vec<f32>, [usize; 4]); 4];

/// The result, and the gradients of all inputs of `Σ y · wave`.
fn run(inputs: &Inputs, f: impl Fn([Tensor<4>; 4]) -> Tensor<4>) -> Vec<Vec<f32>> {
    let device = self::device().autodiff();
    let inputs =
        inputs.each_ref().map(|(values, shape)| tensor(values.clone(), *shape, &device).require_grad());
    let y = f(inputs.clone());
    let weights = tensor(wave(y.dims().iter().product(), 0.9), y.dims(), &device);
    let mut gradients = (y.clone() * weights).sum().backward();
    let gradients = inputs.map(|input| floats(input.grad_remove(&mut gradients).unwrap()));
    [floats(y)].into_iter().chain(gradients).collect()
}

/// `shared` tells which dimensions of the bias have one entry; every `hidden`-th key is masked, in one row perhaps all.
fn compare(
    [batch, heads, queries, keys]: [usize; 4],
    width: usize,
    shared: [bool; 3],
    hidden: usize,
    rate: f64,
) {
    let full = [batch, heads, queries, keys];
    let bias: [usize; 4] = std::array::from_fn(|d| if d < 3 && shared[d] { 1 } else { full[d] });
    let wide = |length| [batch, heads, length, width];
    let filled = |shape: [usize; 4], seed| (wave(shape.iter().product(), seed), shape);
    let mut inputs =
        [filled(wide(queries), 0.2), filled(wide(keys), 0.5), filled(wide(keys), 0.8), filled(bias, 0.4)];
    for (i, bias) in inputs[3].0.iter_mut().enumerate() {
        *bias -= if hidden > 0 && i % hidden == 0 { 1e9 } else { 0.0 };
    }
    let ours = run(&inputs, |[q, k, v, bias]| biased_attention(q, k, v, bias, rate, 7));
    let theirs = run(&inputs, |[q, k, v, bias]| {
        let weights = activation::softmax(q.matmul(k.transpose()) + bias, 3);
        let weights = if rate == 0.0 { weights } else { seeded_dropout(weights, rate, 7) };
        weights.matmul(v)
    });
    for (ours, theirs) in ours.iter().zip(&theirs) {
        near(ours, theirs);
    }
}

#[test]
fn one_query_by_hand() {
    // Scores 0 and ln 3 after the bias: weights 1/4 and 3/4 of the values 8 and 4.
    let device = self::device();
    let row = |values: [f32; 2]| tensor(values.to_vec(), [1, 1, 2, 1], &device);
    let query = tensor(vec![1.0], [1, 1, 1, 1], &device);
    let bias = tensor(vec![-1.0, 0.0], [1, 1, 1, 2], &device);
    near(&floats(biased_attention(query, row([1.0, 3f32.ln()]), row([8.0, 4.0]), bias, 0.0, 0)), &[5.0]);
}

#[test]
fn second_handles_keep_their_values() {
    let device = self::device();
    let filled = |seed, shape: [usize; 4]| tensor(wave(shape.iter().product(), seed), shape, &device);
    let inputs = [
        filled(0.1, [1, 2, 3, 4]),
        filled(0.2, [1, 2, 5, 4]),
        filled(0.3, [1, 2, 5, 4]),
        filled(0.4, [1, 1, 1, 5]),
    ];
    let before = inputs.clone().map(floats);
    let [q, k, v, bias] = inputs.clone();
    drop(floats(biased_attention(q, k, v, bias, 0.5, 1)));
    assert_eq!(inputs.map(floats), before);
}

#[test]
fn rows_longer_than_any_chunk() {
    compare([2, 3, 70, 129], 5, [true, false, false], 5, 0.0);
}

#[test]
fn only_what_is_asked_for_gets_a_gradient() {
    let plain = self::device();
    let device = plain.clone().autodiff();
    let shape = [1, 2, 3, 3];
    let constant = |seed| Tensor::from_inner(tensor(wave(18, seed), shape, &plain));
    let values = tensor(wave(18, 0.3), shape, &device).require_grad();
    let y = biased_attention(constant(0.1), constant(0.2), values.clone(), constant(0.4), 0.0, 0);
    let mut gradients = y.sum().backward();
    // Every row of weights adds to one, so that the gradients of a column of values add to the number of queries.
    let total: f32 = floats(values.grad_remove(&mut gradients).unwrap()).iter().sum();
    assert!((total - 18.0).abs() < 1e-4, "{total}");
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn attention_is_that_of_stock_operations(
        shape in prop::array::uniform4(1usize..7),
        width in 1usize..6,
        shared in prop::array::uniform3(any::<bool>()),
        hidden in 0usize..4,
        rate in prop_oneof![Just(0.0), Just(0.3)],
    ) {
        compare(shape, width, shared, hidden, rate);
    }
}
