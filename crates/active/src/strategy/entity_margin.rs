//! Uncertainty of the least sure entity.

use super::{Strategy, top};
use crate::{Candidates, Result};

/// Examples in which one entity's label is least ahead of the next. An example without entities counts as sure; mix
/// this strategy with another where what is overlooked matters.
#[derive(Clone, Copy, Debug)]
pub struct EntityMargin;

impl Strategy for EntityMargin {
    fn name(&self) -> &'static str {
        "entity-margin"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let margins = candidates.entity_margins(self.name())?;
        Ok(top(candidates, n, |position| 1.0 - margins(position).iter().copied().fold(1.0, f64::min)))
    }
}
