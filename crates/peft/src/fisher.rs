//! The diagonal of the empirical Fisher information, and the scores made of it.

use burn::tensor::{DType, Tensor};
use fishdip_kernels::rescale;
use serde::{Deserialize, Serialize};

use crate::{Adaptable, Error, Objective, Weight};

/// What the entries to train are ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// Fisher information, Σ (∂L/∂w)² over the examples: the paper's equation 3.
    Fisher,
    /// Fisher × RMS(weight)²: what a parameter can lower the loss by when its learning rate follows the scale of its
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
    /// The scores of `samples`, a batch of them in one forward and backward pass where the model's layers tell the samples apart, else one by
    /// one (see [`Weight::on`]). What is trained of `model`, and its values, do not change.
    pub fn accumulate<M: Adaptable, O: Objective<M>>(
        model: &mut M,
        objective: &O,
        samples: &[usize],
        criterion: Criterion,
    ) -> Result<Self, O::Error> {
        let mut sums = nothing(model);
        // The gradient of a sum is what an ordinary backward pass gives; squares come last.
        let mut together = criterion != Criterion::Gradient;
        for batch in samples.chunks(objective.batch_size().max(1)) {
            if together {
                for weight in model.weights_mut() {
                    weight.watch_squared(batch.len());
                }
                let loss = objective.summed_loss(model, batch)?;
                // How a weight is used is only known after the forward pass.
                together = model.weights().into_iter().all(Weight::separates_samples);
                if together {
                    let mut gradients = loss.backward();
                    for (weight, sum) in model.weights_mut().into_iter().zip(&mut sums) {
                        add(sum, weight.take_squared(&mut gradients));
                    }
                    continue;
                }
            }
            // Also for a batch whose forward pass has just shown that its samples cannot be told apart.
            for &sample in batch {
                add_sample(&mut sums, model, objective, sample, criterion)?;
            }
        }
        Ok(Self::from_sums(model, sums, criterion)?)
    }

    /// The scores of `samples`, one backward pass a sample: the reference path, which every other way of computing the
    /// diagonal is tested against. What is trained of `model`, and its values, do not change.
    pub fn accumulate_each<M: Adaptable, O: Objective<M>>(
        model: &mut M,
        objective: &O,
        samples: &[usize],
        criterion: Criterion,
    ) -> Result<Self, O::Error> {
        let mut sums = nothing(model);
        for &sample in samples {
            add_sample(&mut sums, model, objective, sample, criterion)?;
        }
        Ok(Self::from_sums(model, sums, criterion)?)
    }

    fn from_sums(
        model: &mut impl Adaptable,
        sums: Vec<Option<Tensor<1>>>,
        criterion: Criterion,
    ) -> Result<Self, Error> {
        let scores = model.weights_mut().into_iter().zip(sums).map(|(weight, sum)| {
            weight.unwatch();
            let Some(sum) = sum else { return Ok(vec![0.0; weight.entries()]) };
            let (sum, factor) = match criterion {
                Criterion::Fisher => (sum, 1.0),
                // With a learning rate scaled by the RMS, a step of an entry changes the loss by about RMS · |g|; its
                // square is RMS² · g².
                Criterion::StepAware => (sum, weight.rms() * weight.rms()),
                Criterion::Gradient => (sum.square(), 1.0),
            };
            let damaged =
                || Error::NonFinite { what: "the Fisher information", tensor: weight.path().into() };
            let mut scores = sum.into_data().try_into_vec_as::<f32>().map_err(|_| damaged())?;
            if rescale(&mut scores, factor) { Ok(scores) } else { Err(damaged()) }
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

/// A sum for each weight, of nothing yet.
fn nothing(model: &impl Adaptable) -> Vec<Option<Tensor<1>>> {
    model.weights().iter().map(|_| None).collect()
}

/// Adds what one sample contributes, from a backward pass of its own.
fn add_sample<M: Adaptable, O: Objective<M>>(
    sums: &mut [Option<Tensor<1>>],
    model: &mut M,
    objective: &O,
    sample: usize,
    criterion: Criterion,
) -> Result<(), O::Error> {
    for weight in model.weights_mut() {
        weight.watch_dense();
    }
    let mut gradients = objective.loss(model, sample)?.backward();
    for (weight, sum) in model.weights_mut().into_iter().zip(sums) {
        let gradient = weight.take_dense_gradient(&mut gradients);
        let gradient = gradient.map(|g| g.reshape([weight.entries()]).cast(DType::F32));
        let square = |g: Tensor<1>| if criterion == Criterion::Gradient { g } else { g.square() };
        add(sum, gradient.map(square));
    }
    Ok(())
}

fn add(sum: &mut Option<Tensor<1>>, term: Option<Tensor<1>>) {
    *sum = match (sum.take(), term) {
        (Some(sum), Some(term)) => Some(sum + term),
        (sum, term) => sum.or(term),
    };
}
