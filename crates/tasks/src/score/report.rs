//! All scores of a set of predictions.

use serde::{Deserialize, Serialize};

use super::counts::fraction;
use super::{MicroScore, SpanScore};
use crate::Decoded;

/// The scores of a task. As JSON it is the score object of [`Score`] with the other fields beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The task's main score.
    #[serde(flatten)]
    pub score: Score,
    /// Entity boundaries alone, for tasks with entities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_no_type: Option<MicroScore>,
    /// How often outputs were wrong in form.
    pub errors: ErrorRates,
    /// How many examples were scored.
    pub examples: usize,
}

/// The main score of a task, by kind of task.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Score {
    /// Labelled spans.
    Spans(SpanScore),
}

/// Fractions of examples whose output had each fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorRates {
    /// See [`Decoded::wrong_reconstruction`].
    pub wrong_reconstruction: f64,
    /// See [`Decoded::format_error`].
    pub format_error: f64,
    /// See [`Decoded::label_error`].
    pub label_error: f64,
    /// See [`Decoded::entity_error`].
    pub entity_error: f64,
}

impl Report {
    /// The one number by which runs are compared: F1 for spans.
    pub fn headline(&self) -> f64 {
        match &self.score {
            Score::Spans(score) => score.f1,
        }
    }

    /// The span scores, for tasks that have them.
    pub fn spans(&self) -> Option<&SpanScore> {
        match &self.score {
            Score::Spans(score) => Some(score),
        }
    }
}

/// Counts of outputs by fault.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ErrorCounts {
    pub(crate) examples: usize,
    wrong_reconstruction: usize,
    format_error: usize,
    label_error: usize,
    entity_error: usize,
}

impl ErrorCounts {
    pub(crate) fn add(&mut self, decoded: &Decoded) {
        self.examples += 1;
        self.wrong_reconstruction += usize::from(decoded.wrong_reconstruction);
        self.format_error += usize::from(decoded.format_error);
        self.label_error += usize::from(decoded.label_error);
        self.entity_error += usize::from(decoded.entity_error);
    }

    pub(crate) fn rates(self) -> ErrorRates {
        ErrorRates {
            wrong_reconstruction: fraction(self.wrong_reconstruction, self.examples),
            format_error: fraction(self.format_error, self.examples),
            label_error: fraction(self.label_error, self.examples),
            entity_error: fraction(self.entity_error, self.examples),
        }
    }
}
