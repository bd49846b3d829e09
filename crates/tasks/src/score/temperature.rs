//! Scores as probabilities: a temperature for each label.
//!
//! A model that was trained on few examples is too sure of itself. Dividing the log-odds of a score by a
//! temperature (Guo et al. 2017, arXiv 1706.04599) cannot mend that alone: what is above one half stays above
//! one half, also where most of it is wrong. So a bias is added, which makes it Platt's scaling (1999) of
//! log-odds: `log-odds(p) / temperature + bias`. Both are fitted to what is right in held-out data by maximum
//! a posteriori. Of two scores of one label the higher stays the higher.

mod fit;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Judged;
use super::calibration::rounded;
use crate::{CalibrationError, Error, Result};
use fit::{Point, Prior, fit};

/// Log-odds are taken of scores this far from 0 and 1 at least: a sum of log-probabilities in single
/// precision says no more.
const NEAREST: f64 = 1e-6;

/// Parts that [`Temperatures::held_out`] cuts scores into.
const PARTS: usize = 5;

/// What turns the score of a model into a probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
#[allow(clippy::struct_field_names, reason = "the field's own term")]
pub struct Temperature {
    temperature: f64,
    bias: f64,
    n: usize,
}

/// What a file says.
#[derive(Deserialize)]
struct Unchecked {
    temperature: f64,
    bias: f64,
    n: usize,
}

impl TryFrom<Unchecked> for Temperature {
    type Error = String;

    fn try_from(Unchecked { temperature, bias, n }: Unchecked) -> Result<Self, String> {
        if temperature.is_finite() && temperature > 0.0 && bias.is_finite() {
            return Ok(Self { temperature, bias, n });
        }
        Err(format!("a temperature is a number above 0 and its bias a number, not {temperature} and {bias}"))
    }
}

/// The temperatures of the labels of an adapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Temperatures {
    /// Fitted to the scores of all labels: what labels have that are not listed.
    pub fallback: Temperature,
    /// The others.
    pub labels: BTreeMap<String, Temperature>,
}

impl Temperature {
    fn new(temperature: f64, bias: f64, n: usize) -> Self {
        // A very steep slope would be rounded to a temperature of 0, by which nothing can be divided.
        Self { temperature: rounded(temperature).max(1e-6), bias: rounded(bias), n }
    }

    /// What log-odds are divided by.
    pub fn temperature(self) -> f64 {
        self.temperature
    }

    /// What is added to them then.
    pub fn bias(self) -> f64 {
        self.bias
    }

    /// How many scores it was fitted to.
    pub fn n(self) -> usize {
        self.n
    }

    /// The probability that a score stands for.
    pub fn apply(self, score: f64) -> f64 {
        let log_odds = log_odds(score) / self.temperature + self.bias;
        1.0 / (1.0 + (-log_odds).exp())
    }
}

impl Temperatures {
    /// The fewest scores that are fitted.
    pub const LEAST: usize = 10;

    /// Fits the temperatures to `judged`. Those of a label are drawn to the fallback, which counts as much as
    /// 20 scores, and the fallback to 1 with a bias of 0.
    pub fn fit(judged: &[Judged]) -> Result<Self> {
        enough(judged)?;
        Self::fit_any(judged)
    }

    fn fit_any(judged: &[Judged]) -> Result<Self> {
        let points: Vec<Point> = judged.iter().map(Point::new).collect();
        let all = fit(&points, &Prior::UNCALIBRATED)?;
        let mut labels: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
        for (judged, &point) in judged.iter().zip(&points) {
            labels.entry(&judged.label).or_default().push(point);
        }
        let prior = all.prior();
        let label = |(label, points): (&str, Vec<Point>)| {
            fit(&points, &prior).map(|fitted| (label.to_owned(), fitted.temperature))
        };
        Ok(Self { fallback: all.temperature, labels: labels.into_iter().map(label).collect::<Result<_>>()? })
    }

    /// `judged` with the scores that [`Temperatures::fit`] gives to what it has not seen: each of five parts,
    /// cut in the order of `judged`, has them from the four others.
    pub fn held_out(judged: &[Judged]) -> Result<Vec<Judged>> {
        enough(judged)?;
        // In their order and not at random: what was found in one text stands together, and so is parted at
        // the cuts alone.
        let cut = |part: usize| part * judged.len() / PARTS;
        let mut all = Vec::with_capacity(judged.len());
        for part in 0..PARTS {
            let own = cut(part)..cut(part + 1);
            // Four parts may be fewer than the least number, which was asked of all together.
            let temperatures = Self::fit_any(&[&judged[..own.start], &judged[own.end..]].concat())?;
            all.extend(judged[own].iter().map(|judged| {
                let score = temperatures.apply(&judged.label, judged.score);
                Judged { score, ..judged.clone() }
            }));
        }
        Ok(all)
    }

    /// The probability that a score of something with the label `label` stands for.
    pub fn apply(&self, label: &str, score: f64) -> f64 {
        self.labels.get(label).unwrap_or(&self.fallback).apply(score)
    }
}

fn enough(judged: &[Judged]) -> Result<()> {
    let (n, least) = (judged.len(), Temperatures::LEAST);
    if n < least { Err(Error::Calibration(CalibrationError::FewScores { n, least })) } else { Ok(()) }
}

fn log_odds(score: f64) -> f64 {
    let score = score.clamp(NEAREST, 1.0 - NEAREST);
    score.ln() - (-score).ln_1p()
}

#[cfg(test)]
mod tests;
