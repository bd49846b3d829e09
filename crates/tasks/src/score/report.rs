//! All scores of a set of predictions.

use serde::{Deserialize, Serialize};

use super::counts::fraction;
use super::{ClassScore, CorefScore, DialogueScore, MacroScore, MicroScore, SpanScore};
use crate::{Decoded, Example};

/// The scores of a task. As JSON it is the score object of [`Score`] with the other fields beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The task's main score: entities, slots, roles, triggers, arguments, relation, class, dialogue state or
    /// coreference.
    #[serde(flatten)]
    pub score: Score,
    /// The main score by boundaries alone, for tasks with spans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_no_type: Option<MicroScore>,
    /// The unweighted mean of the main score over the labels in gold or output, for tasks with spans; as the
    /// original does it, over all labels of the schema.
    #[serde(rename = "macro", skip_serializing_if = "Option::is_none")]
    pub macro_average: Option<MacroScore>,
    /// The relations between entities: label and both entities must be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<SpanScore>,
    /// The intents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<ClassScore>,
    /// The triggers, where arguments are the main score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<SpanScore>,
    /// The boundaries of triggers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_no_type: Option<MicroScore>,
    /// How often outputs were wrong in form.
    pub errors: ErrorRates,
    /// How many examples were scored.
    pub examples: usize,
}

/// The main score of a task, by kind of task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Score {
    /// Labelled spans, relations, roles.
    Spans(SpanScore),
    /// One class an example.
    Classes(ClassScore),
    /// Dialogue states.
    Dialogue(DialogueScore),
    /// Coreference.
    Coref(CorefScore),
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
    /// A report of the main score alone.
    pub(crate) fn new(score: Score, pairs: &[(&Example, &Decoded)]) -> Self {
        let mut errors = ErrorCounts::default();
        for (_, decoded) in pairs {
            errors.add(decoded);
        }
        Self {
            score,
            entity_no_type: None,
            macro_average: None,
            relation: None,
            intent: None,
            trigger: None,
            trigger_no_type: None,
            errors: errors.rates(),
            examples: errors.examples,
        }
    }

    /// The one number by which runs are compared: F1 of spans, accuracy of classes, joint accuracy of
    /// dialogue states, average F1 of coreference.
    pub fn headline(&self) -> f64 {
        match &self.score {
            Score::Spans(score) => score.f1,
            Score::Classes(score) => score.accuracy,
            Score::Dialogue(score) => score.joint_accuracy,
            Score::Coref(score) => score.f1,
        }
    }

    /// What [`Report::headline`] is called.
    pub fn headline_name(&self) -> &'static str {
        match &self.score {
            Score::Spans(_) => "F1",
            Score::Classes(_) => "accuracy",
            Score::Dialogue(_) => "joint accuracy",
            Score::Coref(_) => "average F1",
        }
    }

    /// The span scores, for tasks that have them.
    pub fn spans(&self) -> Option<&SpanScore> {
        match &self.score {
            Score::Spans(score) => Some(score),
            _ => None,
        }
    }
}

/// Counts of outputs by fault.
#[derive(Clone, Copy, Debug, Default)]
struct ErrorCounts {
    examples: usize,
    wrong_reconstruction: usize,
    format_error: usize,
    label_error: usize,
    entity_error: usize,
}

impl ErrorCounts {
    fn add(&mut self, decoded: &Decoded) {
        self.examples += 1;
        self.wrong_reconstruction += usize::from(decoded.wrong_reconstruction);
        self.format_error += usize::from(decoded.format_error);
        self.label_error += usize::from(decoded.label_error);
        self.entity_error += usize::from(decoded.entity_error);
    }

    fn rates(self) -> ErrorRates {
        ErrorRates {
            wrong_reconstruction: fraction(self.wrong_reconstruction, self.examples),
            format_error: fraction(self.format_error, self.examples),
            label_error: fraction(self.label_error, self.examples),
            entity_error: fraction(self.entity_error, self.examples),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn json(score: Score) -> serde_json::Value {
        serde_json::to_value(Report::new(score, &[])).unwrap()
    }

    /// Every kind of score has its fields at the top, next to `errors` and `examples`.
    #[test]
    fn score_objects_have_their_fields() {
        for (score, fields) in [
            (Score::Spans(SpanScore::default()), &["f1", "precision", "recall", "n", "per_label"][..]),
            (Score::Classes(ClassScore::default()), &["accuracy", "n", "per_label"]),
            (Score::Dialogue(DialogueScore::default()), &["joint_accuracy", "slot_accuracy", "n"]),
            (Score::Coref(CorefScore::default()), &["f1", "muc", "b3", "ceafe", "average", "n"]),
        ] {
            let json = json(score);
            let keys: std::collections::BTreeSet<_> = json.as_object().unwrap().keys().cloned().collect();
            let expected = fields.iter().chain(&["errors", "examples"]).map(|&key| key.to_owned()).collect();
            assert_eq!(keys, expected);
        }
        assert_eq!(json(Score::Coref(CorefScore::default()))["muc"]["precision"], 0.0);
    }
}
