//! Named entity recognition: `[ Tolkien | person ] was born here`.

use std::cmp::Reverse;

use super::Task;
use crate::codec::{self, Annotation, Reading, Span, augment, escape_tokens};
use crate::score::{ErrorCounts, Score, SpanCounts};
use crate::{Decoded, Error, Example, FoundEntity, Mode, RepairKind, Report, Result, Schema};

pub(super) fn source(task: &Task, example: &Example) -> String {
    match task.mode() {
        Mode::Reference => example.tokens.join(" "),
        Mode::Fixed => escape_tokens(&example.tokens).join(" "),
    }
}

pub(super) fn target(task: &Task, example: &Example) -> Result<(String, Vec<usize>)> {
    let annotations = annotations(task, example)?;
    let augmented = match task.mode() {
        Mode::Reference => augment(&example.tokens, &annotations),
        Mode::Fixed => augment(&escape_tokens(&example.tokens), &annotations),
    };
    Ok((augmented.text, augmented.dropped))
}

/// One annotation an entity, tagged with its natural name.
fn annotations(task: &Task, example: &Example) -> Result<Vec<Annotation>> {
    let annotation = |entity: &crate::Entity| {
        let name = task.schema.entity_name(&entity.label).ok_or_else(|| Error::UnknownLabel {
            example: example.place(),
            label: entity.label.clone(),
            known: task.schema.entities().map(|(label, _)| label).collect::<Vec<_>>().join(", "),
        })?;
        Ok(Annotation { tags: vec![vec![name.to_owned()]], start: entity.start, end: entity.end })
    };
    example.entities.iter().map(annotation).collect()
}

pub(super) fn decode(task: &Task, example: &Example, output: &str) -> Decoded {
    let mut reading = codec::decode(&example.tokens, output, task.mode());
    let mut decoded = Decoded {
        wrong_reconstruction: reading.wrong_reconstruction,
        format_error: reading.format_error,
        ..Decoded::default()
    };
    for span in std::mem::take(&mut reading.spans) {
        if let Some(label) = entity_label(&task.schema, &span, &mut reading, &mut decoded) {
            attributes(&span, &mut reading, &mut decoded);
            decoded.entities.push(FoundEntity {
                label,
                start: span.start,
                end: span.end,
                markup: span.markup,
            });
        }
    }
    // The sort is stable: of equal entities the one written first stays.
    decoded
        .entities
        .sort_by(|a, b| (a.start, Reverse(a.end), &a.label).cmp(&(b.start, Reverse(b.end), &b.label)));
    decoded.entities.dedup_by(|a, b| a.key() == b.key());
    decoded.repairs = reading.take_repairs(output);
    decoded
}

/// The label of a span, from its first tag.
fn entity_label(
    schema: &Schema,
    span: &Span,
    reading: &mut Reading,
    decoded: &mut Decoded,
) -> Option<String> {
    let [name] = span.tags.first().map_or(&[][..], Vec::as_slice) else {
        decoded.format_error = true;
        reading.repair(RepairKind::BadSpan, span.markup.start, &*span.name);
        return None;
    };
    let label = schema.entity_label(name);
    if label.is_none() {
        decoded.label_error = true;
        reading.repair(RepairKind::UnknownLabel, span.markup.start, name);
    }
    label.map(str::to_owned)
}

/// Entities here have no attributes: one with a value names an unknown relation, any other is malformed.
fn attributes(span: &Span, reading: &mut Reading, decoded: &mut Decoded) {
    for tag in &span.tags[1..] {
        if let [relation, _] = &tag[..] {
            decoded.label_error = true;
            reading.repair(RepairKind::UnknownLabel, span.markup.start, relation);
        } else {
            decoded.format_error = true;
            reading.repair(RepairKind::BadAttribute, span.markup.start, tag.join(" = "));
        }
    }
}

pub(super) fn score<'a>(pairs: impl IntoIterator<Item = (&'a Example, &'a Decoded)>) -> Report {
    let (mut entities, mut untyped) = (SpanCounts::default(), SpanCounts::default());
    let mut errors = ErrorCounts::default();
    for (gold, predicted) in pairs {
        errors.add(predicted);
        entities.add(
            gold.entities.iter().map(|entity| (entity.label.as_str(), (entity.start, entity.end))),
            predicted.entities.iter().map(|entity| (entity.label.as_str(), (entity.start, entity.end))),
        );
        untyped.add(
            gold.entities.iter().map(|entity| ("", (entity.start, entity.end))),
            predicted.entities.iter().map(|entity| ("", (entity.start, entity.end))),
        );
    }
    Report {
        score: Score::Spans(entities.score()),
        entity_no_type: Some(untyped.total().into()),
        errors: errors.rates(),
        examples: errors.examples,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Entity;

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
