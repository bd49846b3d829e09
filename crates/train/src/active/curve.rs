//! `curve.json`: what each round of a simulation came to.

use std::path::Path;

use fishdip_active::Curve;
use fishdip_tasks::Report;
use fishdip_tasks::score::Score;
use serde::{Deserialize, Serialize};

use crate::{Error, LearningCounts, run_result};

/// A round that was trained and scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundReport {
    /// Its number, from 0.
    pub round: u32,
    /// Labels that it was trained on.
    pub labels: u32,
    /// The score: F1 of spans, accuracy of classes.
    pub score: f64,
    /// The unweighted mean of F1 over the labels, where each has one.
    pub macro_f1: Option<f64>,
    /// What `active.stop` looks at after it: the mean entropy of what is left as a share of the largest, the change of the score, or the agreement
    /// with the round before. Nothing where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<f64>,
    /// Of which class its new labels are, by what a training learns and forgets; nothing where no training was asked (`active.dynamics`,
    /// `insight.dynamics`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picked: Option<LearningCounts>,
    /// Seconds that the choice of its new labels took, loading included; nothing where the process was ended in between.
    pub query_seconds: Option<f64>,
    /// Seconds that training and scoring took.
    pub train_seconds: f64,
    /// The hash of the ledger that has its labels.
    pub ledger: String,
}

/// The rounds so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CurveFile {
    /// What the score is.
    pub(crate) metric: String,
    pub(crate) rounds: Vec<RoundReport>,
}

impl CurveFile {
    /// The rounds that are in the file `path` already; none if there is none.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        if path.is_file() { run_result::json(path) } else { Ok(Self::default()) }
    }

    /// The mean score over the range of labels: the normalised area under the curve. Nothing for less than two rounds.
    pub(crate) fn auc(&self) -> Result<Option<f64>, Error> {
        area(self.rounds.iter().map(|round| (round.labels, round.score)))
    }

    /// The same of the macro-averaged F1, where every round has one.
    pub(crate) fn auc_macro_f1(&self) -> Result<Option<f64>, Error> {
        let points: Option<Vec<_>> =
            self.rounds.iter().map(|round| Some((round.labels, round.macro_f1?))).collect();
        points.map_or(Ok(None), area)
    }
}

fn area(points: impl IntoIterator<Item = (u32, f64)>) -> Result<Option<f64>, Error> {
    let points: Vec<_> = points.into_iter().collect();
    if points.len() < 2 { Ok(None) } else { Ok(Some(Curve::new(points)?.area()?)) }
}

/// The unweighted mean of F1 over the labels that are gold or predicted somewhere, for tasks that have it.
pub(super) fn macro_f1(report: &Report) -> Option<f64> {
    if let Score::Classes(score) = &report.score {
        let count = score.per_label.len();
        return (count > 0)
            .then(|| score.per_label.values().map(|label| label.f1).sum::<f64>() / count as f64);
    }
    report.macro_average.as_ref().map(|score| score.f1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn areas_are_mean_scores_over_labels() {
        let round = |round: u32, labels: u32, score: f64, macro_f1| RoundReport {
            round,
            labels,
            score,
            macro_f1,
            measured: None,
            picked: None,
            query_seconds: None,
            train_seconds: 1.0,
            ledger: String::new(),
        };
        let mut file =
            CurveFile { metric: "accuracy".to_owned(), rounds: vec![round(0, 10, 0.2, Some(0.1))] };
        assert_eq!(file.auc().unwrap(), None);
        file.rounds.push(round(1, 20, 0.4, Some(0.3)));
        file.rounds.push(round(2, 40, 0.6, None));
        // (10 · 0.3 + 20 · 0.5) / 30
        assert!((file.auc().unwrap().unwrap() - 13.0 / 30.0).abs() < 1e-12);
        assert_eq!(file.auc_macro_f1().unwrap(), None);
    }
}
