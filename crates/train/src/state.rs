//! How far a training has come.

use fishdip_peft::{Average, Mask, MaskedOptimizer};
use fishdip_tasks::Report;
use serde::{Deserialize, Serialize};

use crate::RunConfig;
use crate::config::Watch;

/// Everything that a training needs to go on, beside its config, its data and the values of its model: what happens at a step is a pure
/// function of these.
#[derive(Debug)]
pub struct TrainState {
    /// Optimizer steps made.
    pub step: usize,
    /// The entries that are trained now; none before the first choice.
    pub mask: Mask,
    /// The step before which they were chosen. A stop may come between a choice and its first step.
    pub chosen: Option<usize>,
    /// The steps from there to the next choice, where a rule says so and not the config.
    pub interval: usize,
    /// The entries that were in any mask, and so may differ from the base model.
    pub touched: Mask,
    /// Moments of the trained entries.
    pub optimizer: MaskedOptimizer,
    /// Averages of the trained values, where the config asks for them.
    pub average: Average,
    /// The step whose values they hold as the last: values are added once a later loss has shown them to be good.
    pub averaged: usize,
    /// The loss of every training example in its last step.
    pub recorded: Vec<Option<f32>>,
    /// What the gradient of a masked entry was measured to cost, if it was.
    pub entry_cost: Option<f32>,
    /// What it took so far.
    pub timing: Timing,
    /// The training losses since the last check for an early stop.
    pub watched: MeanLoss,
    /// What was found between the steps.
    pub found: Found,
}

/// What a training took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Seconds of all optimizer steps.
    pub steps: f64,
    /// How often a mask was chosen.
    pub refreshes: usize,
    /// Seconds of all choices.
    pub refresh: f64,
}

/// A mean over losses, one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanLoss {
    /// Of all losses, in f32, which a checkpoint keeps exactly.
    pub sum: f32,
    /// How many.
    pub count: usize,
}

impl MeanLoss {
    pub(crate) fn add(&mut self, loss: f32) {
        self.sum += loss;
        self.count += 1;
    }

    /// The mean, and begins anew.
    pub(crate) fn take(&mut self) -> Option<f32> {
        let Self { sum, count } = core::mem::take(self);
        (count > 0).then(|| sum / count as f32)
    }
}

/// What scores and checks between the steps have found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The scores of the base model.
    pub before: Option<Report>,
    /// Of a pretraining: the loss of the texts that are held out before the first step, in f32, which a checkpoint keeps exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out_loss: Option<f32>,
    /// The step that was scored last.
    pub scored: Option<usize>,
    /// The best scores so far; of several, the first.
    pub best: Option<Best>,
    /// The step of the last check for an early stop.
    pub checked: usize,
    /// The lowest mean loss that a check has seen.
    pub lowest_loss: Option<f32>,
    /// How many checks in a row have found nothing better.
    pub stale: usize,
    /// How many steps in a row have had next to no loss.
    #[serde(default)]
    pub without_loss: usize,
    /// The step after which the model was last led along all targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<usize>,
    /// The step whose smoothness was measured last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<usize>,
    /// The smoothest so far; of several, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smoothest: Option<Smoothest>,
}

/// Where the classes change most smoothly over what the layers make of the examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smoothest {
    /// The training steps that the model had.
    pub step: usize,
    /// The mean index of the layers, in f32, which a checkpoint keeps exactly.
    pub index: f32,
}

/// Scores that are the best of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Best {
    /// The training steps that the model had.
    pub step: usize,
    /// What it is the best by, in f32, which a checkpoint keeps exactly.
    pub headline: f32,
    /// All scores.
    pub report: Report,
}

impl Found {
    /// Takes note of the scores at `step`, and tells whether they are the best so far.
    pub(crate) fn score(&mut self, step: usize, report: &Report) -> bool {
        self.scored = Some(step);
        let headline = report.headline() as f32;
        let is_best = self.best.as_ref().is_none_or(|best| headline > best.headline);
        if is_best {
            self.best = Some(Best { step, headline, report: report.clone() });
        }
        is_best
    }

    /// Takes note of the smoothness at `step`, where it has an index, and tells whether that is the largest so far.
    pub(crate) fn smoothness(&mut self, step: usize, index: Option<f64>) -> bool {
        self.measured = Some(step);
        let Some(index) = index.map(|index| index as f32) else { return false };
        let is_best = self.smoothest.is_none_or(|smoothest| index > smoothest.index);
        if is_best {
            self.smoothest = Some(Smoothest { step, index });
        }
        is_best
    }

    /// The step whose model becomes the adapter, where that need not be the last one.
    pub(crate) fn kept(&self, watch: Watch) -> Option<usize> {
        match watch {
            Watch::Smoothness => self.smoothest.map(|smoothest| smoothest.step),
            Watch::Score | Watch::Loss => self.best.as_ref().map(|best| best.step),
        }
    }

    /// Takes note of a mean loss, and tells whether it is the lowest so far.
    pub(crate) fn loss(&mut self, mean: f32) -> bool {
        let is_lowest = self.lowest_loss.is_none_or(|lowest| mean < lowest);
        if is_lowest {
            self.lowest_loss = Some(mean);
        }
        is_lowest
    }

    /// Takes note of a check at `step` that has found something better, or nothing.
    pub(crate) fn check(&mut self, step: usize, is_better: bool) {
        self.checked = step;
        self.stale = if is_better { 0 } else { self.stale + 1 };
    }
}

impl TrainState {
    /// The state before the first step of `config` on `examples` examples.
    pub fn new(config: &RunConfig, examples: usize) -> Self {
        Self {
            step: 0,
            mask: Mask::default(),
            chosen: None,
            interval: config.method.every.first(),
            touched: Mask::default(),
            optimizer: MaskedOptimizer::new(config.masked_optimizer()),
            average: Average::default(),
            averaged: 0,
            recorded: vec![None; examples],
            entry_cost: None,
            timing: Timing::default(),
            watched: MeanLoss::default(),
            found: Found::default(),
        }
    }
}
