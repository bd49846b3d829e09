//! FISH-DIP: Fisher information mask with dynamic sample-aware parameter choice (arXiv 2311.03748, algorithm 1).

use fishdip_kernels::TopK;
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

use crate::mask::budget;
use crate::{Adaptable, Criterion, Error, FileLayout, FisherDiagonal, Mask, Objective, Scope, Weight};

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

/// How the chosen entries are spread over the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// The k best of all.
    #[default]
    Global,
    /// The best of each weight, by its share of all parameters.
    Weight,
    /// The best of each output feature, by its share of all parameters (as `NeuroAda` has it, arXiv 2510.18940).
    Row,
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
    /// Chooses the entries to train; a mask that grows keeps those that it has. What is trained of `model` until then, and its values, do not change.
    pub fn select<M: Adaptable, O: Objective<M>>(
        &self,
        model: &mut M,
        objective: &O,
        growth: Option<Growth<'_>>,
    ) -> Result<Selection, O::Error> {
        let of_mask = |mask| Selection { mask, hard: Vec::new(), losses: Vec::new() };
        let entries = self.scope.entries(model);
        if entries == 0 {
            return Err(Error::EmptyScope { scope: self.scope }.into());
        }
        let k = budget(self.keep * growth.map_or(1.0, |growth| growth.share), entries)?;
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
                (FisherDiagonal::magnitudes(model, self.scope)?, Vec::new(), Vec::new())
            }
            MaskMethod::FishDip | MaskMethod::Fixed | MaskMethod::AllSamples => {
                if objective.samples() == 0 {
                    return Err(Error::NoSamples.into());
                }
                // Line 4: the loss of every training sample; line 5: the n samples with the largest.
                let losses = objective.losses(model)?;
                let n = if self.method == MaskMethod::AllSamples { losses.len() } else { self.hard_samples };
                let hard = hardest(&losses, n);
                // Lines 6-7, equation 3: the empirical Fisher information of these samples.
                let fisher = FisherDiagonal::accumulate(model, objective, &hard, self.criterion, self.scope)?;
                (fisher, hard, losses)
            }
        };
        if let Some(growth) = growth {
            scores.put_first(growth.kept);
        }
        // Line 8, equation 4: the k entries with the most of it.
        let mask = match self.spread {
            Spread::Global => top_k(scores.scores(), k),
            Spread::Weight => top_of_each(scores.scores(), k),
            Spread::Row => top_of_rows(scores.scores(), k, model),
        };
        Ok(Selection { mask, hard, losses })
    }
}

/// The exact `k` highest scores over all weights; ties break by (path, position).
fn top_k(scores: &[Vec<f32>], k: usize) -> Mask {
    let mut top = TopK::new(k, scores);
    Mask::of_entries(scores.iter().map(|s| top.collect(s)).collect())
}

/// The highest scores of each weight, `k` in all.
fn top_of_each(scores: &[Vec<f32>], k: usize) -> Mask {
    let quotas = quotas(k, scores.iter().map(Vec::len));
    let of_weight = |(scores, quota): (&Vec<f32>, usize)| {
        if quota == 0 { Vec::new() } else { TopK::new(quota, std::slice::from_ref(scores)).collect(scores) }
    };
    Mask::of_entries(scores.iter().zip(quotas).map(of_weight).collect())
}

/// The highest scores of each output feature, which is a column of a linear layer and a row of a table, `k` in all.
fn top_of_rows(scores: &[Vec<f32>], k: usize, model: &impl Adaptable) -> Mask {
    let weights = model.weights();
    // The rows of all weights as if each were a weight: first with the positions that each has.
    let rows: Vec<Vec<Vec<u32>>> = weights.iter().zip(scores).map(|(w, s)| features(w, s.len())).collect();
    let of_rows: Vec<Vec<f32>> = rows
        .iter()
        .zip(scores)
        .flat_map(|(rows, scores)| {
            rows.iter().map(|row| row.iter().map(|&p| scores[p as usize]).collect::<Vec<f32>>())
        })
        .collect();
    let mut quotas = quotas(k, of_rows.iter().map(Vec::len)).into_iter().zip(&of_rows);
    let of_weight = |rows: &Vec<Vec<u32>>| {
        let mut chosen: Vec<u32> = Vec::new();
        for (row, (quota, scores)) in rows.iter().zip(&mut quotas) {
            if quota > 0 {
                let places = TopK::new(quota, std::slice::from_ref(scores)).collect(scores);
                chosen.extend(places.into_iter().map(|place| row[place as usize]));
            }
        }
        chosen.sort_unstable();
        chosen
    };
    Mask::of_entries(rows.iter().map(of_weight).collect())
}

/// The positions of each output feature of a weight that has scores for `entries` entries, all or none.
fn features(weight: &Weight, entries: usize) -> Vec<Vec<u32>> {
    if entries == 0 {
        return Vec::new();
    }
    let [rows, columns] = weight.shape().map(|of| of as u32);
    match weight.layout() {
        FileLayout::AsIs => (0..rows).map(|row| (row * columns..(row + 1) * columns).collect()).collect(),
        FileLayout::Transposed => {
            (0..columns).map(|column| (0..rows).map(|row| row * columns + column).collect()).collect()
        }
    }
}

/// `k` divided over parts of these sizes in proportion, `k` in all and at most the size for each.
fn quotas(k: usize, sizes: impl Iterator<Item = usize> + Clone) -> Vec<usize> {
    let all: u128 = sizes.clone().map(|size| size as u128).sum();
    let mut before: u128 = 0;
    // What all parts up to one have together is rounded down, so that the rests add up and none is lost.
    let up_to = |size: u128| (k as u128 * size).checked_div(all).unwrap_or(0) as usize;
    let quota = |size: usize| {
        let start = up_to(before);
        before += size as u128;
        up_to(before) - start
    };
    sizes.map(quota).collect()
}

/// Vectors, and weights that are called biases.
fn is_norm_or_bias(weight: &Weight) -> bool {
    weight.shape()[0] == 1 || weight.path().contains("bias")
}

/// The `n` samples with the largest loss, largest first; ties go to the earlier sample. NaN counts as largest, so that
/// a broken sample shows up rather than hides.
pub fn hardest(losses: &[f32], n: usize) -> Vec<usize> {
    let key = |i: usize| if losses[i].is_nan() { f32::INFINITY } else { losses[i] };
    let mut order: Vec<usize> = (0..losses.len()).collect();
    order.sort_by(|&a, &b| key(b).total_cmp(&key(a)).then(a.cmp(&b)));
    order.truncate(n.max(1));
    order
}

/// One score an entry in scope, uniform over the finite non-negative floats: its top k is a uniform draw of k entries.
fn random_scores(model: &impl Adaptable, scope: Scope, seed: u64) -> Vec<Vec<f32>> {
    let mut numbers = SplitMix64::seed_from_u64(seed);
    let mut next = || f32::from_bits((numbers.next_u64() % u64::from(f32::INFINITY.to_bits())) as u32);
    let entries = |weight: &Weight| if scope.has(weight) { weight.entries() } else { 0 };
    model.weights().into_iter().map(|w| (0..entries(w)).map(|_| next()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::{hardest, quotas};

    #[test]
    fn quotas_are_in_proportion_and_lose_nothing() {
        assert_eq!(quotas(5, [4, 4, 2].into_iter()), [2, 2, 1]);
        assert_eq!(quotas(3, [1, 1, 1, 1].into_iter()), [0, 1, 1, 1]);
        assert_eq!(quotas(4, [1, 1, 1, 1].into_iter()), [1, 1, 1, 1]);
        assert_eq!(quotas(1, [0, 7, 3].into_iter()), [0, 0, 1]);
    }

    #[test]
    fn hardest_breaks_ties_by_position_and_shows_nan() {
        assert_eq!(hardest(&[1.0, 3.0, 2.0, 3.0], 3), [1, 3, 2]);
        assert_eq!(hardest(&[1.0, f32::NAN, 2.0], 1), [1]);
        assert_eq!(hardest(&[1.0, 2.0], 9), [1, 0]);
    }
}
