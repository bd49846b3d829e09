//! Uncertainty as what the best class lacks.

use super::{Strategy, top};
use crate::{Candidates, Result};

/// Examples whose most probable class is least probable.
#[derive(Clone, Copy, Debug)]
pub struct LeastConfident;

impl Strategy for LeastConfident {
    fn name(&self) -> &'static str {
        "least-confident"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let probabilities = candidates.probabilities(self.name())?;
        Ok(top(candidates, n, |position| doubt(probabilities.row(position))))
    }
}

/// 1 − the largest probability.
pub(super) fn doubt(probabilities: &[f32]) -> f64 {
    1.0 - f64::from(probabilities.iter().copied().fold(0.0, f32::max))
}
