//! How sure a mean over seeds is: the bootstrap (Efron 1979), paired where two strategies ran with the same seeds.

use serde::{Deserialize, Serialize};

use crate::draw::Draws;
use crate::matrix::check_numbers;
use crate::{Error, Result};

/// A mean and where it lies with 95 % confidence. Few seeds make bootstrap intervals somewhat too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of one value, with n − 1; 0 for a single one.
    pub deviation: f64,
    /// The 2.5th percentile of the mean over the samples.
    pub low: f64,
    /// The 97.5th percentile.
    pub high: f64,
}

/// How many samples are drawn.
const SAMPLES: usize = 10_000;

/// The interval of the mean of one value a seed, of which there is at least one.
pub fn of_mean(values: &[f64], seed: u64) -> Result<Interval> {
    check_numbers("values", values, values.len(), "seed")?;
    let n = values.len();
    if n == 0 {
        return Err(Error::TooLittle { what: "an interval", needs: "a value" });
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (squares / n.saturating_sub(1).max(1) as f64).sqrt();
    let mut draws = Draws::new(seed);
    let mut sample = || (0..n).map(|_| values[draws.below(n)]).sum::<f64>() / n as f64;
    let mut means: Vec<f64> = (0..SAMPLES).map(|_| sample()).collect();
    means.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| means[(share * (SAMPLES - 1) as f64).round() as usize];
    Ok(Interval { mean, deviation, low: at(0.025), high: at(0.975) })
}

/// The interval of the mean of `values − baseline`, value by value of the same seed. What makes a seed hard for both
/// cancels. If it does not hold 0, the difference is unlikely to be chance.
pub fn of_difference(values: &[f64], baseline: &[f64], seed: u64) -> Result<Interval> {
    check_numbers("values of the baseline", baseline, values.len(), "value")?;
    let differences: Vec<f64> = values.iter().zip(baseline).map(|(value, base)| value - base).collect();
    of_mean(&differences, seed)
}
