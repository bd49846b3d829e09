//! Which of what a model found is right, one by one.

use std::collections::BTreeSet;

use super::{Task, TaskKind};
use crate::score::{Judged, SpanCounts, Temperatures};
use crate::{Decoded, Entity, Example, FoundEntity};

impl Task {
    /// Whether what the task finds has scores of its own: spans, or one class an example.
    pub fn has_scores(&self) -> bool {
        !matches!(self.kind, TaskKind::DialogueState | TaskKind::Coref)
    }

    /// What was found in `example` and whether it is right: each of the spans of `decoded`, with its score of
    /// `scores`; or the class, with the `probability` of the whole output. An example without a gold class is
    /// not judged.
    ///
    /// Spans are judged as they are counted: label and tokens must be those of a gold span. Of the entities
    /// in an event those are gold that take part in it.
    pub fn judge(
        &self,
        example: &Example,
        decoded: &Decoded,
        scores: &[f64],
        probability: f64,
    ) -> Vec<Judged> {
        let judged = |label: &str, score, right| Judged { label: label.to_owned(), score, right };
        if let Some(gold) = self.class(example.relation.as_deref(), example.label.as_deref()) {
            let found = self.class(decoded.relation.as_deref(), decoded.label.as_deref());
            return found.map(|label| judged(label, probability, label == gold)).into_iter().collect();
        }
        let gold: Vec<Entity> = self.predicted(example).into_iter().cloned().collect();
        let right = |found: &FoundEntity| {
            let mut counts = SpanCounts::default();
            counts.add_entities(&gold, std::slice::from_ref(found));
            counts.total().correct > 0
        };
        let spans = decoded.spans().zip(scores);
        spans.map(|(found, &score)| judged(&found.label, score, right(found))).collect()
    }

    /// Whether `example` has anything of what the task gives scores to.
    pub fn is_annotated(&self, example: &Example) -> bool {
        self.class(example.relation.as_deref(), example.label.as_deref()).is_some()
            || !self.predicted(example).is_empty()
    }

    /// The labels of what has scores.
    pub fn scored_labels(&self) -> Vec<&str> {
        let schema = &self.schema;
        match self.kind {
            TaskKind::Ner
            | TaskKind::JointEr
            | TaskKind::Slots
            | TaskKind::Srl
            | TaskKind::EventArguments => schema.entities().map(|(label, _)| label).collect(),
            TaskKind::EventTriggers => schema.triggers().map(|(label, _)| label).collect(),
            TaskKind::RelationClassification => {
                let labels = schema.relations().map(|(label, _)| schema.canonical(label));
                labels.collect::<BTreeSet<_>>().into_iter().collect()
            }
            TaskKind::TextClassification => schema.classes().map(|(label, _)| label).collect(),
            TaskKind::DialogueState | TaskKind::Coref => Vec::new(),
        }
    }

    /// Makes the scores of what was found probabilities; see [`Task::judge`]. The probability of an output
    /// with spans stays as it is.
    pub fn calibrate(
        &self,
        temperatures: &Temperatures,
        decoded: &Decoded,
        scores: &mut [f64],
        probability: &mut f64,
    ) {
        for (found, score) in decoded.spans().zip(scores) {
            *score = temperatures.apply(&found.label, *score);
        }
        if let Some(label) = self.class(decoded.relation.as_deref(), decoded.label.as_deref()) {
            *probability = temperatures.apply(label, *probability);
        }
    }

    /// The class that the task is about.
    fn class<'a>(&'a self, relation: Option<&'a str>, label: Option<&'a str>) -> Option<&'a str> {
        match self.kind {
            TaskKind::RelationClassification => relation.map(|label| self.schema.canonical(label)),
            TaskKind::TextClassification => label,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::score::Calibration;
    use crate::{Argument, Mode, Schema, TokenSpan};

    fn outcomes(judged: &[Judged]) -> Vec<(&str, f64, bool)> {
        judged.iter().map(|Judged { label, score, right }| (label.as_str(), *score, *right)).collect()
    }

    #[test]
    fn spans_are_judged_as_they_are_counted() {
        let task = Task::ner(Schema::conll03(), Mode::Fixed);
        let mut example = Example::new(["Ada", "Lovelace", "met", "Babbage", "there"]);
        example.entities = vec![Entity::new("PER", 0, 2), Entity::new("PER", 3, 4)];
        let output = "[ Ada Lovelace | person ] met [ Babbage | location ] [ there | person ]";
        let decoded = task.decode(&example, output);
        let judged = task.judge(&example, &decoded, &[0.9, 0.8, 0.7], 0.5);
        assert_eq!(outcomes(&judged), [("PER", 0.9, true), ("LOC", 0.8, false), ("PER", 0.7, false)]);
        assert!(task.is_annotated(&example) && !task.is_annotated(&task.prediction_input(&example)));
        assert_eq!(task.scored_labels(), ["LOC", "MISC", "ORG", "PER"]);
        let counts = task.score([(&example, &decoded)]).spans().unwrap().counts;
        assert_eq!((counts.predicted, counts.correct), (3, 1));
        assert_eq!(Calibration::of(&judged).unwrap().n, 3);
    }

    #[test]
    fn classes_have_the_probability_of_the_output() {
        let schema = Schema::default().with_classes([("0", "objective"), ("1", "subjective")]).unwrap();
        let task = Task::text_classification(schema, Mode::Fixed);
        let mut example = Example::new(["a", "film"]);
        let decoded = task.decode(&example, "subjective");
        assert!(task.judge(&example, &decoded, &[], 0.5).is_empty(), "nothing to judge it by");
        for (gold, right) in [("0", false), ("1", true)] {
            example.label = Some(gold.to_owned());
            assert_eq!(outcomes(&task.judge(&example, &decoded, &[], 0.75)), [("1", 0.75, right)]);
        }

        let task =
            Task::relation_classification(Schema::new([], [("born", "born in")]).unwrap(), Mode::Fixed);
        let mut example = Example::new(["Tolkien", "was", "born", "here"]);
        (example.head, example.tail) = (Some(TokenSpan::new(0, 1)), Some(TokenSpan::new(3, 4)));
        example.relation = Some("born".to_owned());
        let decoded = task.decode(&example, &task.encode(&example).unwrap().target);
        assert_eq!(outcomes(&task.judge(&example, &decoded, &[], 0.25)), [("born", 0.25, true)]);
    }

    #[test]
    fn entities_of_an_event_are_right_if_they_take_part() {
        let schema = Schema::new([("PER", "person")], [("Victim", "victim")]).unwrap();
        let task = Task::event_arguments(schema.with_triggers([("Die", "die")]).unwrap(), Mode::Fixed);
        let mut example = Example::new(["He", "saw", "her", "die"]);
        example.triggers = vec![Entity::new("Die", 3, 4)];
        example.entities = vec![Entity::new("PER", 0, 1), Entity::new("PER", 2, 3)];
        example.arguments = vec![Argument::new("Victim", 1, 0)];
        let output = "[ He | person | victim = die ] saw [ her | person | victim = die ] die";
        let decoded = task.decode(&example, output);
        let judged = task.judge(&example, &decoded, &[0.6, 0.7], 0.5);
        assert_eq!(outcomes(&judged), [("PER", 0.6, false), ("PER", 0.7, true)]);
    }

    #[test]
    fn temperatures_reach_what_has_a_score() {
        let temperatures: Temperatures = serde_json::from_str(
            r#"{"fallback": {"temperature": 1, "bias": 0, "n": 20}, "labels": {"1": {"temperature": 2, "bias": 0, "n": 9}}}"#,
        )
        .unwrap();
        let schema = Schema::default().with_classes([("0", "objective"), ("1", "subjective")]).unwrap();
        let task = Task::text_classification(schema, Mode::Fixed);
        let decoded = task.decode(&Example::new(["a"]), "subjective");
        let mut probability = 0.8;
        task.calibrate(&temperatures, &decoded, &mut [], &mut probability);
        // The odds of 4 to 1 become their root, 2 to 1.
        assert!((probability - 2.0 / 3.0).abs() < 1e-12, "{probability}");
        assert!(task.has_scores() && !Task::coref(Mode::Fixed).has_scores());
    }
}
