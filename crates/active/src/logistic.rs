//! Logistic regression of two classes, as scikit-learn fits it.

mod lbfgs;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::distance::vectorized;

/// How many rows a thread sums up before results are put together, in order.
const CHUNK: usize = 2048;

/// The largest mean gradient at which a fit is done.
const TOLERANCE: f64 = 1e-7;

/// What the paper's code allows.
const ITERATIONS: usize = 10_000;

const LANES: usize = 8;

/// Weights and, last, the intercept.
#[derive(Clone, Debug)]
pub(crate) struct Logistic(Vec<f64>);

impl Logistic {
    /// Weights of 0 for vectors of this many dimensions.
    pub(crate) fn zero(dimensions: usize) -> Self {
        Self(vec![0.0; dimensions + 1])
    }

    /// Goes on from the present weights to those with the least Σ log(1 + exp(−y z)) + ½ ‖w‖² over all rows, the
    /// intercept free, where y is 1 or −1. The result does not depend on where it begins, but for the tolerance.
    pub(crate) fn fit(&mut self, rows: &[(&[f32], bool)]) {
        let weights = std::mem::take(&mut self.0);
        let tolerance = TOLERANCE * rows.len() as f64;
        self.0 = lbfgs::minimize(weights, tolerance, ITERATIONS, |weights| loss(weights, rows));
    }

    /// The log-odds of the class `true`.
    pub(crate) fn log_odds(&self, row: &[f32]) -> f64 {
        log_odds(&self.0, row)
    }

    /// The probability of the class `true`.
    pub(crate) fn probability(&self, row: &[f32]) -> f64 {
        1.0 / (1.0 + (-self.log_odds(row)).exp())
    }
}

#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn log_odds(weights: &[f64], row: &[f32]) -> f64 {
    let mut sums = [0.0f64; LANES];
    let (weights, intercept) = weights.split_at(row.len());
    let (w, x) = (weights.chunks_exact(LANES), row.chunks_exact(LANES));
    let rest: f64 = w.remainder().iter().zip(x.remainder()).map(|(w, &x)| w * f64::from(x)).sum();
    for (w, x) in w.zip(x) {
        for (sum, (w, &x)) in sums.iter_mut().zip(w.iter().zip(x)) {
            *sum += w * f64::from(x);
        }
    }
    sums.iter().sum::<f64>() + rest + intercept.iter().sum::<f64>()
}

/// The loss and its gradient.
fn loss(weights: &[f64], rows: &[(&[f32], bool)]) -> (f64, Vec<f64>) {
    let parts: Vec<(f64, Vec<f64>)> =
        rows.par_chunks(CHUNK).map(|rows| vectorized(Part { weights, rows })).collect();
    let dimensions = weights.len() - 1;
    let mut gradient = weights.to_vec();
    gradient[dimensions] = 0.0;
    let mut loss = 0.5 * weights[..dimensions].iter().map(|w| w * w).sum::<f64>();
    for (part, gradients) in parts {
        loss += part;
        gradient.iter_mut().zip(gradients).for_each(|(sum, part)| *sum += part);
    }
    (loss, gradient)
}

/// The loss of some rows and its gradient.
struct Part<'a> {
    weights: &'a [f64],
    rows: &'a [(&'a [f32], bool)],
}

impl WithSimd for Part<'_> {
    type Output = (f64, Vec<f64>);

    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, Vec<f64>) {
        let mut gradient = vec![0.0; self.weights.len()];
        let mut loss = 0.0;
        for &(row, class) in self.rows {
            let sign = if class { 1.0 } else { -1.0 };
            let z = sign * log_odds(self.weights, row);
            // log(1 + e^−z) without overflow.
            loss += (-z.abs()).exp().ln_1p() + (-z).max(0.0);
            let slope = -sign / (1.0 + z.exp());
            for (sum, &x) in gradient.iter_mut().zip(row) {
                *sum += slope * f64::from(x);
            }
            if let Some(intercept) = gradient.last_mut() {
                *intercept += slope;
            }
        }
        (loss, gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::Logistic;

    #[test]
    fn coefficients_are_those_of_scikit_learn() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../tests/golden/goldens.json")).unwrap();
        let numbers = |key: &str| -> Vec<f32> { serde_json::from_value(golden["dal"][key].clone()).unwrap() };
        let (unlabelled, labelled) = (numbers("vectors"), numbers("labelled"));
        let rows = unlabelled.chunks_exact(6).map(|row| (row, true));
        let rows: Vec<(&[f32], bool)> =
            rows.chain(labelled.chunks_exact(6).map(|row| (row, false))).collect();
        let mut fitted = Logistic::zero(6);
        fitted.fit(&rows);
        for (found, expected) in fitted.0.iter().zip(numbers("coefficients")) {
            assert!((found - f64::from(expected)).abs() < 1e-5, "{found} is not {expected}");
        }
        let again = fitted.clone();
        fitted.fit(&rows);
        assert_eq!(fitted.0, again.0, "a fit that is done stays");
        assert!(
            (fitted.probability(rows[0].0).ln() + (-fitted.log_odds(rows[0].0)).exp().ln_1p()).abs() < 1e-12
        );
    }
}
