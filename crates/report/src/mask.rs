//! Where the entries that were trained lie, how that changes from one choice to the next, and which samples it was made by.

use serde::Serialize;
use std::collections::BTreeMap;

use crate::Text;

/// The masks of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mask {
    /// The layers of the model that ever had an entry, in its order.
    pub layers: Vec<Text>,
    /// The kinds of weight that ever had an entry, in the order in which a layer uses them.
    pub kinds: Vec<Text>,
    /// The weights that ever had an entry.
    pub weights: Vec<WeightName>,
    /// How many samples there were to choose hard ones from.
    pub samples: usize,
    /// The choices, in order.
    pub choices: Vec<Choice>,
}

/// A weight and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightName {
    /// Its name in the model's file.
    pub name: Text,
    /// The index of its layer.
    pub layer: usize,
    /// The index of its kind.
    pub kind: usize,
}

/// One choice of a mask.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// Training steps before it.
    pub step: usize,
    /// Entries in the mask.
    pub entries: usize,
    /// The share of them that the mask before did not have.
    pub churn: f64,
    /// The share of the hard samples that the losses of their last steps would have chosen too.
    pub agreement: Option<f64>,
    /// The samples it was made by.
    pub hard: Vec<usize>,
    /// Indices of weights, and how many entries each has.
    pub weights: Vec<(usize, usize)>,
    /// Steps to the next choice, where a rule said so.
    pub every: Option<usize>,
    /// Seconds it took.
    pub seconds: f64,
}

/// A sample that was hard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HardSample {
    /// Its index among the training samples.
    pub sample: usize,
    /// The choices it was hard for, in order.
    pub choices: Vec<usize>,
}

/// What a name has of all entries.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// The layer or kind of weight.
    pub name: Text,
    /// The mean of its share over the choices.
    pub share: f64,
}

impl Mask {
    /// What the masks of the choices `at` and the one before have in common: entries in both among those in either. Nothing for the first.
    pub fn overlap(&self, at: usize) -> Option<f64> {
        let (now, before) = (self.choices.get(at)?, self.choices.get(at.checked_sub(1)?)?);
        let both = (1.0 - now.churn) * now.entries as f64;
        let either = (now.entries + before.entries) as f64 - both;
        (either > 0.0).then(|| both / either)
    }

    /// The share of a mask's entries in each layer and kind of weight, layer by layer.
    pub fn cells(&self, choice: &Choice) -> Vec<f64> {
        let mut cells = vec![0.0; self.layers.len() * self.kinds.len()];
        let all = choice.weights.iter().map(|weight| weight.1).sum::<usize>().max(1) as f64;
        for &(weight, entries) in &choice.weights {
            if let Some(WeightName { layer, kind, .. }) = self.weights.get(weight)
                && let Some(cell) = cells.get_mut(layer * self.kinds.len() + kind)
            {
                *cell += entries as f64 / all;
            }
        }
        cells
    }

    /// The mean of [`Mask::cells`] over the choices.
    pub fn mean_cells(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.layers.len() * self.kinds.len()];
        for choice in &self.choices {
            for (sum, share) in mean.iter_mut().zip(self.cells(choice)) {
                *sum += share / self.choices.len() as f64;
            }
        }
        mean
    }

    /// What each layer has of `cells`.
    pub fn by_layer(&self, cells: &[f64]) -> Vec<f64> {
        cells.chunks(self.kinds.len().max(1)).map(|row| row.iter().sum()).collect()
    }

    /// What each kind of weight has of `cells`.
    pub fn by_kind(&self, cells: &[f64]) -> Vec<f64> {
        let n = self.kinds.len();
        (0..n).map(|kind| cells.iter().skip(kind).step_by(n).sum()).collect()
    }

    /// The samples that were ever hard: the most often first, of equals in their order.
    pub fn hard_samples(&self) -> Vec<HardSample> {
        let mut choices: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, choice) in self.choices.iter().enumerate() {
            for &sample in &choice.hard {
                choices.entry(sample).or_default().push(at);
            }
        }
        let mut samples: Vec<HardSample> =
            choices.into_iter().map(|(sample, choices)| HardSample { sample, choices }).collect();
        samples.sort_by_key(|hard| (std::cmp::Reverse(hard.choices.len()), hard.sample));
        samples
    }

    /// In how many of the choices each weight had entries.
    pub fn times_used(&self) -> Vec<usize> {
        let mut times = vec![0; self.weights.len()];
        for &(weight, _) in self.choices.iter().flat_map(|choice| &choice.weights) {
            if let Some(times) = times.get_mut(weight) {
                *times += 1;
            }
        }
        times
    }
}

/// The entropy of a distribution that `weights` are in proportion to, in bits. Of n equal ones it is log2 n.
pub fn entropy(weights: impl IntoIterator<Item = f64>) -> f64 {
    let weights: Vec<f64> = weights.into_iter().filter(|&weight| weight > 0.0).collect();
    let all: f64 = weights.iter().sum();
    let bits: f64 = weights.iter().map(|weight| -(weight / all) * (weight / all).log2()).sum();
    // Of one alone it would be -0.
    bits.max(0.0)
}

/// Over how many equal parts entries would be spread as evenly as they are over parts with these `shares`: 2 to the power of the entropy.
pub fn effective_number(shares: &[f64]) -> f64 {
    if shares.iter().all(|&share| share <= 0.0) { 0.0 } else { entropy(shares.iter().copied()).exp2() }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    /// Two layers of two kinds of weight; four entries, then six.
    pub(crate) fn mask() -> Mask {
        let weight = |name: &str, layer, kind| WeightName { name: name.into(), layer, kind };
        Mask {
            layers: vec!["encoder 0".into(), "decoder 0".into()],
            kinds: vec!["q".into(), "wo".into()],
            weights: vec![weight("a", 0, 0), weight("b", 0, 1), weight("c", 1, 1)],
            samples: 8,
            choices: vec![
                Choice {
                    entries: 4,
                    churn: 1.0,
                    hard: vec![5, 2],
                    weights: vec![(0, 1), (2, 3)],
                    ..Choice::default()
                },
                Choice {
                    step: 50,
                    entries: 6,
                    churn: 0.5,
                    hard: vec![2, 7],
                    weights: vec![(0, 3), (1, 3)],
                    ..Choice::default()
                },
            ],
        }
    }

    #[test]
    fn overlap_follows_from_churn_and_sizes() {
        // Of 6 entries half are new, so 3 are in both; 4 + 6 - 3 are in either.
        let mask = mask();
        assert_eq!((mask.overlap(0), mask.overlap(2)), (None, None));
        assert!((mask.overlap(1).unwrap_or_default() - 3.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn shares_by_hand() {
        let mask = mask();
        assert_eq!(mask.cells(&mask.choices[0]), [0.25, 0.0, 0.0, 0.75]);
        let mean = mask.mean_cells();
        assert_eq!(mean, [0.375, 0.25, 0.0, 0.375]);
        assert_eq!((mask.by_layer(&mean), mask.by_kind(&mean)), (vec![0.625, 0.375], vec![0.375, 0.625]));
        assert_eq!(mask.times_used(), [2, 1, 1]);
        assert_eq!(Mask::default().mean_cells(), [0.0; 0]);
    }

    #[test]
    fn hard_samples_come_by_how_often_they_were() {
        let hard = mask().hard_samples();
        let told: Vec<_> = hard.iter().map(|hard| (hard.sample, hard.choices.as_slice())).collect();
        assert_eq!(told, [(2, &[0, 1][..]), (5, &[0]), (7, &[1])]);
        // 2, 1 and 1 of 4: 1/2 · 1 + 2 · 1/4 · 2 bits.
        assert_eq!(entropy(hard.iter().map(|hard| hard.choices.len() as f64)), 1.5);
    }

    #[test]
    fn entropies_by_hand() {
        assert_eq!(entropy([1.0, 1.0, 1.0, 1.0, 0.0]), 2.0);
        assert_eq!((entropy([7.0]), entropy([])), (0.0, 0.0));
        assert_eq!(effective_number(&[0.25; 4]), 4.0);
        assert_eq!(effective_number(&[0.0, 0.0]), 0.0);
    }
}
