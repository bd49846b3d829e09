//! Which entries of a model are trained.

use crate::{Adaptable, EntryCost, Error, Positions, Role, Trained, Weight};

/// What is trained of each weight of a model, in the order of [`Adaptable::weights`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    trained: Vec<Trained>,
}

impl Mask {
    /// The mask that trains this of each weight.
    pub fn new(trained: Vec<Trained>) -> Self {
        Self { trained }
    }

    /// The mask that trains the entries at sorted, unique positions, a list for each weight.
    ///
    /// # Panics
    /// If positions are not sorted and unique.
    pub fn of_entries(positions: Vec<Vec<u32>>) -> Self {
        let trained = |positions: Vec<u32>| {
            let positions = Positions::new(positions);
            assert!(positions.is_some(), "positions must be sorted and unique");
            positions.filter(|p| !p.is_empty()).map_or(Trained::Nothing, Trained::Entries)
        };
        Self::new(positions.into_iter().map(trained).collect())
    }

    /// Every entry of the weights of `model` that `chosen` takes, and nothing of the others.
    pub fn whole(model: &impl Adaptable, chosen: impl Fn(&Weight) -> bool) -> Self {
        let trained = |weight| if chosen(weight) { Trained::All } else { Trained::Nothing };
        Self::new(model.weights().into_iter().map(trained).collect())
    }

    /// Every entry of `model`: full fine-tuning.
    pub fn all(model: &impl Adaptable) -> Self {
        Self::whole(model, |_| true)
    }

    /// Every entry of the weights that a method has added to `model`, and nothing of the others.
    pub fn added(model: &impl Adaptable) -> Self {
        Self::whole(model, |weight| weight.role() == Role::Added)
    }

    /// What is trained of each weight.
    pub fn trained(&self) -> &[Trained] {
        &self.trained
    }

    /// How many entries of `model` are trained.
    pub fn entries(&self, model: &impl Adaptable) -> usize {
        let counts = self.trained.iter().zip(model.weights());
        counts.map(|(trained, weight)| trained.count(weight.entries())).sum()
    }

    /// The share of this mask's entries of `model` that `previous` did not have, 0 to 1.
    pub fn churn(&self, previous: &Self, model: &impl Adaptable) -> f64 {
        let both = self.trained.iter().zip(&previous.trained).zip(model.weights());
        let kept: usize = both.map(|((new, old), weight)| new.shared(old, weight.entries())).sum();
        let entries = self.entries(model);
        if entries == 0 { 0.0 } else { 1.0 - kept as f64 / entries as f64 }
    }

    /// Adds the entries of `other`: over a training, the entries that may differ from the base model.
    pub fn extend(&mut self, other: &Self) {
        if self.trained.is_empty() {
            self.trained.clone_from(&other.trained);
            return;
        }
        for (mine, theirs) in self.trained.iter_mut().zip(&other.trained) {
            *mine = mine.union(theirs);
        }
    }

    /// Makes `model` train exactly these entries. `cost` decides how layers get the gradient of some entries of a weight.
    pub fn apply(&self, model: &mut impl Adaptable, cost: EntryCost) {
        for (weight, trained) in model.weights_mut().into_iter().zip(&self.trained) {
            weight.train(trained, cost);
        }
    }
}

/// How many of `entries` a share `keep` is, rounded down. A share of less than one entry is an error: it would train or keep nothing.
pub(crate) fn budget(keep: f64, entries: usize) -> Result<usize, Error> {
    if !(keep > 0.0 && keep <= 1.0) {
        return Err(Error::Keep { keep });
    }
    match (keep * entries as f64) as usize {
        0 => Err(Error::KeepsNone { keep, entries }),
        kept => Ok(kept),
    }
}
