//! Predictions no longer change.

use std::collections::BTreeMap;

use crate::matrix::check_length;
use crate::{Error, Result};

/// Stops when the agreement of successive rounds, averaged over the last `window`, is high enough (Bloodgood and
/// Vijay-Shanker 2009). It needs no labels; the examples predicted, the stop set, are the same in every round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StabilizingPredictions {
    /// How many agreements are averaged, at least 1.
    pub window: usize,
    /// The mean [`kappa`] that is enough.
    pub threshold: f64,
}

impl Default for StabilizingPredictions {
    fn default() -> Self {
        Self { window: 3, threshold: 0.99 }
    }
}

impl StabilizingPredictions {
    /// Is it time to stop, after rounds with these agreements, each with the round before it?
    pub fn stop(&self, kappas: &[f64]) -> bool {
        let window = self.window.max(1);
        let Some(start) = kappas.len().checked_sub(window) else { return false };
        kappas[start..].iter().sum::<f64>() / window as f64 >= self.threshold
    }
}

/// Cohen's kappa of two rounds of predictions: their agreement beyond that of chance, 1 at most. Predictions that are
/// all equal agree by 1, also where there is one class alone.
pub fn kappa(first: &[u32], second: &[u32]) -> Result<f64> {
    check_length("predictions of the second round", second.len(), first.len(), "prediction of the first")?;
    if first.is_empty() {
        return Err(Error::TooLittle { what: "the agreement of predictions", needs: "a prediction" });
    }
    if first == second {
        return Ok(1.0);
    }
    let n = first.len() as f64;
    let mut counts: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for (&a, &b) in first.iter().zip(second) {
        counts.entry(a).or_default().0 += 1.0;
        counts.entry(b).or_default().1 += 1.0;
    }
    let agreed = first.iter().zip(second).filter(|(a, b)| a == b).count() as f64 / n;
    let by_chance: f64 = counts.values().map(|(a, b)| a * b).sum::<f64>() / (n * n);
    Ok((agreed - by_chance) / (1.0 - by_chance))
}
