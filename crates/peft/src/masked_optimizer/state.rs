//! What an optimizer remembers, as plain numbers: for checkpoints.

use burn::tensor::Device;
use std::collections::BTreeMap;

use super::{Entry, MaskedOptimizer, MaskedOptimizerConfig, to_device, to_host};
use crate::Error;

/// The moments of some entries of one weight, one of each kind an entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryMoments {
    /// Sorted flat positions.
    pub positions: Vec<u32>,
    /// First moments.
    pub first: Vec<f32>,
    /// Second moments.
    pub second: Vec<f32>,
    /// How many steps each entry was trained for.
    pub age: Vec<f32>,
}

/// What an optimizer remembers between two steps, for each weight in the order of [`Adaptable::weights`](crate::Adaptable::weights).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptimizerState {
    /// The entries that are trained now.
    pub trained: Vec<EntryMoments>,
    /// With `keep_moments`: the entries that have left the mask.
    pub left: Vec<EntryMoments>,
}

impl EntryMoments {
    fn new(entries: impl IntoIterator<Item = (u32, Entry)>) -> Self {
        let mut moments = Self::default();
        for (position, [first, second, age]) in entries {
            moments.positions.push(position);
            moments.first.push(first);
            moments.second.push(second);
            moments.age.push(age);
        }
        moments
    }

    fn check(&self) -> Result<(), Error> {
        let count = self.positions.len();
        let lengths = [self.first.len(), self.second.len(), self.age.len()];
        if lengths != [count; 3] || !self.positions.is_sorted_by(|a, b| a < b) {
            let reason = format!(
                "the optimizer's state has {count} positions of a weight, and {lengths:?} moments for them, or its positions are not sorted"
            );
            return Err(Error::Mismatch { reason });
        }
        Ok(())
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        let moments = self.first.iter().zip(&self.second).zip(&self.age);
        moments.map(|((&first, &second), &age)| [first, second, age])
    }
}

impl MaskedOptimizer {
    /// What it remembers.
    pub fn state(&self) -> OptimizerState {
        let trained = self.positions.iter().zip(&self.moments).map(|(positions, moments)| {
            let moments = moments.clone().map_or_else(Vec::new, to_host);
            EntryMoments::new(positions.iter().copied().zip(moments))
        });
        let left = self.parked.iter().map(|entries| EntryMoments::new(entries.iter().map(|(&p, &e)| (p, e))));
        OptimizerState { trained: trained.collect(), left: left.collect() }
    }

    /// An optimizer that goes on from `state`, with its moments on `device`. A state that does not hold together is an error.
    pub fn restore(
        config: MaskedOptimizerConfig,
        state: &OptimizerState,
        device: &Device,
    ) -> Result<Self, Error> {
        if state.trained.len() != state.left.len() {
            let reason = "the optimizer's state is of two numbers of weights".to_owned();
            return Err(Error::Mismatch { reason });
        }
        let mut optimizer = Self::new(config);
        for (trained, left) in state.trained.iter().zip(&state.left) {
            trained.check()?;
            left.check()?;
            let entries: Vec<Entry> = trained.entries().collect();
            optimizer.moments.push((!entries.is_empty()).then(|| to_device(&entries, device)));
            optimizer.positions.push(trained.positions.clone());
            let parked: BTreeMap<u32, Entry> = left.positions.iter().copied().zip(left.entries()).collect();
            optimizer.parked.push(parked);
        }
        Ok(optimizer)
    }
}
