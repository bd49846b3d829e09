//! The model is sure of what is left.

use crate::strategy::entropy_of;
use crate::{Error, Matrix, Result};

/// Stops when the mean entropy of the unlabelled examples, as a share of the largest possible, is below a threshold
/// (Zhu et al. 2008).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverallUncertainty {
    /// The threshold, from 0 to 1.
    pub threshold: f64,
}

impl Default for OverallUncertainty {
    fn default() -> Self {
        Self { threshold: 0.05 }
    }
}

impl OverallUncertainty {
    /// The mean over the rows of entropy / ln classes. It needs a row and two classes.
    pub fn measure(probabilities: Matrix<'_>) -> Result<f64> {
        let what = "the overall uncertainty";
        probabilities.check_distributions("probabilities")?;
        if probabilities.rows() == 0 || probabilities.columns() < 2 {
            return Err(Error::TooLittle { what, needs: "an unlabelled example and two classes" });
        }
        let sum: f64 = (0..probabilities.rows()).map(|row| entropy_of(probabilities.row(row))).sum();
        Ok(sum / probabilities.rows() as f64 / (probabilities.columns() as f64).ln())
    }

    /// Is it time to stop, with this [measure](Self::measure)?
    pub fn is_enough(&self, measured: f64) -> bool {
        measured < self.threshold
    }

    /// Is it time to stop?
    pub fn stop(&self, probabilities: Matrix<'_>) -> Result<bool> {
        Ok(self.is_enough(Self::measure(probabilities)?))
    }
}
