//! Named entity recognition: `[ Tolkien | person ] was born here`.

use super::spans::{self, Table};
use super::{Pairs, Task};
use crate::score::{Score, SpanCounts};
use crate::{Decoded, Example, Report, Result};

pub(super) fn target(task: &Task, example: &Example) -> Result<(String, Vec<usize>)> {
    spans::target(task, example, Table::Entities, &example.entities)
}

pub(super) fn decode(task: &Task, example: &Example, output: &str) -> Decoded {
    let (mut reading, mut decoded) = spans::begin(task, example, output, 0..output.len());
    decoded.entities = spans::found(task, Table::Entities, &mut reading, &mut decoded);
    decoded.repairs = reading.take_repairs(output);
    decoded
}

pub(super) fn score(task: &Task, pairs: &Pairs<'_>) -> Report {
    let (mut entities, mut untyped) = (SpanCounts::default(), SpanCounts::default());
    for (gold, predicted) in pairs {
        entities.add_entities(&gold.entities, &predicted.entities);
        untyped.add_untyped(&gold.entities, &predicted.entities);
    }
    let mut report = Report::new(Score::Spans(entities.score()), pairs);
    report.entity_no_type = Some(untyped.total().into());
    report.macro_average = Some(spans::macro_average(task, &entities, task.schema.entities()));
    report
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Entity, FoundEntity, Mode, RepairKind, Schema};

    fn example(text: &str, entities: &[(&str, usize, usize)]) -> Example {
        let mut example = Example::new(text.split(' '));
        example.entities =
            entities.iter().map(|&(label, start, end)| Entity::new(label, start, end)).collect();
        example
    }

    fn keys(decoded: &Decoded) -> Vec<(&str, usize, usize)> {
        decoded.entities.iter().map(FoundEntity::key).collect()
    }

    fn task(mode: Mode) -> Task {
        Task::ner(Schema::conll03(), mode)
    }

    #[test]
    fn a_text_that_is_not_cut_into_words_is_refused() {
        let uncut = Example { text: Some("Ann left".to_owned()), ..Example::default() };
        let error = task(Mode::Fixed).source(&uncut).unwrap_err().to_string();
        assert!(error.ends_with("add the field \"tokens\""), "{error}");
        let blank = Example { text: Some(" ".to_owned()), ..Example::default() };
        assert_eq!(task(Mode::Fixed).source(&blank).unwrap(), "");
    }

    #[test]
    fn bad_spans_are_dropped_and_flagged() {
        let sentence = example("a b c d", &[]);
        for mode in [Mode::Reference, Mode::Fixed] {
            let decoded =
                task(mode).decode(&sentence, "[ a ] [ b | person = x ] [ c | planet ] [ d | person ]");
            assert_eq!(keys(&decoded), [("PER", 3, 4)]);
            assert!(decoded.format_error && decoded.label_error && !decoded.wrong_reconstruction);
            let kinds: Vec<_> = decoded.repairs.iter().map(|repair| repair.kind).collect();
            assert_eq!(kinds, [RepairKind::BadSpan, RepairKind::BadSpan, RepairKind::UnknownLabel]);
        }
    }

    #[test]
    fn attributes_do_not_cost_the_entity() {
        let decoded = task(Mode::Fixed).decode(&example("a", &[]), "[ a | person | x = y | z ]");
        assert_eq!(keys(&decoded), [("PER", 0, 1)]);
        assert!(decoded.format_error && decoded.label_error);
    }

    #[test]
    fn duplicates_collapse_and_order_is_by_position() {
        let output = "[ [ [ a | person ] | person ] b | location ] [ c | person ]";
        let decoded = task(Mode::Fixed).decode(&example("a b c", &[]), output);
        assert_eq!(keys(&decoded), [("LOC", 0, 2), ("PER", 0, 1), ("PER", 2, 3)]);
        assert_eq!(&output[decoded.entities[1].markup.clone()], "[ a | person ]");
    }

    #[test]
    fn scores_by_hand() {
        let first = example("a b c", &[("PER", 0, 1), ("LOC", 1, 2)]);
        let second = example("d", &[("ORG", 0, 1)]);
        let task = task(Mode::Fixed);
        let decoded = [
            task.decode(&first, "[ a | person ] [ b | organization ] c"),
            task.decode(&second, "[ d | organization"),
        ];
        let report = task.score([(&first, &decoded[0]), (&second, &decoded[1])]);
        let score = report.spans().unwrap();
        assert_eq!((score.precision, score.recall, score.n), (0.5, 1.0 / 3.0, 3));
        assert!((report.headline() - 0.4).abs() < 1e-12);
        let untyped = report.entity_no_type.unwrap();
        assert_eq!((untyped.precision, untyped.recall), (1.0, 2.0 / 3.0));
        assert_eq!((report.errors.format_error, report.errors.wrong_reconstruction), (0.5, 0.0));
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["n"], 3);
        assert_eq!(json["per_label"]["PER"]["f1"], 1.0);
    }

    #[test]
    fn a_prefix_is_part_of_the_source_alone() {
        let encoded = task(Mode::Fixed).with_prefix("conll03").encode(&example("a =", &[])).unwrap();
        assert_eq!((encoded.source.as_str(), encoded.target.as_str()), ("conll03 : a &-", "a &-"));
    }

    #[test]
    fn an_unknown_gold_label_is_named() {
        let error = task(Mode::Fixed).encode(&example("a", &[("GPE", 0, 1)])).unwrap_err().to_string();
        assert!(error.contains("GPE") && error.contains("LOC, MISC, ORG, PER"), "{error}");
    }
}
