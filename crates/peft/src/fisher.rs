//! The diagonal of the empirical Fisher information, and the scores made of it.

use burn::tensor::{DType, Tensor};
use fishdip_kernels::rescale;
use serde::{Deserialize, Serialize};

use crate::low_rank::reduced;
use crate::{Adaptable, Error, Mask, Objective, Scope, Weight};

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
    /// w²: the size of the parameter itself. No example is looked at.
    Magnitude,
    /// The square of what a low rank keeps of the parameter: its size in the nearest matrix of an eighth of the rank (LIFT, arXiv 2506.00772), which is
    /// found by twelve rounds of subspace iteration, so nearly. No example is looked at.
    LowRankMagnitude,
    /// (w · Σ ∂L/∂w)²: what the loss would change if the parameter were zero, to first order.
    GradientTimesWeight,
    /// (Σ ∂L/∂w)² / w²: the change that is asked for, relative to the parameter (GEM, arXiv 2508.16191). A parameter below 0.001 counts as that large.
    GradientOverWeight,
}

impl Criterion {
    /// Whether it is made of the gradient of the summed loss, and not of squares of the samples' own gradients.
    fn is_of_sum(self) -> bool {
        matches!(self, Self::Gradient | Self::GradientTimesWeight | Self::GradientOverWeight)
    }

    /// Whether it needs gradients at all.
    pub fn needs_samples(self) -> bool {
        !matches!(self, Self::Magnitude | Self::LowRankMagnitude)
    }
}

/// Below this a weight counts as this large where something is divided by it: parameters that are zero would come first whatever their gradient.
const SMALLEST_WEIGHT: f32 = 1e-3;

/// One non-negative score an entry, for each weight of a model in the order of [`Adaptable::weights`].
#[derive(Debug)]
pub struct FisherDiagonal {
    scores: Vec<Vec<f32>>,
}

impl FisherDiagonal {
    /// The scores of `samples`, a batch of them in one forward and backward pass where the model's layers tell the samples apart, else one by
    /// one (see [`Weight::on`]). Weights out of `scope` get none. What is trained of `model`, and its values, do not change.
    pub fn accumulate<M: Adaptable, O: Objective<M>>(
        model: &mut M,
        objective: &O,
        samples: &[usize],
        criterion: Criterion,
        scope: Scope,
    ) -> Result<Self, O::Error> {
        let mut sums = nothing(model);
        // The gradient of a sum is what an ordinary backward pass gives; squares come last.
        let mut together = !criterion.is_of_sum();
        for batch in samples.chunks(objective.batch_size().max(1)) {
            if together {
                for weight in model.weights_mut().into_iter().filter(|weight| scope.has(weight)) {
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
                add_sample(&mut sums, model, objective, sample, (criterion, scope))?;
            }
        }
        Ok(Self::from_sums(model, sums, criterion, scope)?)
    }

    /// The scores of `samples`, one backward pass a sample: the reference path, which every other way of computing the
    /// diagonal is tested against. What is trained of `model`, and its values, do not change.
    pub fn accumulate_each<M: Adaptable, O: Objective<M>>(
        model: &mut M,
        objective: &O,
        samples: &[usize],
        criterion: Criterion,
        scope: Scope,
    ) -> Result<Self, O::Error> {
        let mut sums = nothing(model);
        for &sample in samples {
            add_sample(&mut sums, model, objective, sample, (criterion, scope))?;
        }
        Ok(Self::from_sums(model, sums, criterion, scope)?)
    }

    /// The size of the parameters themselves, by a `criterion` that needs no samples.
    pub(crate) fn magnitudes(
        model: &mut impl Adaptable,
        criterion: Criterion,
        scope: Scope,
    ) -> Result<Self, Error> {
        let squares = |weight: &Weight| {
            let kept = || match criterion {
                Criterion::LowRankMagnitude => reduced(weight.dense()),
                _ => weight.dense().cast(DType::F32),
            };
            scope.has(weight).then(|| kept().square().reshape([weight.entries()]))
        };
        let sums = model.weights().into_iter().map(squares).collect();
        Self::from_sums(model, sums, criterion, scope)
    }

    fn from_sums(
        model: &mut impl Adaptable,
        sums: Vec<Option<Tensor<1>>>,
        criterion: Criterion,
        scope: Scope,
    ) -> Result<Self, Error> {
        let scores = model.weights_mut().into_iter().zip(sums).map(|(weight, sum)| {
            weight.unwatch();
            // A weight out of scope has no scores, so that none of its entries can be chosen.
            let entries = if scope.has(weight) { weight.entries() } else { 0 };
            let Some(sum) = sum else { return Ok(vec![0.0; entries]) };
            let dense = || weight.dense().cast(DType::F32).reshape([entries]);
            let (sum, factor) = match criterion {
                Criterion::Fisher | Criterion::Magnitude | Criterion::LowRankMagnitude => (sum, 1.0),
                // With a learning rate scaled by the RMS, a step of an entry changes the loss by about RMS · |g|; its
                // square is RMS² · g².
                Criterion::StepAware => (sum, weight.rms() * weight.rms()),
                Criterion::Gradient => (sum.square(), 1.0),
                Criterion::GradientTimesWeight => ((sum * dense()).square(), 1.0),
                Criterion::GradientOverWeight => {
                    ((sum / dense().abs().clamp_min(SMALLEST_WEIGHT)).square(), 1.0)
                }
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

    /// Puts the entries of `mask` before all others.
    pub(crate) fn put_first(&mut self, mask: &Mask) {
        for (scores, trained) in self.scores.iter_mut().zip(mask.trained()) {
            let entries = scores.len();
            for position in trained.positions(entries) {
                if let Some(score) = scores.get_mut(position as usize) {
                    *score = f32::MAX;
                }
            }
        }
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
    (criterion, scope): (Criterion, Scope),
) -> Result<(), O::Error> {
    for weight in model.weights_mut().into_iter().filter(|weight| scope.has(weight)) {
        weight.watch_dense();
    }
    let mut gradients = objective.loss(model, sample)?.backward();
    for (weight, sum) in model.weights_mut().into_iter().zip(sums) {
        let gradient = weight.take_dense_gradient(&mut gradients);
        let gradient = gradient.map(|g| g.reshape([weight.entries()]).cast(DType::F32));
        let square = |g: Tensor<1>| if criterion.is_of_sum() { g } else { g.square() };
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
