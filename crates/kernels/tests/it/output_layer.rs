//! The fused output layer and cross-entropy against stock autodiff.

use burn::tensor::{Tensor, TensorData, Tolerance, activation};
use fishdip_kernels::{OutputLayout, TrainedOutput, WeightGradient, linear_cross_entropy, token_losses};
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::{floats, ints, tensor, wave};

/// Scores of these differ enough for the softmax to be far from uniform.
fn loud(length: usize, seed: f32) -> Vec<f32> {
    wave(length, seed).into_iter().map(|value| value * 3.0).collect()
}

/// `[tokens, width]` inputs, a vocabulary, and which entries of the weight are masked.
#[derive(Clone, Debug)]
struct Case {
    tokens: usize,
    width: usize,
    vocabulary: usize,
    layout: OutputLayout,
    masked: Vec<u32>,
    gradient: WeightGradient,
}

impl Case {
    fn shape(&self) -> [usize; 2] {
        match self.layout {
            OutputLayout::Table => [self.vocabulary, self.width],
            OutputLayout::Linear => [self.width, self.vocabulary],
        }
    }

    fn targets(&self) -> Vec<i32> {
        (0..self.tokens).map(|t| (t * 7 % self.vocabulary) as i32).collect()
    }

    fn weights(&self) -> Vec<f32> {
        (0..self.tokens).map(|t| (t % 3) as f32 / self.tokens as f32).collect()
    }

    /// Loss, dx, and the masked entries of dW, by stock operations.
    fn stock(&self) -> (f32, Vec<f32>, Vec<f32>) {
        let device = self::device().autodiff();
        let x =
            tensor(loud(self.tokens * self.width, 0.1), [self.tokens, self.width], &device).require_grad();
        let w = tensor(loud(self.width * self.vocabulary, 0.2), self.shape(), &device).require_grad();
        let table = if self.layout == OutputLayout::Table { w.clone().transpose() } else { w.clone() };
        let targets = ints(self.targets(), &device).reshape([self.tokens, 1]);
        let own = activation::log_softmax(x.clone().matmul(table), 1).gather(1, targets);
        let loss = (own.reshape([self.tokens]).neg() * tensor(self.weights(), [self.tokens], &device)).sum();
        let mut gradients = loss.backward();
        let dw = floats(w.grad_remove(&mut gradients).unwrap());
        let dx = floats(x.grad_remove(&mut gradients).unwrap());
        (loss.into_scalar(), dx, self.masked.iter().map(|&i| dw[i as usize]).collect())
    }

    fn ours(&self) -> (f32, Vec<f32>, Vec<f32>) {
        let plain = self::device();
        let device = plain.clone().autodiff();
        let x =
            tensor(loud(self.tokens * self.width, 0.1), [self.tokens, self.width], &device).require_grad();
        let dense = loud(self.width * self.vocabulary, 0.2);
        let values: Vec<f32> = self.masked.iter().map(|&i| dense[i as usize]).collect();
        let values = tensor(values, [self.masked.len()], &device).require_grad();
        let indices = ints(self.masked.iter().map(|&i| i as i32).collect(), &device);
        let weight = Tensor::from_inner(tensor(dense, self.shape(), &plain));
        let trained = TrainedOutput::Entries { values: values.clone(), indices, gradient: self.gradient };
        let losses = linear_cross_entropy(
            x.clone(),
            weight,
            trained,
            ints(self.targets(), &device),
            tensor(self.weights(), [self.tokens], &device),
            self.layout,
        );
        let loss = losses.sum();
        // A factor on the loss must reach both gradients.
        let mut gradients = (loss.clone() * 2.0).backward();
        let halved = |v: Vec<f32>| v.into_iter().map(|g| g / 2.0).collect::<Vec<f32>>();
        let dx = halved(floats(x.grad_remove(&mut gradients).unwrap()));
        let dv = values.grad_remove(&mut gradients).map_or_else(Vec::new, |g| halved(floats(g)));
        (loss.into_scalar(), dx, dv)
    }

    /// The same with the whole weight trained; of its gradient the masked entries.
    fn whole(&self) -> (f32, Vec<f32>, Vec<f32>) {
        let plain = self::device();
        let device = plain.clone().autodiff();
        let x =
            tensor(loud(self.tokens * self.width, 0.1), [self.tokens, self.width], &device).require_grad();
        let weight = tensor(loud(self.width * self.vocabulary, 0.2), self.shape(), &plain);
        let leaf = Tensor::from_inner(weight.clone()).require_grad();
        let losses = linear_cross_entropy(
            x.clone(),
            Tensor::from_inner(weight),
            TrainedOutput::All(leaf.clone()),
            ints(self.targets(), &device),
            tensor(self.weights(), [self.tokens], &device),
            self.layout,
        );
        let loss = losses.sum();
        let mut gradients = loss.backward();
        let dx = floats(x.grad_remove(&mut gradients).unwrap());
        let dw = floats(leaf.grad_remove(&mut gradients).unwrap());
        (loss.into_scalar(), dx, self.masked.iter().map(|&i| dw[i as usize]).collect())
    }

    fn check(&self) {
        self.compare(self.ours());
        self.compare(self.whole());
    }

    fn compare(&self, (our_loss, our_dx, our_dw): (f32, Vec<f32>, Vec<f32>)) {
        let (loss, dx, dw) = self.stock();
        assert!((loss - our_loss).abs() <= 1e-5 * loss.abs().max(1.0), "{self:?}: {our_loss} {loss}");
        let near = Tolerance::<f32>::rel_abs(1e-4, 1e-5);
        for (ours, theirs) in [(our_dx, dx), (our_dw, dw)] {
            let length = theirs.len();
            TensorData::new(ours, [length]).assert_approx_eq::<f32>(&TensorData::new(theirs, [length]), near);
        }
    }
}

#[test]
fn losses_by_hand() {
    // Scores (0, ln 3): the loss of piece 0 is ln 4, that of piece 1 is ln 4 − ln 3.
    let device = self::device();
    let x = tensor(vec![1.0, 1.0], [2, 1], &device);
    let table = tensor(vec![0.0, 3f32.ln()], [2, 1], &device);
    let losses = floats(token_losses(x, table, ints(vec![0, 1], &device), OutputLayout::Table));
    assert!(
        (losses[0] - 4f32.ln()).abs() < 1e-6 && (losses[1] - (4f32 / 3.0).ln()).abs() < 1e-6,
        "{losses:?}"
    );
}

#[test]
fn more_tokens_and_pieces_than_fit_at_once() {
    let layouts = [OutputLayout::Table, OutputLayout::Linear];
    let ways = [WeightGradient::Gathered, WeightGradient::Sampled];
    for (layout, gradient) in layouts.into_iter().flat_map(|layout| ways.map(|way| (layout, way))) {
        let masked = (0..1300 * 5).step_by(11).collect();
        let case = Case { tokens: 300, width: 5, vocabulary: 1300, layout, masked, gradient };
        case.check();
        let device = self::device();
        let x = tensor(loud(300 * 5, 0.1), [300, 5], &device);
        let weight = tensor(loud(1300 * 5, 0.2), case.shape(), &device);
        let losses = floats(token_losses(x, weight, ints(case.targets(), &device), layout));
        let loss: f32 = losses.iter().zip(case.weights()).map(|(loss, weight)| loss * weight).sum();
        let (expected, ..) = case.stock();
        assert!((loss - expected).abs() <= 1e-5 * expected.max(1.0), "{layout:?}: {loss} {expected}");
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_shape(
        (tokens, width, vocabulary, masked, table, sampled) in
            (1usize..20, 1usize..12, 1usize..40).prop_flat_map(|(t, d, v)| {
                let entries = (d * v) as u32;
                let masked = proptest::collection::btree_set(0..entries, 0..=(entries.min(30) as usize));
                (Just(t), Just(d), Just(v), masked, any::<bool>(), any::<bool>())
            }),
    ) {
        let layout = if table { OutputLayout::Table } else { OutputLayout::Linear };
        let gradient = if sampled { WeightGradient::Sampled } else { WeightGradient::Gathered };
        Case { tokens, width, vocabulary, layout, masked: masked.into_iter().collect(), gradient }.check();
    }
}
