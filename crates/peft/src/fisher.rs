//! The diagonal of the empirical Fisher information, and the scores made of it.

use burn::tensor::Tensor;

use crate::{Adaptable, Error, Objective};

/// What the entries to train are ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// Σ (∂L/∂w)² over the samples: the paper's equation 3.
    Fisher,
    /// Fisher × RMS(weight)²: what an entry can lower the loss by when its learning rate follows the scale of its
    /// weight. Plain Fisher favours the weights that a model keeps small, in T5 the query matrices.
    StepAware,
    /// (Σ ∂L/∂w)²: the gradient of the summed loss.
    Gradient,
}

/// One non-negative score an entry, for each weight of a model in the order of [`Adaptable::weights`].
#[derive(Debug)]
pub struct FisherDiagonal {
    scores: Vec<Vec<f32>>,
}

impl FisherDiagonal {
    /// Adds up the gradients of `samples`, one backward pass a sample (the reference path: every other way of
    /// computing the diagonal is tested against it). Leaves every weight of `model` frozen; values do not change.
    pub fn accumulate<M: Adaptable, O: Objective<M>>(
        model: &mut M,
        objective: &O,
        samples: &[usize],
        criterion: Criterion,
    ) -> Result<Self, O::Error> {
        let mut sums: Vec<Option<Tensor<2>>> = model.weights().iter().map(|_| None).collect();
        for &sample in samples {
            for weight in model.weights_mut() {
                weight.watch_dense();
            }
            let mut gradients = objective.loss(model, sample)?.backward();
            for (weight, sum) in model.weights_mut().into_iter().zip(&mut sums) {
                let Some(gradient) = weight.take_dense_gradient(&mut gradients) else { continue };
                let term = if criterion == Criterion::Gradient { gradient } else { gradient.square() };
                *sum = Some(match sum.take() {
                    Some(sum) => sum + term,
                    None => term,
                });
            }
        }
        let scores = model.weights_mut().into_iter().zip(sums).map(|(weight, sum)| {
            weight.freeze();
            let scale = if criterion == Criterion::StepAware { weight.rms() * weight.rms() } else { 1.0 };
            let scores = sum.map_or_else(
                || Ok(vec![0.0; weight.entries()]),
                |sum| {
                    let sum = if criterion == Criterion::Gradient { sum.square() } else { sum * scale };
                    sum.into_data().try_into_vec_as::<f32>().map_err(|_| ())
                },
            );
            match scores {
                Ok(scores) if scores.iter().all(|s| s.is_finite()) => Ok(scores),
                _ => Err(Error::NonFinite { what: "the Fisher information", tensor: weight.path().into() }),
            }
        });
        Ok(Self { scores: scores.collect::<Result<_, _>>()? })
    }

    /// The scores of each weight.
    pub fn scores(&self) -> &[Vec<f32>] {
        &self.scores
    }

    /// Scores made elsewhere, one list a weight, all finite and `>= 0`.
    pub fn from_scores(scores: Vec<Vec<f32>>) -> Self {
        Self { scores }
    }
}
