//! Uncertainty of a whole output.

use super::{Strategy, top};
use crate::{Candidates, Result};

/// Examples whose output has the smallest mean log-probability of a piece (maximum normalised log-probability, MNLP,
/// Shen et al. 2018). The sum alone would choose long outputs.
#[derive(Clone, Copy, Debug)]
pub struct LogProbability;

impl Strategy for LogProbability {
    fn name(&self) -> &'static str {
        "log-probability"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let means = candidates.mean_log_probabilities(self.name())?;
        Ok(top(candidates, n, |position| -means[position]))
    }
}
