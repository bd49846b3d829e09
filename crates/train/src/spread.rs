//! How far scores spread: over several runs, and over the examples that are scored.

use fishdip_tasks::Outcomes;
use fishdip_tasks::score::{Interval, bootstrap};

/// Samples of the bootstrap that intervals are from.
const SAMPLES: usize = 1000;

/// The samples are the same each time.
const SEED: u64 = 1;

/// The main score of what was scored example by example, and where it lies with 95 % confidence, over examples.
pub(crate) fn headline(outcomes: &Outcomes) -> Interval {
    bootstrap(outcomes.len(), SAMPLES, SEED, |sample| outcomes.headline(sample))
}

/// The mean of some scores and their standard deviation, that of a sample (n - 1): scores of other runs are to be expected as far away. One score
/// has no spread.
pub(crate) fn mean_and_spread(scores: &[f64]) -> (f64, Option<f64>) {
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n.max(1.0);
    let squares: f64 = scores.iter().map(|score| (score - mean).powi(2)).sum();
    (mean, (scores.len() > 1).then(|| (squares / (n - 1.0)).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_that_of_a_sample() {
        // statistics.stdev([2, 4, 4, 4, 5, 5, 7, 9]) of Python.
        let (mean, spread) = mean_and_spread(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert!((mean - 5.0).abs() < 1e-12);
        assert!(spread.is_some_and(|spread| (spread - 2.138_089_935_299_395).abs() < 1e-12), "{spread:?}");
        assert_eq!(mean_and_spread(&[0.5]), (0.5, None));
        assert_eq!(mean_and_spread(&[]), (0.0, None));
    }
}
