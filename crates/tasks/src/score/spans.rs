//! Scores over sets of labelled items.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Counts;
use crate::{Entity, FoundEntity};

/// Scores of one kind of span: micro averages and every label.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpanScore {
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Correct among predicted.
    pub precision: f64,
    /// Correct among gold.
    pub recall: f64,
    /// How many gold items there are, duplicates within a sentence counted once.
    pub n: usize,
    /// The same by label, for every label that is gold or predicted somewhere.
    pub per_label: BTreeMap<String, LabelScore>,
    /// The numbers behind it.
    #[serde(skip)]
    pub counts: Counts,
}

/// Scores of one label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabelScore {
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Correct among predicted.
    pub precision: f64,
    /// Correct among gold.
    pub recall: f64,
    /// How many gold items have this label.
    pub support: usize,
}

/// Scores of one kind of span, labels aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MicroScore {
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Correct among predicted.
    pub precision: f64,
    /// Correct among gold.
    pub recall: f64,
    /// How many gold items there are, duplicates within a sentence counted once.
    pub n: usize,
}

/// The unweighted mean of the scores of the labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MacroScore {
    /// The mean F1.
    pub f1: f64,
    /// The mean precision.
    pub precision: f64,
    /// The mean recall.
    pub recall: f64,
}

/// Counts by label, summed over sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanCounts {
    per_label: BTreeMap<String, Counts>,
}

impl SpanCounts {
    /// Counts one sentence. An item is a label and whatever else must agree; duplicates count once.
    pub fn add<'a, K: Ord>(
        &mut self,
        gold: impl IntoIterator<Item = (&'a str, K)>,
        predicted: impl IntoIterator<Item = (&'a str, K)>,
    ) {
        let gold: BTreeSet<_> = gold.into_iter().collect();
        let predicted: BTreeSet<_> = predicted.into_iter().collect();
        for (label, _) in &gold {
            self.label(label).gold += 1;
        }
        for (label, _) in &predicted {
            self.label(label).predicted += 1;
        }
        for (label, _) in gold.intersection(&predicted) {
            self.label(label).correct += 1;
        }
    }

    /// Counts the labelled spans of one sentence.
    pub(crate) fn add_entities(&mut self, gold: &[Entity], predicted: &[FoundEntity]) {
        self.add(
            gold.iter().map(|entity| (entity.label.as_str(), entity.extent())),
            predicted.iter().map(|entity| (entity.label.as_str(), entity.extent())),
        );
    }

    /// Counts the spans of one sentence, whatever their labels.
    pub(crate) fn add_untyped(&mut self, gold: &[Entity], predicted: &[FoundEntity]) {
        self.add(
            gold.iter().map(|entity| ("", entity.extent())),
            predicted.iter().map(|entity| ("", entity.extent())),
        );
    }

    /// The mean over the labels that are gold or predicted somewhere, each of which counts the same; as
    /// seqeval does it.
    pub fn macro_average(&self) -> MacroScore {
        self.macro_over(self.per_label.keys().map(String::as_str))
    }

    /// The mean over `labels`, each of which counts the same; 0 for one that never occurs.
    pub fn macro_over<'a>(&self, labels: impl IntoIterator<Item = &'a str>) -> MacroScore {
        let (mut sum, mut count) = (MacroScore::default(), 0.0_f64);
        for label in labels {
            let counts = self.per_label.get(label).copied().unwrap_or_default();
            sum.f1 += counts.f1();
            sum.precision += counts.precision();
            sum.recall += counts.recall();
            count += 1.0;
        }
        let count = count.max(1.0);
        MacroScore { f1: sum.f1 / count, precision: sum.precision / count, recall: sum.recall / count }
    }

    /// The counts over all labels.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for &counts in self.per_label.values() {
            total += counts;
        }
        total
    }

    /// The counts of every label that occurred.
    pub fn per_label(&self) -> &BTreeMap<String, Counts> {
        &self.per_label
    }

    /// The scores.
    pub fn score(&self) -> SpanScore {
        let MicroScore { f1, precision, recall, n } = self.total().into();
        let per_label =
            self.per_label.iter().map(|(label, &counts)| (label.clone(), counts.into())).collect();
        SpanScore { f1, precision, recall, n, per_label, counts: self.total() }
    }

    fn label(&mut self, label: &str) -> &mut Counts {
        self.per_label.entry(label.to_owned()).or_default()
    }
}

impl LabelScore {
    /// Whether the gold has the label at all. Without, recall and F1 say nothing, and precision only that it
    /// was predicted in error.
    pub fn has_gold(&self) -> bool {
        self.support > 0
    }
}

impl From<Counts> for MicroScore {
    fn from(counts: Counts) -> Self {
        Self { f1: counts.f1(), precision: counts.precision(), recall: counts.recall(), n: counts.gold }
    }
}

impl From<Counts> for LabelScore {
    fn from(counts: Counts) -> Self {
        Self { f1: counts.f1(), precision: counts.precision(), recall: counts.recall(), support: counts.gold }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;

    #[test]
    fn counts_are_over_sets_per_sentence() {
        let mut counts = SpanCounts::default();
        counts.add([("PER", (0, 1)), ("PER", (0, 1)), ("LOC", (2, 3))], [("PER", (0, 1)), ("ORG", (2, 3))]);
        counts.add([("PER", (0, 1))], [("LOC", (0, 1))]);
        assert_eq!(counts.total(), Counts { gold: 3, predicted: 3, correct: 1 });
        assert_eq!(counts.per_label()["PER"], Counts { gold: 2, predicted: 1, correct: 1 });
        assert_eq!(counts.per_label()["LOC"], Counts { gold: 1, predicted: 1, correct: 0 });
        assert_eq!(counts.score().per_label["ORG"].support, 0);
    }

    #[test]
    fn the_macro_average_is_over_labels_in_gold_or_output() {
        // seqeval 1.2.2 gives macro F1, precision and recall of 1/3 for A right, B missed and Z made up.
        let mut counts = SpanCounts::default();
        counts.add([("A", 0), ("B", 1)], [("A", 0), ("B", 2), ("Z", 3)]);
        let mean = counts.macro_average();
        assert_eq!((mean.f1, mean.precision, mean.recall), (1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0));
        assert_eq!(counts.macro_over(["A", "B", "C", "D"]).f1, 0.25);
        assert_eq!(SpanCounts::default().macro_average(), MacroScore::default());
        assert_eq!(SpanCounts::default().macro_over([]), MacroScore::default());
    }

    #[test]
    fn a_span_inside_a_word_is_never_found_by_whole_words() {
        let chars = Some(crate::CharRange { start: 2, end: 5 });
        let gold = [Entity { chars, ..Entity::new("A", 0, 1) }, Entity::new("A", 1, 2)];
        let found =
            [0, 1].map(|start| FoundEntity { label: "A".to_owned(), start, end: start + 1, markup: 0..0 });
        let mut counts = SpanCounts::default();
        counts.add_entities(&gold, &found);
        assert_eq!(counts.total(), Counts { gold: 2, predicted: 2, correct: 1 });
    }

    #[test]
    fn json_is_the_score_object() {
        let mut counts = SpanCounts::default();
        counts.add([("B", 0), ("A", 1)], [("B", 0)]);
        let json = serde_json::to_string(&counts.score()).unwrap();
        let expected = concat!(
            r#"{"f1":0.6666666666666666,"precision":1.0,"recall":0.5,"n":2,"per_label":{"#,
            r#""A":{"f1":0.0,"precision":0.0,"recall":0.0,"support":1},"#,
            r#""B":{"f1":1.0,"precision":1.0,"recall":1.0,"support":1}}}"#,
        );
        assert_eq!(json, expected);
    }
}
