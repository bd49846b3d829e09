//! Scores of classes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::counts::fraction;
use super::{Counts, LabelScore};

/// Scores of a task that chooses one class an example.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    /// How many examples got their class.
    pub accuracy: f64,
    /// How many examples there are.
    pub n: usize,
    /// Scores by class, for every class that is gold or predicted somewhere.
    pub per_label: BTreeMap<String, LabelScore>,
}

/// Counts by class. An example can go without prediction; that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    examples: usize,
    correct: usize,
    per_label: BTreeMap<String, Counts>,
}

impl ClassCounts {
    /// Counts one example.
    pub fn add(&mut self, gold: &str, predicted: Option<&str>) {
        self.examples += 1;
        self.label(gold).gold += 1;
        if let Some(predicted) = predicted {
            self.label(predicted).predicted += 1;
        }
        if predicted == Some(gold) {
            self.correct += 1;
            self.label(gold).correct += 1;
        }
    }

    /// The scores.
    pub fn score(&self) -> ClassScore {
        let per_label =
            self.per_label.iter().map(|(label, &counts)| (label.clone(), counts.into())).collect();
        ClassScore { accuracy: fraction(self.correct, self.examples), n: self.examples, per_label }
    }

    fn label(&mut self, label: &str) -> &mut Counts {
        self.per_label.entry(label.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn by_hand() {
        let mut counts = ClassCounts::default();
        for (gold, predicted) in [("A", Some("A")), ("A", Some("B")), ("B", None), ("B", Some("B"))] {
            counts.add(gold, predicted);
        }
        let score = counts.score();
        assert_eq!((score.accuracy, score.n), (0.5, 4));
        assert_eq!((score.per_label["A"].precision, score.per_label["A"].recall), (1.0, 0.5));
        assert_eq!((score.per_label["B"].precision, score.per_label["B"].support), (0.5, 2));
    }
}
