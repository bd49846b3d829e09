//! Two decodings that read an example differently.

use std::collections::BTreeSet;

use super::{Strategy, top};
use crate::{Candidates, Result};

/// Examples for which constrained and free decoding find different things, by 1 − F1 of the two. Output that cannot be
/// read, wrong copies and unknown labels show here, and cost no annotation to see.
#[derive(Clone, Copy, Debug)]
pub struct Disagreement;

impl Strategy for Disagreement {
    fn name(&self) -> &'static str {
        "disagreement"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let outputs = candidates.outputs(self.name())?;
        Ok(top(candidates, n, |position| {
            let (constrained, free) = outputs(position);
            disagreement(constrained, free)
        }))
    }
}

/// 1 − 2 |A ∩ B| / (|A| + |B|); 0 if both are empty.
fn disagreement(a: &[u64], b: &[u64]) -> f64 {
    let (a, b): (BTreeSet<&u64>, BTreeSet<&u64>) = (a.iter().collect(), b.iter().collect());
    let both = a.len() + b.len();
    if both == 0 { 0.0 } else { 1.0 - 2.0 * a.intersection(&b).count() as f64 / both as f64 }
}
