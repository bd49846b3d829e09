//! Scores against labels.

use serde::Serialize;

use crate::{Error, Result};

/// The learning curve of one run: how many labels there were, and the score with them.
///
/// ```
/// use fishdip_active::Curve;
///
/// let random = Curve::new([(100, 0.5), (200, 0.6), (300, 0.7)])?;
/// let entropy = Curve::new([(100, 0.5), (200, 0.7), (300, 0.8)])?;
/// assert!((entropy.area()? - 0.675).abs() < 1e-12);
/// // What random has after 300 labels, entropy has after 200.
/// let score = entropy.common_best(&random);
/// assert_eq!(entropy.labels_saved(&random, score), Some(100.0));
/// # Ok::<(), fishdip_active::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve(Vec<(u32, f64)>);

impl Curve {
    /// The curve through points of labels and score, of which there is at least one, with labels going up.
    pub fn new(points: impl IntoIterator<Item = (u32, f64)>) -> Result<Self> {
        let points: Vec<(u32, f64)> = points.into_iter().collect();
        let what = "points of a learning curve";
        if let Some(row) = points.iter().position(|point| !point.1.is_finite()) {
            return Err(Error::NotFinite { what, row, value: points[row].1 });
        }
        if let Some(row) = points.windows(2).position(|pair| pair[0].0 >= pair[1].0) {
            let expected = "each point has more labels than the one before";
            return Err(Error::OutOfRange {
                what,
                row: row + 1,
                value: f64::from(points[row + 1].0),
                expected,
            });
        }
        if points.is_empty() {
            return Err(Error::TooLittle { what: "a learning curve", needs: "a point" });
        }
        Ok(Self(points))
    }

    /// Labels and score of each round.
    pub fn points(&self) -> &[(u32, f64)] {
        &self.0
    }

    /// The area under the curve by trapezoids, divided by the range of labels: the mean score over it. It needs two
    /// points.
    pub fn area(&self) -> Result<f64> {
        let [(first, _), .., (last, _)] = self.0[..] else {
            return Err(Error::TooLittle { what: "the area under a learning curve", needs: "two points" });
        };
        let part =
            |pair: &[(u32, f64)]| f64::from(pair[1].0 - pair[0].0) * f64::midpoint(pair[0].1, pair[1].1);
        Ok(self.0.windows(2).map(part).sum::<f64>() / f64::from(last - first))
    }

    /// The best score.
    pub fn best(&self) -> f64 {
        self.0.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The highest score that both reach.
    pub fn common_best(&self, other: &Self) -> f64 {
        self.best().min(other.best())
    }

    /// How many labels it takes to reach a score for the first time, by straight lines between the points; `None` if
    /// it never does. What is reached at the first point takes its labels.
    pub fn labels_to_reach(&self, score: f64) -> Option<f64> {
        let next = self.0.iter().position(|point| point.1 >= score)?;
        let (labels, reached) = self.0[next];
        let Some(&(before, from)) = next.checked_sub(1).and_then(|before| self.0.get(before)) else {
            return Some(f64::from(labels));
        };
        Some(f64::from(before) + f64::from(labels - before) * (score - from) / (reached - from))
    }

    /// How many labels fewer than `baseline` it takes to reach a score; below 0 it takes more. `None` if one of them
    /// never does.
    pub fn labels_saved(&self, baseline: &Self, score: f64) -> Option<f64> {
        Some(baseline.labels_to_reach(score)? - self.labels_to_reach(score)?)
    }
}
