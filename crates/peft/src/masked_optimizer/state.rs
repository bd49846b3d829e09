//! What an optimizer remembers, as plain numbers: for checkpoints.

use fishdip_kernels::Moments;
use std::collections::BTreeMap;

use super::moments::{Entry, entries, numbers, vector};
use super::{MaskedOptimizer, MaskedOptimizerConfig, UpdateRule};
use crate::{Adaptable, Error, Positions, Trained};

/// The moments of some entries of one weight, or of all. With [`UpdateRule::DenseAdafactor`], the second moments of its rows (`first`) and of its
/// columns (`second`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WeightMoments {
    /// Which entries.
    pub trained: Trained,
    /// First moments, one an entry.
    pub first: Vec<f32>,
    /// Second moments, one an entry.
    pub second: Vec<f32>,
    /// How many steps each entry was trained for; one number for all if the weight is trained as a whole.
    pub age: Vec<f32>,
}

/// What an optimizer remembers between two steps, for each weight in the order of [`Adaptable::weights`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptimizerState {
    /// What is trained now.
    pub trained: Vec<WeightMoments>,
    /// With `keep_moments`: the entries that have left the mask.
    pub left: Vec<WeightMoments>,
}

impl WeightMoments {
    fn of_entries(entries: &BTreeMap<u32, Entry>) -> Self {
        let part = |i: usize| entries.values().map(|entry| entry[i]).collect();
        let positions = Positions::new(entries.keys().copied().collect());
        let trained = positions.filter(|p| !p.is_empty()).map_or(Trained::Nothing, Trained::Entries);
        Self { trained, first: part(0), second: part(1), age: part(2) }
    }

    /// Whether it is of a weight of the shape `[rows, columns]` that is trained by `rule`.
    fn check(&self, [rows, columns]: [usize; 2], rule: UpdateRule) -> Result<(), Error> {
        let size = rows * columns;
        let count = self.trained.count(size);
        let ages = if self.trained == Trained::All { 1 } else { count };
        let lengths = [self.first.len(), self.second.len(), self.age.len()];
        let fits = match rule {
            UpdateRule::Entries(_) => lengths == [count, count, ages],
            // Before its first step there are none.
            UpdateRule::DenseAdafactor => lengths == [rows, columns, 1] || lengths == [0; 3],
        };
        let within = self.trained.positions(size).last().is_none_or(|last| (last as usize) < size);
        if fits && within {
            return Ok(());
        }
        let reason = format!(
            "the optimizer's state has {lengths:?} moments and ages of {count} entries of a weight that has {size}"
        );
        Err(Error::Mismatch { reason })
    }
}

impl MaskedOptimizer {
    /// The moments of what is trained now of the weight `index`.
    pub(crate) fn moments_of(&self, index: usize) -> Option<&Moments> {
        self.moments.get(index)?.as_ref()
    }

    /// The moments of the entries of the weight `index` that have left the mask.
    pub(crate) fn left_of(&self, index: usize) -> WeightMoments {
        self.parked.get(index).map(WeightMoments::of_entries).unwrap_or_default()
    }

    /// What it remembers.
    pub fn state(&self) -> OptimizerState {
        let trained = self.trained.iter().zip(&self.moments).map(|(trained, moments)| {
            let Some(moments) = moments.clone() else { return WeightMoments::default() };
            let Moments { first, second, age } = moments;
            let [first, second, age] = [first, second, age].map(numbers);
            WeightMoments { trained: trained.clone(), first, second, age }
        });
        let left = self.parked.iter().map(WeightMoments::of_entries);
        OptimizerState { trained: trained.collect(), left: left.collect() }
    }

    /// An optimizer of `model` that goes on from `state`. A state that does not hold together or is of another model is an error.
    pub fn restore(
        config: MaskedOptimizerConfig,
        state: &OptimizerState,
        model: &impl Adaptable,
    ) -> Result<Self, Error> {
        let weights = model.weights();
        let known = [state.trained.len(), state.left.len()];
        // An optimizer that has not yet seen a mask has an empty state.
        if known != [weights.len(); 2] && known != [0; 2] {
            let reason =
                format!("the optimizer's state is of {known:?} weights, the model has {}", weights.len());
            return Err(Error::Mismatch { reason });
        }
        let mut optimizer = Self::new(config);
        for ((trained, left), weight) in state.trained.iter().zip(&state.left).zip(weights) {
            let (size, device) = (weight.entries(), weight.device());
            trained.check(weight.shape(), optimizer.config.rule)?;
            left.check(weight.shape(), optimizer.config.rule)?;
            let tensors = |of: &WeightMoments| Moments {
                first: vector(of.first.clone(), &device),
                second: vector(of.second.clone(), &device),
                age: vector(of.age.clone(), &device),
            };
            // Those of whole weights are kept whatever is trained, and those of entries go with them.
            optimizer.moments.push((!trained.age.is_empty()).then(|| tensors(trained)));
            optimizer.trained.push(trained.trained.clone());
            optimizer.parked.push(left.trained.positions(size).zip(entries(tensors(left), size)).collect());
        }
        Ok(optimizer)
    }
}
