//! Which entries of a model are trained.

use crate::{Adaptable, EntryCost, Error};

/// For each weight of a model (in the order of [`Adaptable::weights`]), the sorted flat positions being trained.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SparseMask {
    positions: Vec<Vec<u32>>,
}

impl SparseMask {
    /// A mask from sorted, unique positions, one list a weight.
    ///
    /// # Panics
    /// If positions are not sorted and unique.
    pub fn new(positions: Vec<Vec<u32>>) -> Self {
        assert!(
            positions.iter().all(|p| p.is_sorted_by(|a, b| a < b)),
            "positions must be sorted and unique"
        );
        Self { positions }
    }

    /// Every entry of `model`: full fine-tuning.
    pub fn full(model: &impl Adaptable) -> Self {
        Self::new(model.weights().iter().map(|w| (0..w.entries() as u32).collect()).collect())
    }

    /// The positions of each weight.
    pub fn positions(&self) -> &[Vec<u32>] {
        &self.positions
    }

    /// How many entries are trained.
    pub fn entries(&self) -> usize {
        self.positions.iter().map(Vec::len).sum()
    }

    /// The share of this mask's entries that `previous` did not have, 0 to 1.
    pub fn churn(&self, previous: &Self) -> f64 {
        let kept: usize =
            self.positions.iter().zip(&previous.positions).map(|(new, old)| intersection(new, old)).sum();
        if self.entries() == 0 { 0.0 } else { 1.0 - kept as f64 / self.entries() as f64 }
    }

    /// Adds the entries of `other`: over a training, the entries that may differ from the base model.
    pub fn extend(&mut self, other: &Self) {
        if self.positions.is_empty() {
            self.positions.clone_from(&other.positions);
            return;
        }
        for (mine, theirs) in self.positions.iter_mut().zip(&other.positions) {
            mine.extend_from_slice(theirs);
            mine.sort_unstable();
            mine.dedup();
        }
    }

    /// Makes `model` train exactly these entries. `cost` decides how layers get their gradient.
    pub fn apply(&self, model: &mut impl Adaptable, cost: EntryCost) {
        for (weight, positions) in model.weights_mut().into_iter().zip(&self.positions) {
            weight.mask(positions.clone(), cost);
        }
    }
}

/// How many of `entries` a share `keep` is, rounded down, at least one.
pub(crate) fn budget(keep: f64, entries: usize) -> Result<usize, Error> {
    if keep > 0.0 && keep <= 1.0 {
        Ok(((keep * entries as f64) as usize).max(1))
    } else {
        Err(Error::Keep { keep })
    }
}

fn intersection(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            core::cmp::Ordering::Less => i += 1,
            core::cmp::Ordering::Greater => j += 1,
            core::cmp::Ordering::Equal => (i, j, both) = (i + 1, j + 1, both + 1),
        }
    }
    both
}
