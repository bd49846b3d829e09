//! An optimizer over what is trained: state and work in proportion to the mask.

mod dense_adafactor;
mod gradients;
mod moments;
mod state;

pub use gradients::TrainedGradients;
pub use state::{OptimizerState, WeightMoments};

use burn::tensor::{DType, Int, Tensor};
use fishdip_kernels::{DenseUpdate, Moments, Rule, Step, dense_update, masked_update};
use std::collections::BTreeMap;

use crate::{Adaptable, Error, Mask, Trained, Weight, WeightEntries};
use moments::{Entry, entries, of_entries, zeroed};

/// A weight whose RMS is below this is stepped as if it had this RMS, as Adafactor does.
const RMS_FLOOR: f32 = 1e-3;

/// Settings that stay the same over a training.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskedOptimizerConfig {
    /// How a step follows from a gradient.
    pub rule: UpdateRule,
    /// Decoupled weight decay of the trained entries.
    pub weight_decay: f32,
    /// The gradient of all trained entries together is scaled down to this norm. `None`: never.
    pub max_grad_norm: Option<f32>,
    /// Multiply the learning rate of each weight by its RMS.
    pub rms_scaled: bool,
    /// Keep the moments of entries that leave the mask, for when they come back.
    pub keep_moments: bool,
}

/// How a step follows from a gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UpdateRule {
    /// By moments of each trained entry.
    Entries(Rule),
    /// By Adafactor as it is, on the dense gradient of each weight with zeros outside the mask, as the original program of FISH-DIP has it: second
    /// moments are of rows and columns and stay when the mask changes, a step is scaled by the RMS of the weight as it is now, and the RMS that it
    /// is clipped by is over all entries. It knows no weight decay, and neither `rms_scaled` nor `keep_moments` changes it.
    DenseAdafactor,
}

impl Default for MaskedOptimizerConfig {
    fn default() -> Self {
        Self {
            rule: UpdateRule::Entries(Rule::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
            weight_decay: 0.0,
            max_grad_norm: Some(1.0),
            rms_scaled: true,
            keep_moments: false,
        }
    }
}

/// An optimizer over what is trained of a model. Entries outside the mask are never written.
#[derive(Debug)]
pub struct MaskedOptimizer {
    config: MaskedOptimizerConfig,
    /// What is trained of each weight, in the order of [`Adaptable::weights`].
    trained: Vec<Trained>,
    /// The moments of it; with [`UpdateRule::DenseAdafactor`], those of the whole weight.
    moments: Vec<Option<Moments>>,
    /// With `keep_moments`: the entries that have left.
    parked: Vec<BTreeMap<u32, Entry>>,
    /// What the last step changed and the values that it had, for each weight.
    previous: Vec<Option<Previous>>,
}

/// Values of a weight before a step.
#[derive(Debug)]
enum Previous {
    /// Of some entries, `[k]` each.
    Entries { indices: Tensor<1, Int>, values: Tensor<1> },
    /// Of all.
    All(Tensor<1>),
}

impl MaskedOptimizer {
    /// An optimizer without state; call [`MaskedOptimizer::set_mask`] before the first step.
    pub fn new(config: MaskedOptimizerConfig) -> Self {
        let (trained, moments, parked, previous) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { config, trained, moments, parked, previous }
    }

    /// Follows a change of the mask of `model`: entries that stay keep their moments, new ones start at zero, and those that
    /// leave are forgotten (or parked, with `keep_moments`). A weight of which everything is trained from now on starts at zero as a whole: its
    /// entries are of one age.
    pub fn set_mask(&mut self, mask: &Mask, model: &impl Adaptable) {
        let count = mask.trained().len();
        self.trained.resize_with(count, Trained::default);
        self.moments.resize_with(count, || None);
        self.parked.resize_with(count, BTreeMap::new);
        for ((w, new), weight) in mask.trained().iter().enumerate().zip(model.weights()) {
            let old = core::mem::replace(&mut self.trained[w], new.clone());
            if old == *new || self.config.rule == UpdateRule::DenseAdafactor {
                continue;
            }
            let size = weight.entries();
            // Everything remembered of the weight's entries: the parked and those of the old mask. The new mask takes
            // its own out of it, and the rest is parked again or forgotten.
            let mut known = core::mem::take(&mut self.parked[w]);
            if let Some(moments) = self.moments[w].take() {
                known.extend(old.positions(size).zip(entries(moments, size)));
            }
            self.moments[w] = match new {
                Trained::Nothing => None,
                Trained::All => Some(zeroed(size, &weight.device())),
                Trained::Entries(positions) => {
                    let entries: Vec<Entry> =
                        positions.iter().map(|p| known.remove(p).unwrap_or_default()).collect();
                    Some(of_entries(&entries, &weight.device()))
                }
            };
            if self.config.keep_moments && *new != Trained::All {
                self.parked[w] = known;
            }
        }
    }

    /// One step from `gradients`. Returns their norm before clipping. If any gradient is not finite, nothing is written; if any value
    /// would not be, all are as they were before, and the weights are frozen.
    pub fn step(
        &mut self,
        model: &mut impl Adaptable,
        gradients: TrainedGradients,
        learning_rate: f32,
    ) -> Result<f32, Error> {
        let norm = gradients.norm(model)?;
        // As torch.nn.utils.clip_grad_norm_
        let clip = self.config.max_grad_norm.map_or(1.0, |max| (max / (norm + 1e-6)).min(1.0));
        // Before this step keeps values of its own: of weights trained as a whole they are as large as the weights.
        self.forget_previous();
        let mut checks = Vec::new();
        let weights = model.weights_mut().into_iter();
        for (index, ((weight, gradient), moments)) in
            weights.zip(gradients.into_each()).zip(&mut self.moments).enumerate()
        {
            let (written, left) = match self.config.rule {
                UpdateRule::Entries(rule) => {
                    let scale = if self.config.rms_scaled { weight.rms().max(RMS_FLOOR) } else { 1.0 };
                    let weight_decay = self.config.weight_decay;
                    let step = Step { learning_rate: learning_rate * scale, weight_decay, clip, rule };
                    stepped(weight, gradient, moments.take(), step)
                }
                UpdateRule::DenseAdafactor => {
                    let gradient = gradient.map(|gradient| gradient * clip);
                    dense_adafactor::stepped(weight, gradient, moments.take(), learning_rate)
                }
            };
            *moments = left;
            let (previous, check) = written.map(|written| (written.previous, written.check)).unzip();
            self.previous.push(previous);
            checks.extend(check.map(|check| (index, check)));
        }
        // Every weight is written before any check is read: to read one after each weight would have the device waited
        // for as many times. The values from before are there to go back to.
        if let Some(index) = not_finite(checks) {
            self.undo(model);
            let tensor = model.weights().get(index).map_or_else(String::new, |weight| weight.path().into());
            return Err(Error::NonFinite { what: "the updated value", tensor });
        }
        Ok(norm)
    }

    /// Gives what the last step changed the values that it had before, and freezes these weights: for a caller that finds the
    /// model ruined by it. Moments are not given back. Tells whether there was a step to take back; a second call does nothing.
    pub fn undo(&mut self, model: &mut impl Adaptable) -> bool {
        let can = self.previous.iter().any(Option::is_some);
        for (weight, previous) in model.weights_mut().into_iter().zip(self.previous.drain(..)) {
            match previous {
                Some(Previous::Entries { indices, values }) => weight.put_back(indices, values),
                Some(Previous::All(values)) => weight.put_back_all(values),
                None => {}
            }
        }
        can
    }

    /// Whether the last step can be undone at the cost of a second copy of whole weights. Who has seen that the step was a good one then does
    /// well to call [`MaskedOptimizer::forget_previous`] before the next gradients are computed.
    pub fn remembers_whole_weights(&self) -> bool {
        self.previous.iter().any(|previous| matches!(previous, Some(Previous::All(_))))
    }

    /// Gives up that the last step can be undone.
    pub fn forget_previous(&mut self) {
        self.previous.clear();
    }
}

/// What a step of one weight has written.
struct Written {
    previous: Previous,
    /// A number, `[1]`, that is finite only if every new value is.
    check: Tensor<1>,
}

/// Makes a step of what is trained of `weight`, by its `gradient`; gives the moments after it.
fn stepped(
    weight: &mut Weight,
    gradient: Option<Tensor<1>>,
    moments: Option<Moments>,
    step: Step,
) -> (Option<Written>, Option<Moments>) {
    // A weight without a gradient in this step keeps its moments for the next one.
    let (gradient, moments) = match (gradient, moments) {
        (Some(gradient), Some(moments)) => (gradient, moments),
        (_, moments) => return (None, moments),
    };
    let (written, moments) = weight.update(|dense, entries| {
        let Some(WeightEntries { positions, indices, values, gradient: way }) = entries else {
            let DenseUpdate { weight, previous, moments, check } =
                dense_update(dense, gradient, moments, step);
            return (weight, None, (Written { previous: Previous::All(previous), check }, moments));
        };
        // This second handle makes the update copy the values: k numbers, which is little for a step that can be
        // undone. None is made of the dense weight.
        let previous = Previous::Entries { indices: indices.clone(), values: values.clone() };
        let (dense, values, moments) = masked_update(dense, values, gradient, moments, indices.clone(), step);
        // Scaled, so that finite values do not add up to an infinite one.
        let check = (values.clone().cast(DType::F32) / positions.len() as f32).sum();
        let entries = WeightEntries { positions, indices, values, gradient: way };
        (dense, Some(entries), (Written { previous, check }, moments))
    });
    (Some(written), Some(moments))
}

/// The first weight whose check is not finite. All are read together, so that the device is waited for once.
fn not_finite(checks: Vec<(usize, Tensor<1>)>) -> Option<usize> {
    let (weights, checks): (Vec<usize>, Vec<_>) = checks.into_iter().unzip();
    if checks.is_empty() {
        return None;
    }
    let checks = Tensor::cat(checks, 0).into_data();
    checks.iter::<f32>().position(|check| !check.is_finite()).map(|place| weights[place])
}
