//! What training dynamics say of each example (Swayamdipta et al. 2020, dataset cartography).

use serde::{Deserialize, Serialize};

use crate::matrix::{check_length, check_numbers};
use crate::{Error, Result};

/// Where an example lies on the map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// The mean probability of the true class over the epochs.
    pub confidence: f64,
    /// Its standard deviation over the epochs, with n.
    pub variability: f64,
    /// After how many epochs it was right.
    pub correctness: u32,
    /// c (1 − c) of the confidence c.
    pub threshold_closeness: f64,
}

/// Collects the probability that a model gives the true class of each example, epoch by epoch.
#[derive(Clone, Debug)]
pub struct Cartography {
    epochs: u32,
    examples: Vec<Example>,
}

/// Mean and sum of squared differences from it (Welford 1962).
#[derive(Clone, Copy, Debug, Default)]
struct Example {
    mean: f64,
    squares: f64,
    right: u32,
}

impl Cartography {
    /// Before the first epoch.
    pub fn new(examples: usize) -> Self {
        Self { epochs: 0, examples: vec![Example::default(); examples] }
    }

    /// Takes in, after an epoch, the probability of each example's true class and whether it was right.
    pub fn epoch(&mut self, probabilities: &[f64], right: &[bool]) -> Result<()> {
        let what = "probabilities of the true class";
        check_numbers(what, probabilities, self.examples.len(), "example")?;
        if let Some(row) = probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
            let expected = "a probability is from 0 to 1";
            return Err(Error::OutOfRange { what, row, value: probabilities[row], expected });
        }
        check_length("results of an epoch", right.len(), self.examples.len(), "example")?;
        self.epochs += 1;
        for ((example, &p), &right) in self.examples.iter_mut().zip(probabilities).zip(right) {
            let before = p - example.mean;
            example.mean += before / f64::from(self.epochs);
            example.squares += before * (p - example.mean);
            example.right += u32::from(right);
        }
        Ok(())
    }

    /// Where each example lies, after at least one epoch.
    pub fn regions(&self) -> Result<Vec<Region>> {
        if self.epochs == 0 {
            return Err(Error::TooLittle { what: "the map of a data set", needs: "an epoch" });
        }
        let region = |example: &Example| Region {
            confidence: example.mean,
            variability: (example.squares / f64::from(self.epochs)).sqrt(),
            correctness: example.right,
            threshold_closeness: example.mean * (1.0 - example.mean),
        };
        Ok(self.examples.iter().map(region).collect())
    }
}

/// Pointwise V-information in bits: how much easier a text makes its label than the share of that label in the data
/// alone, log₂ p(y | x) − log₂ p(y) (Ethayarajh et al. 2022). `probabilities` are those of the true classes.
pub fn pvi(probabilities: &[f64], classes: &[u32]) -> Result<Vec<f64>> {
    let what = "probabilities of the true class";
    check_numbers(what, probabilities, classes.len(), "class")?;
    if let Some(row) = probabilities.iter().position(|&p| p <= 0.0 || p > 1.0) {
        let expected = "it must be above 0 and at most 1";
        return Err(Error::OutOfRange { what, row, value: probabilities[row], expected });
    }
    let mut counts = std::collections::BTreeMap::<u32, f64>::new();
    for &class in classes {
        *counts.entry(class).or_default() += 1.0;
    }
    let n = classes.len() as f64;
    let share = |class: &u32| counts.get(class).copied().unwrap_or(n) / n;
    Ok(probabilities.iter().zip(classes).map(|(p, class)| p.log2() - share(class).log2()).collect())
}
