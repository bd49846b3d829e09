//! Logistic regression with one input and a Gaussian prior, by Newton's method.

use super::{Temperature, log_odds};
use crate::score::Judged;
use crate::{CalibrationError, Error, Result};

/// As many scores the fit to all labels counts in the fit to one.
const PRIOR_SCORES: f64 = 20.0;

/// The smallest slope, so that higher scores stay higher: a temperature of 20.
const LEAST_SLOPE: f64 = 0.05;

/// Newton's method doubles the digits with every step; it takes fewer than ten.
const MOST_STEPS: usize = 100;

/// The log-odds of a score, and whether what it was given for is right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    log_odds: f64,
    right: bool,
}

impl Point {
    pub(super) fn new(judged: &Judged) -> Self {
        Self { log_odds: log_odds(judged.score), right: judged.right }
    }
}

/// Slope (one over the temperature) and bias.
type Pair = [f64; 2];

/// A symmetric matrix of two rows: `[[m[0], m[1]], [m[1], m[2]]]`.
type Matrix = [f64; 3];

/// What is held true of slope and bias before the scores are seen: a Gaussian.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prior {
    mean: Pair,
    /// The inverse of the covariance.
    precision: Matrix,
}

impl Prior {
    /// Scores are probabilities already: slope 1 and bias 0, each with a deviation of 1.
    pub(super) const UNCALIBRATED: Self = Self { mean: [1.0, 0.0], precision: [1.0, 0.0, 1.0] };
}

/// The most probable slope and bias.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fitted {
    pub(super) temperature: Temperature,
    parameters: Pair,
    hessian: Matrix,
}

impl Fitted {
    /// What it says about a part of its scores: it counts as [`PRIOR_SCORES`] of them, or as all if those are
    /// fewer.
    pub(super) fn prior(&self) -> Prior {
        let share = (PRIOR_SCORES / self.temperature.n as f64).min(1.0);
        Prior { mean: self.parameters, precision: self.hessian.map(|h| share * h) }
    }
}

/// The negative logarithm of what is to be made large, and its derivatives.
struct Local {
    value: f64,
    gradient: Pair,
    hessian: Matrix,
}

/// The most probable slope and bias given `points` and `prior`, with a slope of [`LEAST_SLOPE`] or more.
pub(super) fn fit(points: &[Point], prior: &Prior) -> Result<Fitted> {
    let start = [prior.mean[0].max(LEAST_SLOPE), prior.mean[1]];
    let mut fitted = minimum(points, prior, start, true)?;
    if fitted.0[0] < LEAST_SLOPE {
        // The function is convex: where the best slope is below the least one, the least one is the best of
        // those allowed.
        fitted = minimum(points, prior, [LEAST_SLOPE, prior.mean[1]], false)?;
    }
    let (parameters, hessian) = fitted;
    let [slope, bias] = parameters;
    let temperature = Temperature::new(1.0 / slope, bias, points.len());
    Ok(Fitted { temperature, parameters, hessian })
}

/// Where the function is least, and its second derivatives there. The slope stays as it is unless it is
/// `free`.
fn minimum(points: &[Point], prior: &Prior, start: Pair, free: bool) -> Result<(Pair, Matrix)> {
    let mut at = start;
    let mut local = evaluate(points, prior, at);
    for _ in 0..MOST_STEPS {
        let step = newton(&local, free);
        let decrease = -(step[0] * local.gradient[0] + step[1] * local.gradient[1]);
        if decrease <= 1e-18 * (1.0 + local.value) {
            return Ok((at, local.hessian));
        }
        // Half the step until the function falls as it should; the last digits of a sum do not count.
        let mut length = 1.0;
        loop {
            let next = [at[0] + length * step[0], at[1] + length * step[1]];
            let there = evaluate(points, prior, next);
            if there.value <= local.value - 1e-4 * length * decrease + 1e-13 * (1.0 + local.value) {
                (at, local) = (next, there);
                break;
            }
            length /= 2.0;
            // Also where the value there is not a number, for which no comparison holds.
            if length < 1e-9 {
                return Err(Error::Calibration(CalibrationError::NotFitted { n: points.len() }));
            }
        }
    }
    Err(Error::Calibration(CalibrationError::NotFitted { n: points.len() }))
}

fn newton(local: &Local, free: bool) -> Pair {
    let ([g0, g1], [h00, h01, h11]) = (local.gradient, local.hessian);
    if !free {
        return [0.0, -g1 / h11];
    }
    // Above 0, also where all scores are equal: the precision of the prior is part of the Hessian.
    let determinant = h00 * h11 - h01 * h01;
    [(h01 * g1 - h11 * g0) / determinant, (h01 * g0 - h00 * g1) / determinant]
}

fn evaluate(points: &[Point], prior: &Prior, [slope, bias]: Pair) -> Local {
    let ([p00, p01, p11], off) = (prior.precision, [slope - prior.mean[0], bias - prior.mean[1]]);
    let pull = [p00 * off[0] + p01 * off[1], p01 * off[0] + p11 * off[1]];
    let mut local = Local {
        value: 0.5 * (off[0] * pull[0] + off[1] * pull[1]),
        gradient: pull,
        hessian: prior.precision,
    };
    for Point { log_odds, right } in points {
        let logit = slope * log_odds + bias;
        let (sign, target) = if *right { (-1.0, 1.0) } else { (1.0, 0.0) };
        // ln(1 + e^x) without overflow.
        let x = sign * logit;
        local.value += x.max(0.0) + (-x.abs()).exp().ln_1p();
        let p = 1.0 / (1.0 + (-logit).exp());
        let (error, weight) = (p - target, p * (1.0 - p));
        local.gradient[0] += error * log_odds;
        local.gradient[1] += error;
        local.hessian[0] += weight * log_odds * log_odds;
        local.hessian[1] += weight * log_odds;
        local.hessian[2] += weight;
    }
    local
}
