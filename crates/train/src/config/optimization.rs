//! How entries are optimized.

use fishdip_peft::{MaskedOptimizerConfig, Rule, UpdateRule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::setting::{self, Setting};

/// `[optimizer]`, over the masked parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OptimizerConfig {
    /// How a step follows from a gradient.
    pub name: OptimizerName,
    /// Learning rate at the start. `"auto"`: by the method and k.
    #[schemars(schema_with = "setting::learning_rate")]
    pub learning_rate: Setting<f32>,
    /// How the learning rate changes over the run, behind the warm-up.
    pub schedule: Schedule,
    /// Steps in which the learning rate rises in a line to its full value.
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub warmup: usize,
    /// AdamW: decay of the first moment.
    #[schemars(range(min = 0.0, max = 0.999_999))]
    pub beta1: f32,
    /// AdamW: decay of the second moment.
    #[schemars(range(min = 0.0, max = 0.999_999))]
    pub beta2: f32,
    /// AdamW: added to the root of the second moment.
    #[schemars(range(min = 1e-30, max = 1.0))]
    pub epsilon: f32,
    /// SGD: decay of the sum of gradients.
    #[schemars(range(min = 0.0, max = 0.9999))]
    pub momentum: f32,
    /// Decoupled weight decay.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub weight_decay: f32,
    /// Clip the gradient to this norm. 0: never.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub max_grad_norm: f32,
    /// Multiply the learning rate of each weight by its RMS.
    pub rms_scaled: bool,
    /// Keep the moments of parameters that leave the mask.
    pub keep_moments: bool,
}

/// Values of `optimizer.name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerName {
    /// Adam with decoupled weight decay.
    Adamw,
    /// Adafactor without factoring or momentum.
    Adafactor,
    /// Gradient descent.
    Sgd,
}

/// Values of `optimizer.schedule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Falls in a line to zero at the last step.
    Linear,
    /// Falls to zero along half a cosine wave.
    Cosine,
    /// Stays.
    Constant,
}

/// `[training]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Optimizer steps. 0: none, so that the adapter changes nothing.
    /// `"auto"`: for 140 examples as many as show 3,200 of them, which are 800 with batches of 4; for others with the square root of their number, where each window of a long one counts.
    #[schemars(schema_with = "setting::steps")]
    pub steps: Setting<usize>,
    /// Examples a batch.
    #[schemars(range(min = 1, max = 65_536))]
    pub batch_size: usize,
    /// Batches a step: their gradients are added up, for the effect of one larger batch in the memory of a smaller one.
    #[schemars(range(min = 1, max = 65_536))]
    pub accumulate: usize,
    /// At most this many pieces a batch, of sources and targets together, padding included; a longer example is a batch alone. 0: no limit.
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub batch_pieces: usize,
    /// Put examples of like length into one batch: less padding, less time, another order of examples.
    pub group_by_length: bool,
    /// What the loss of a target piece is over.
    pub loss: LossName,
    /// Which average of the trained values over the last steps is scored and kept, in their place.
    pub average: AverageName,
    /// Of the average: how many steps it is over, as a share of all.
    #[schemars(range(min = 0.001, max = 1.0))]
    pub average_share: f64,
    /// Dropout rate.
    #[schemars(range(min = 0.0, max = 0.9))]
    pub dropout: f64,
    /// Decides the drawn examples, their order, dropout and random masks.
    #[schemars(range(min = 0, max = 9_223_372_036_854_775_807_u64))]
    pub seed: u64,
    /// How linear layers get the gradient of their masked parameters.
    pub gradient: GradientName,
    /// Stop early where this many checks in a row have found nothing better than before. 0: never.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub patience: usize,
    /// What `patience` looks at.
    pub watch: Watch,
}

/// Values of `training.loss`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LossName {
    /// All pieces of the vocabulary.
    #[default]
    All,
    /// The pieces that constrained decoding could write there: what is learned is the choice that it makes. The Fisher information is of the same
    /// loss.
    Legal,
}

/// Values of `training.average`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AverageName {
    /// The values after the last step.
    #[default]
    None,
    /// The mean from the start on until it is over `average_share` of the steps; then each step moves it towards its values by one over so many.
    Exponential,
    /// The mean over the last `average_share` of the steps. Before these there is none.
    Last,
}

/// Values of `training.watch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Watch {
    /// The score, every `evaluation.every` steps.
    Score,
    /// The mean loss of the training batches since the last check: every `evaluation.every` steps, or 50 if that is 0.
    Loss,
    /// How smoothly the classes of `insight.samples` training examples change over what the layers make of them (mean of the Besov indices of all
    /// layers), at the same steps. No held-out labels are looked at. The adapter is then that of the smoothest step, also where `patience` is 0.
    Smoothness,
}

/// Values of `training.gradient`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GradientName {
    /// What is cheaper for each layer, by its masked parameters and what they usually cost: the same on every run.
    ByShape,
    /// What is cheaper for each layer, by its masked parameters and what they cost on this machine at the start of the run. The two ways round
    /// differently, so that a busy machine may give other bits.
    Measured,
    /// Each parameter on its own.
    Sampled,
    /// All of the layer, then gathered.
    Gathered,
}

impl OptimizerConfig {
    const USUAL_RATE: f32 = 3e-2;

    /// The learning rate at the start; of `"auto"` the usual one, as long as the method was not asked.
    pub fn learning_rate(&self) -> f32 {
        self.learning_rate.or(Self::USUAL_RATE)
    }

    /// The settings of the optimizer over entries.
    pub(super) fn masked(&self) -> MaskedOptimizerConfig {
        let o = self;
        MaskedOptimizerConfig {
            rule: UpdateRule::Entries(match o.name {
                OptimizerName::Adamw => Rule::AdamW { beta1: o.beta1, beta2: o.beta2, epsilon: o.epsilon },
                OptimizerName::Adafactor => Rule::Adafactor,
                OptimizerName::Sgd => Rule::Sgd { momentum: o.momentum },
            }),
            weight_decay: o.weight_decay,
            max_grad_norm: (o.max_grad_norm > 0.0).then_some(o.max_grad_norm),
            rms_scaled: o.rms_scaled,
            keep_moments: o.keep_moments,
        }
    }
}

impl TrainingConfig {
    const USUAL_STEPS: usize = 400;

    /// The steps of the training; of `"auto"` as many as without the key, as long as the examples were not counted.
    pub fn steps(&self) -> usize {
        self.steps.or(Self::USUAL_STEPS)
    }

    /// How far the values after `step` steps, at least one, move the average towards themselves, if there is an average then.
    pub(crate) fn average_weight(&self, step: usize) -> Option<f32> {
        let window = ((self.average_share * self.steps() as f64).round() as usize).max(1);
        let values = match self.average {
            AverageName::None => return None,
            AverageName::Exponential => step.min(window),
            AverageName::Last => step.saturating_sub(self.steps().saturating_sub(window)),
        };
        (values > 0).then(|| 1.0 / values as f32)
    }
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        let usual = MaskedOptimizerConfig::default();
        Self {
            name: OptimizerName::Adamw,
            learning_rate: Setting::Number(Self::USUAL_RATE),
            schedule: Schedule::Linear,
            warmup: 0,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            momentum: 0.0,
            weight_decay: usual.weight_decay,
            max_grad_norm: usual.max_grad_norm.unwrap_or(0.0),
            rms_scaled: usual.rms_scaled,
            keep_moments: usual.keep_moments,
        }
    }
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            steps: Setting::Number(Self::USUAL_STEPS),
            batch_size: 8,
            accumulate: 1,
            batch_pieces: 0,
            group_by_length: false,
            loss: LossName::All,
            average: AverageName::None,
            average_share: 0.2,
            dropout: 0.0,
            seed: 1,
            gradient: GradientName::ByShape,
            patience: 0,
            watch: Watch::Score,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AverageName, Setting, TrainingConfig};

    #[test]
    fn averages_are_over_a_share_of_the_steps() {
        let config = |average| TrainingConfig {
            steps: Setting::Number(10),
            average,
            average_share: 0.3,
            ..TrainingConfig::default()
        };
        let weights = |average| (1..=10).map(|step| config(average).average_weight(step)).collect::<Vec<_>>();
        assert_eq!(weights(AverageName::None), [None; 10]);
        // Steps 8, 9 and 10: the third value counts one third.
        let last = weights(AverageName::Last);
        assert_eq!((last[6], last[7], last[8], last[9]), (None, Some(1.0), Some(0.5), Some(1.0 / 3.0)));
        let exponential = weights(AverageName::Exponential);
        assert_eq!(exponential[..4], [Some(1.0), Some(0.5), Some(1.0 / 3.0), Some(1.0 / 3.0)]);
    }
}
