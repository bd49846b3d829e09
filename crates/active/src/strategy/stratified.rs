//! As many examples of each class: a start that has seen every label.

use std::collections::{BTreeMap, BTreeSet};

use super::random::keys;
use super::{Strategy, top};
use crate::{Candidates, Result};

/// ⌊n / classes⌋ examples of each class at random, and the remainder at random from what is left. A class with fewer
/// examples gives all of them.
#[derive(Clone, Copy, Debug)]
pub struct Stratified;

impl Strategy for Stratified {
    fn name(&self) -> &'static str {
        "stratified"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, seed: u64) -> Result<Vec<usize>> {
        let classes = candidates.classes(self.name())?;
        let keys = keys(candidates.len(), seed);
        let order = top(candidates, candidates.len(), |position| keys[position]);
        let known: BTreeSet<u32> = classes.iter().copied().collect();
        let share = n.checked_div(known.len()).unwrap_or(0);
        let mut left: BTreeMap<u32, usize> = known.into_iter().map(|class| (class, share)).collect();
        let (mut chosen, others): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|&position| {
            let left = left.get_mut(&classes[position]).filter(|left| **left > 0);
            left.map(|left| *left -= 1).is_some()
        });
        let remainder = n - chosen.len();
        chosen.extend(others.into_iter().take(remainder));
        Ok(chosen)
    }
}
