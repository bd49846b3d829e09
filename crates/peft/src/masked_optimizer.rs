//! An optimizer over compact values: state and work in proportion to the mask.

mod gradients;
mod state;

pub use gradients::TrainedGradients;
pub use state::{EntryMoments, OptimizerState};

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use fishdip_kernels::{Moments, Rule, Step, masked_update};
use std::collections::BTreeMap;

use crate::{Adaptable, Error, Masked, SparseMask};

/// A weight whose RMS is below this is stepped as if it had this RMS, as Adafactor does.
const RMS_FLOOR: f32 = 1e-3;

/// Settings that stay the same over a training.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskedOptimizerConfig {
    /// How a step follows from a gradient.
    pub rule: Rule,
    /// Decoupled weight decay of the masked entries.
    pub weight_decay: f32,
    /// The gradient of all masked entries together is scaled down to this norm. `None`: never.
    pub max_grad_norm: Option<f32>,
    /// Multiply the learning rate of each weight by its RMS.
    pub rms_scaled: bool,
    /// Keep the moments of entries that leave the mask, for when they come back.
    pub keep_moments: bool,
}

impl Default for MaskedOptimizerConfig {
    fn default() -> Self {
        Self {
            rule: Rule::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
            weight_decay: 0.0,
            max_grad_norm: Some(1.0),
            rms_scaled: true,
            keep_moments: false,
        }
    }
}

/// First moment, second moment and age of an entry.
type Entry = [f32; 3];

/// An optimizer over the masked entries of a model. Entries outside the mask are never written.
#[derive(Debug)]
pub struct MaskedOptimizer {
    config: MaskedOptimizerConfig,
    /// For each weight in the order of [`Adaptable::weights`]: the moments of its mask.
    moments: Vec<Option<Moments>>,
    positions: Vec<Vec<u32>>,
    /// With `keep_moments`: the entries that have left.
    parked: Vec<BTreeMap<u32, Entry>>,
    /// The entries that the last step changed and the values that they had, for each weight.
    previous: Vec<Option<Before>>,
}

/// Entries of a weight and their values.
#[derive(Debug)]
struct Before {
    indices: Tensor<1, Int>,
    values: Tensor<1>,
}

impl MaskedOptimizer {
    /// An optimizer without state; call [`MaskedOptimizer::set_mask`] before the first step.
    pub fn new(config: MaskedOptimizerConfig) -> Self {
        Self { config, moments: Vec::new(), positions: Vec::new(), parked: Vec::new(), previous: Vec::new() }
    }

    /// Follows a change of the mask: entries that stay keep their moments, new ones start at zero, and those that
    /// leave are forgotten (or parked, with `keep_moments`).
    pub fn set_mask(&mut self, mask: &SparseMask, device: &Device) {
        let weights = mask.positions().len();
        self.moments.resize_with(weights, || None);
        self.positions.resize_with(weights, Vec::new);
        self.parked.resize_with(weights, BTreeMap::new);
        for (w, new) in mask.positions().iter().enumerate() {
            let old = core::mem::replace(&mut self.positions[w], new.clone());
            let mut known = core::mem::take(&mut self.parked[w]);
            if let Some(moments) = self.moments[w].take() {
                known.extend(old.into_iter().zip(to_host(moments)));
            }
            let entries: Vec<Entry> = new.iter().map(|p| known.remove(p).unwrap_or_default()).collect();
            self.moments[w] = (!new.is_empty()).then(|| to_device(&entries, device));
            if self.config.keep_moments {
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
        self.previous.clear();
        let weights = model.weights_mut().into_iter();
        for ((weight, gradient), moments) in weights.zip(gradients.into_each()).zip(&mut self.moments) {
            let before = weight
                .masked()
                .map(|masked| Before { indices: masked.indices.clone(), values: masked.values.clone() });
            let (Some(gradient), Some(state)) = (gradient, moments.take()) else {
                self.previous.push(None);
                continue;
            };
            self.previous.push(before);
            let scale = if self.config.rms_scaled { weight.rms().max(RMS_FLOOR) } else { 1.0 };
            let MaskedOptimizerConfig { weight_decay, rule, .. } = self.config;
            let step = Step { learning_rate: learning_rate * scale, weight_decay, clip, rule };
            weight.update(|dense, masked| {
                let (dense, values, state) =
                    masked_update(dense, masked.values, gradient, state, masked.indices.clone(), step);
                *moments = Some(state);
                (dense, Masked { values, ..masked })
            });
        }
        if let Some(tensor) = not_finite(model) {
            self.undo(model);
            return Err(Error::NonFinite { what: "the updated value", tensor });
        }
        Ok(norm)
    }

    /// Gives the entries that the last step changed the values that they had before it, and freezes their weights: for a caller that finds the
    /// model ruined by it. Moments are not given back. A second call does nothing.
    pub fn undo(&mut self, model: &mut impl Adaptable) {
        for (weight, before) in model.weights_mut().into_iter().zip(self.previous.drain(..)) {
            if let Some(Before { indices, values }) = before {
                weight.put_back(indices, values);
            }
        }
    }
}

/// The path of a weight that has a trained value which is NaN or infinite. One number a weight is looked at: a sum is not finite if a term is not.
fn not_finite(model: &impl Adaptable) -> Option<String> {
    let masked = model.weights().into_iter().filter_map(|weight| Some((weight.path(), weight.masked()?)));
    let (paths, sums): (Vec<_>, Vec<_>) = masked
        .map(|(path, masked)| {
            // Scaled, so that finite values do not add up to an infinite one.
            let values = masked.values.clone().cast(DType::F32);
            (path, (values / masked.positions.len() as f32).sum())
        })
        .unzip();
    if sums.is_empty() {
        return None;
    }
    let sums = Tensor::cat(sums, 0).into_data();
    let place = sums.iter::<f32>().position(|sum| !sum.is_finite())?;
    Some(paths[place].to_owned())
}

fn to_host(moments: Moments) -> Vec<Entry> {
    let host = |t: Tensor<1>| t.into_data().convert::<f32>().iter::<f32>().collect::<Vec<f32>>();
    let (first, second, age) = (host(moments.first), host(moments.second), host(moments.age));
    first.into_iter().zip(second).zip(age).map(|((m, v), t)| [m, v, t]).collect()
}

fn to_device(entries: &[Entry], device: &Device) -> Moments {
    let part = |i: usize| {
        let values: Vec<f32> = entries.iter().map(|e| e[i]).collect();
        Tensor::from_data(TensorData::new(values, [entries.len()]), device)
    };
    Moments { first: part(0), second: part(1), age: part(2) }
}
