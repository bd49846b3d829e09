//! Entropy after averaging over passes with dropout.

use super::entropy::term;
use super::{Strategy, top};
use crate::candidates::Ordered;
use crate::{Candidates, Result};

/// Examples whose mean probabilities over passes with dropout have the largest entropy (Gal and Ghahramani 2016). What
/// the paper calls MC dropout; its code takes 30 passes.
#[derive(Clone, Copy, Debug)]
pub struct McDropout;

impl Strategy for McDropout {
    fn name(&self) -> &'static str {
        "mc-dropout"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let passes = candidates.passes(self.name())?;
        Ok(top(candidates, n, |position| entropy_of_mean(&passes, position)))
    }
}

/// The entropy of the mean of the passes.
pub(super) fn entropy_of_mean(passes: &[Ordered<'_>], position: usize) -> f64 {
    let classes = passes.first().map_or(0, Ordered::columns);
    let mean = |class: usize| {
        let sum: f64 = passes.iter().map(|pass| f64::from(pass.row(position)[class])).sum();
        sum / passes.len() as f64
    };
    (0..classes).map(|class| term(mean(class))).sum()
}
