//! FISH-DIP: Fisher information mask with dynamic sample-aware parameter choice (arXiv 2311.03748, algorithm 1).

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

use crate::mask::budget;
use crate::samples::hardest;
use crate::{Adaptable, Criterion, Error, FisherDiagonal, Mask, Objective, Samples, Scope, Spread, Weight};

/// How the trained entries are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MaskMethod {
    /// From the hardest examples, again every m steps.
    FishDip,
    /// From the examples that are hardest at the start, once.
    Fixed,
    /// From all examples, again every m steps.
    AllSamples,
    /// Drawn uniformly, once.
    Random,
    /// Vectors and biases as a whole: norms and position biases of T5, which has no other biases (`BitFit`, arXiv 2106.10199).
    Norms,
    /// Every parameter: full fine-tuning, or all of what was added.
    Full,
}

impl MaskMethod {
    /// Whether the choice is made again as training goes on.
    pub fn refreshes(self) -> bool {
        matches!(self, Self::FishDip | Self::AllSamples)
    }

    /// Whether a share of the entries is chosen, and not weights as a whole.
    pub fn is_sparse(self) -> bool {
        !matches!(self, Self::Norms | Self::Full)
    }
}

/// The settings of the choice.
#[derive(Clone, Debug, PartialEq)]
pub struct FishDip {
    /// How entries are chosen.
    pub method: MaskMethod,
    /// k: the share of the entries in scope to train, above 0 and at most 1.
    pub keep: f64,
    /// n: how many of the hardest samples the Fisher information is taken over.
    pub hard_samples: usize,
    /// Which hard ones these are.
    pub samples: Samples,
    /// What entries are ranked by.
    pub criterion: Criterion,
    /// Which weights they are chosen from.
    pub scope: Scope,
    /// How they are spread over these.
    pub spread: Spread,
    /// Seed of the random mask.
    pub seed: u64,
}

/// A mask and how it came about.
#[derive(Debug)]
pub struct Selection {
    /// The entries to train.
    pub mask: Mask,
    /// The samples it was chosen from, hardest first; empty where no sample was looked at.
    pub hard: Vec<usize>,
    /// The loss of every sample; empty where none was computed.
    pub losses: Vec<f32>,
}

/// What a mask that only grows has so far (ID3, arXiv 2408.14470).
#[derive(Clone, Copy, Debug)]
pub struct Growth<'a> {
    /// Its entries, all of which stay.
    pub kept: &'a Mask,
    /// The share of the k entries that it has after this choice, above 0 and at most 1.
    pub share: f64,
}

impl FishDip {
    /// k: how many entries of `model` are trained. Refused if the scope has none, or if the share of them is less than one.
    pub fn budget(&self, model: &impl Adaptable) -> Result<usize, Error> {
        let entries = self.scope.entries(model);
        match self.method {
            _ if entries == 0 => Err(Error::EmptyScope { scope: self.scope }),
            // They are not a share, but all of their kind.
            MaskMethod::Full | MaskMethod::Norms => Ok(entries),
            _ => budget(self.keep, entries),
        }
    }

    /// Chooses the entries to train; a mask that grows keeps those that it has. What is trained of `model` until then, and its values, do not change.
    pub fn select<M: Adaptable, O: Objective<M>>(
        &self,
        model: &mut M,
        objective: &O,
        growth: Option<Growth<'_>>,
    ) -> Result<Selection, O::Error> {
        let of_mask = |mask| Selection { mask, hard: Vec::new(), losses: Vec::new() };
        let k = self.budget(model)?;
        let share = growth.map_or(1.0, |growth| growth.share);
        let (mut scores, hard, losses) = match self.method {
            MaskMethod::Full => return Ok(of_mask(Mask::whole(model, |weight| self.scope.has(weight)))),
            MaskMethod::Norms => {
                return Ok(of_mask(Mask::whole(model, |weight| {
                    self.scope.has(weight) && is_norm_or_bias(weight)
                })));
            }
            MaskMethod::Random => {
                let scores = random_scores(model, self.scope, self.seed);
                (FisherDiagonal::from_scores(scores), Vec::new(), Vec::new())
            }
            _ if !self.criterion.needs_samples() => {
                (FisherDiagonal::magnitudes(model, self.criterion, self.scope)?, Vec::new(), Vec::new())
            }
            MaskMethod::FishDip | MaskMethod::Fixed | MaskMethod::AllSamples => {
                if objective.samples() == 0 {
                    return Err(Error::NoSamples.into());
                }
                // Line 4: the loss of every training sample; line 5: the n samples with the largest.
                let losses = objective.losses(model)?;
                let hard = match self.method {
                    MaskMethod::AllSamples => hardest(&losses, losses.len()),
                    _ => self.samples.choose(model, objective, &losses, self.hard_samples)?,
                };
                // Lines 6-7, equation 3: the empirical Fisher information of these samples.
                let fisher = FisherDiagonal::accumulate(model, objective, &hard, self.criterion, self.scope)?;
                (fisher, hard, losses)
            }
        };
        if let Some(growth) = growth {
            scores.put_first(growth.kept);
        }
        // Line 8, equation 4: the k entries with the most of it.
        let mask = self.spread.best(scores.scores(), k, share, model);
        Ok(Selection { mask, hard, losses })
    }
}

/// Vectors, and weights that are called biases.
fn is_norm_or_bias(weight: &Weight) -> bool {
    weight.shape()[0] == 1 || weight.path().contains("bias")
}

/// One score an entry in scope, uniform over the finite non-negative floats: its top k is a uniform draw of k entries.
fn random_scores(model: &impl Adaptable, scope: Scope, seed: u64) -> Vec<Vec<f32>> {
    let mut numbers = SplitMix64::seed_from_u64(seed);
    let mut next = || f32::from_bits((numbers.next_u64() % u64::from(f32::INFINITY.to_bits())) as u32);
    let entries = |weight: &Weight| if scope.has(weight) { weight.entries() } else { 0 };
    model.weights().into_iter().map(|w| (0..entries(w)).map(|_| next()).collect()).collect()
}
