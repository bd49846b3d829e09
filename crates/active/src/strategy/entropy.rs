//! Uncertainty as the entropy of the classes.

use super::{Strategy, top};
use crate::{Candidates, Result};

/// Examples whose class probabilities have the largest entropy.
#[derive(Clone, Copy, Debug)]
pub struct Entropy;

impl Strategy for Entropy {
    fn name(&self) -> &'static str {
        "entropy"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let probabilities = candidates.probabilities(self.name())?;
        Ok(top(candidates, n, |position| entropy(probabilities.row(position))))
    }
}

/// −Σ p ln p, in nats; 0 ln 0 is 0.
pub(crate) fn entropy(probabilities: &[f32]) -> f64 {
    probabilities.iter().map(|&p| term(f64::from(p))).sum()
}

/// −p ln p.
pub(super) fn term(p: f64) -> f64 {
    if p > 0.0 { -p * p.ln() } else { 0.0 }
}
