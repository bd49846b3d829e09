//! The mean of the entropies of passes with dropout.

use super::entropy::entropy;
use super::{Strategy, top};
use crate::candidates::Ordered;
use crate::{Candidates, Result};

/// Examples that passes with dropout find unclear on average: what no further label may settle.
#[derive(Clone, Copy, Debug)]
pub struct McMeanEntropy;

impl Strategy for McMeanEntropy {
    fn name(&self) -> &'static str {
        "mc-mean-entropy"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let passes = candidates.passes(self.name())?;
        Ok(top(candidates, n, |position| mean_of_entropies(&passes, position)))
    }
}

/// The mean over the passes of the entropy.
pub(super) fn mean_of_entropies(passes: &[Ordered<'_>], position: usize) -> f64 {
    passes.iter().map(|pass| entropy(pass.row(position))).sum::<f64>() / passes.len() as f64
}
