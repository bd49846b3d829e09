//! What passes with dropout disagree about.

use super::mc_dropout::entropy_of_mean;
use super::mc_mean_entropy::mean_of_entropies;
use super::{Strategy, top};
use crate::{Candidates, Result};

/// Examples with the largest mutual information between label and weights: the entropy of the mean of the passes minus
/// the mean of their entropies (BALD, Houlsby et al. 2011). Each pass may be sure; they must not agree.
#[derive(Clone, Copy, Debug)]
pub struct Bald;

impl Strategy for Bald {
    fn name(&self) -> &'static str {
        "bald"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let passes = candidates.passes(self.name())?;
        // Below 0 is rounding: entropy is concave.
        let information =
            |position| (entropy_of_mean(&passes, position) - mean_of_entropies(&passes, position)).max(0.0);
        Ok(top(candidates, n, information))
    }
}
