//! The softmax over legal pieces against that over all pieces whose scores are −∞ where they are not legal, by stock operations and autodiff.

use std::collections::BTreeMap;

use burn::tensor::{Tensor, TensorData, Tolerance, activation};
use fishdip_kernels::{
    LegalPieces, OutputLayout, SampleRows, TrainedOutput, WeightGradient, legal_cross_entropy,
    legal_cross_entropy_squares,
};
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::{floats, ints, tensor, wave};

/// What is legal at each token, its target first.
#[derive(Clone, Debug)]
struct Case {
    width: usize,
    vocabulary: usize,
    layout: OutputLayout,
    legal: Vec<Vec<u32>>,
    masked: Vec<u32>,
}

/// Losses (weighted, summed), dx, and the dense dW.
type Found = (f32, Vec<f32>, Vec<f32>);

impl Case {
    fn tokens(&self) -> usize {
        self.legal.len()
    }

    fn shape(&self) -> [usize; 2] {
        match self.layout {
            OutputLayout::Table => [self.vocabulary, self.width],
            OutputLayout::Linear => [self.width, self.vocabulary],
        }
    }

    fn pieces(&self) -> LegalPieces {
        let mut pieces = LegalPieces::default();
        for legal in &self.legal {
            assert!(pieces.push(legal, legal[0]));
        }
        pieces
    }

    fn weights(&self) -> Vec<f32> {
        (0..self.tokens()).map(|t| (t % 3) as f32 / self.tokens() as f32).collect()
    }

    fn x(&self) -> Vec<f32> {
        wave(self.tokens() * self.width, 0.1).into_iter().map(|value| value * 3.0).collect()
    }

    fn dense(&self) -> Vec<f32> {
        wave(self.width * self.vocabulary, 0.2).into_iter().map(|value| value * 3.0).collect()
    }

    /// The softmax over all pieces, whose scores are −∞ but for the legal ones of the tokens `own`.
    fn stock(&self, own: core::ops::Range<usize>) -> Found {
        let device = self::device().autodiff();
        let (count, width) = (own.len(), self.width);
        let x = self.x()[own.start * width..own.end * width].to_vec();
        let x = tensor(x, [count, width], &device).require_grad();
        let w = tensor(self.dense(), self.shape(), &device).require_grad();
        let table = if self.layout == OutputLayout::Table { w.clone().transpose() } else { w.clone() };
        let mut ruled_out = vec![f32::NEG_INFINITY; count * self.vocabulary];
        for (row, legal) in ruled_out.chunks_exact_mut(self.vocabulary).zip(&self.legal[own.clone()]) {
            for &piece in legal {
                row[piece as usize] = 0.0;
            }
        }
        let scores = x.clone().matmul(table) + tensor(ruled_out, [count, self.vocabulary], &device);
        let targets = self.legal[own.clone()].iter().map(|legal| legal[0] as i32).collect();
        let targets = ints(targets, &device).reshape([count, 1]);
        let own_p = activation::log_softmax(scores, 1).gather(1, targets).reshape([count]);
        let loss = (own_p.neg() * tensor(self.weights()[own].to_vec(), [count], &device)).sum();
        let mut gradients = loss.backward();
        let dw = floats(w.grad_remove(&mut gradients).unwrap());
        let dx = floats(x.grad_remove(&mut gradients).unwrap());
        (loss.into_scalar(), dx, dw)
    }

    fn ours(&self, trained: TrainedOutput) -> (f32, Vec<f32>, burn::tensor::Gradients) {
        let plain = self::device();
        let x = tensor(self.x(), [self.tokens(), self.width], &plain.clone().autodiff()).require_grad();
        let weights = tensor(self.weights(), [self.tokens()], &plain.clone().autodiff());
        let weight = Tensor::from_inner(tensor(self.dense(), self.shape(), &plain));
        let losses = legal_cross_entropy(x.clone(), weight, trained, self.pieces(), weights, self.layout);
        let loss = losses.sum();
        // A factor on the loss must reach every gradient.
        let mut gradients = (loss.clone() * 2.0).backward();
        let dx = floats(x.grad_remove(&mut gradients).unwrap());
        (loss.into_scalar(), dx.into_iter().map(|g| g / 2.0).collect(), gradients)
    }

    fn check(&self) {
        let (loss, dx, dw) = self.stock(0..self.tokens());
        let device = self::device().autodiff();
        let near = |ours: Vec<f32>, theirs: &[f32]| {
            let length = theirs.len();
            let theirs = TensorData::new(theirs.to_vec(), [length]);
            let tolerance = Tolerance::<f32>::rel_abs(1e-4, 1e-5);
            TensorData::new(ours, [length]).assert_approx_eq::<f32>(&theirs, tolerance);
        };
        let halved = |gradient: Vec<f32>| gradient.into_iter().map(|g| g / 2.0).collect::<Vec<f32>>();

        let leaf = tensor(self.dense(), self.shape(), &device).require_grad();
        let (our_loss, our_dx, mut gradients) = self.ours(TrainedOutput::All(leaf.clone()));
        assert!((loss - our_loss).abs() <= 1e-5 * loss.abs().max(1.0), "{self:?}: {our_loss} {loss}");
        near(our_dx, &dx);
        near(halved(floats(leaf.grad_remove(&mut gradients).unwrap())), &dw);

        let dense = self.dense();
        let values = self.masked.iter().map(|&i| dense[i as usize]).collect();
        let values = tensor(values, [self.masked.len()], &device).require_grad();
        let indices = ints(self.masked.iter().map(|&i| i as i32).collect(), &device);
        let gradient = WeightGradient::Gathered;
        let trained = TrainedOutput::Entries { values: values.clone(), indices, gradient };
        let (_, our_dx, mut gradients) = self.ours(trained);
        near(our_dx, &dx);
        let of_masked: Vec<f32> = self.masked.iter().map(|&i| dw[i as usize]).collect();
        if let Some(gradient) = values.grad_remove(&mut gradients) {
            near(halved(floats(gradient)), &of_masked);
        }

        let plain = self::device();
        let x = tensor(self.x(), [self.tokens(), self.width], &plain);
        let weight = tensor(self.dense(), self.shape(), &plain);
        let weights = tensor(self.weights(), [self.tokens()], &plain);
        let losses =
            legal_cross_entropy(x, weight, TrainedOutput::Nothing, self.pieces(), weights, self.layout);
        let sum: f32 = floats(losses).iter().sum();
        assert!((loss - sum).abs() <= 1e-5 * loss.abs().max(1.0), "{self:?}: {sum} {loss}");
        self.check_squares();
    }

    /// The first token is one sample, the others are another; each reads one row of the weight elsewhere.
    fn check_squares(&self) {
        let mut expected = vec![0.0f32; self.width * self.vocabulary];
        let mut samples = Vec::new();
        for (number, own) in
            [0..1, 1..self.tokens()].into_iter().enumerate().filter(|(_, own)| !own.is_empty())
        {
            let (_, _, mut gradient) = self.stock(own.clone());
            let piece = (number * 5) % self.vocabulary;
            let vector = wave(self.width, number as f32);
            for (i, value) in vector.iter().enumerate() {
                let at = match self.layout {
                    OutputLayout::Table => piece * self.width + i,
                    OutputLayout::Linear => i * self.vocabulary + piece,
                };
                gradient[at] += value;
            }
            expected.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g * g);
            let elsewhere = BTreeMap::from([(piece as u32, vector)]);
            samples.push(SampleRows { tokens: own.len(), elsewhere });
        }
        let plain = self::device();
        let x = tensor(self.x(), [self.tokens(), self.width], &plain);
        let weight = tensor(self.dense(), self.shape(), &plain);
        let weights = tensor(self.weights(), [self.tokens()], &plain);
        let ours = legal_cross_entropy_squares(x, weight, self.pieces(), weights, samples, self.layout);
        assert_eq!(ours.dims(), self.shape());
        let scale = expected.iter().fold(0.1f32, |m, v| m.max(v.abs()));
        for (i, (a, b)) in floats(ours).iter().zip(&expected).enumerate() {
            assert!((a - b).abs() <= 1e-5 * scale, "{self:?}: {i}: {a} {b}");
        }
    }
}

#[test]
fn losses_by_hand() {
    // Scores (0, ln 3, ln 5): of the first two the loss of piece 0 is ln 4, of 1 and 2 that of piece 2 is ln 8 − ln 5.
    let device = self::device();
    let x = tensor(vec![1.0, 1.0, 1.0], [3, 1], &device);
    let table = tensor(vec![0.0, 3f32.ln(), 5f32.ln()], [3, 1], &device);
    let mut legal = LegalPieces::default();
    assert!(legal.push(&[0, 1], 0) && legal.push(&[1, 2], 2) && legal.push(&[1], 1));
    let weights = tensor(vec![1.0; 3], [3], &device);
    let losses = legal_cross_entropy(x, table, TrainedOutput::Nothing, legal, weights, OutputLayout::Table);
    let losses = floats(losses);
    let expected = [4f32.ln(), (8f32 / 5.0).ln(), 0.0];
    assert!(losses.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{losses:?}");
}

#[test]
fn more_tokens_than_a_thread_takes_at_once() {
    for layout in [OutputLayout::Table, OutputLayout::Linear] {
        let legal = (0..150u32).map(|t| (0..=t % 5).map(|i| (t * 7 + i * 11) % 301).collect()).collect();
        let masked = (0..301 * 5).step_by(7).collect();
        Case { width: 5, vocabulary: 301, layout, legal, masked }.check();
    }
}

#[test]
fn where_nothing_is_open_nothing_is_lost() {
    for layout in [OutputLayout::Table, OutputLayout::Linear] {
        Case { width: 3, vocabulary: 4, layout, legal: vec![vec![2], vec![0]], masked: vec![1, 5] }.check();
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_lists(
        (width, vocabulary, legal, masked, table) in (1usize..9, 2usize..20).prop_flat_map(|(width, vocabulary)| {
            let place = proptest::collection::btree_set(0..vocabulary as u32, 1..=vocabulary.min(6));
            let place = place.prop_map(|pieces| pieces.into_iter().collect::<Vec<u32>>());
            let legal = proptest::collection::vec(place.prop_shuffle(), 1..12);
            let entries = (width * vocabulary) as u32;
            let masked = proptest::collection::btree_set(0..entries, 0..=(entries.min(30) as usize));
            (Just(width), Just(vocabulary), legal, masked, any::<bool>())
        }),
    ) {
        let layout = if table { OutputLayout::Table } else { OutputLayout::Linear };
        Case { width, vocabulary, layout, legal, masked: masked.into_iter().collect() }.check();
    }
}
