//! Uncertainty as two classes that are close.

use super::{Strategy, top};
use crate::{Candidates, Result};

/// Examples whose two most probable classes differ least ("breaking ties").
#[derive(Clone, Copy, Debug)]
pub struct Margin;

impl Strategy for Margin {
    fn name(&self) -> &'static str {
        "margin"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let probabilities = candidates.probabilities(self.name())?;
        Ok(top(candidates, n, |position| 1.0 - margin(probabilities.row(position))))
    }
}

/// The largest probability minus the next; of one class, the probability itself.
fn margin(probabilities: &[f32]) -> f64 {
    let (mut first, mut second) = (0.0f32, 0.0f32);
    for &p in probabilities {
        if p > first {
            (first, second) = (p, first);
        } else {
            second = second.max(p);
        }
    }
    f64::from(first) - f64::from(second)
}
