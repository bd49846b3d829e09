//! Semantic roles: for `He [ ate ] it`, `[ He | first argument ] ate [ it | second argument ]`.

use super::spans::{self, Table};
use super::{Pairs, Task};
use crate::score::{Score, SpanCounts};
use crate::{Decoded, Example, Report, Result};

pub(super) fn source(task: &Task, example: &Example) -> Result<String> {
    let predicate = example.predicate.ok_or_else(|| task.no_field(example, "predicate"))?;
    let tokens = spans::shown(task, &example.tokens);
    let mut words: Vec<&str> = tokens.iter().map(AsRef::as_ref).collect();
    words.insert(predicate.end, "]");
    words.insert(predicate.start, "[");
    Ok(words.join(" "))
}

pub(super) fn target(task: &Task, example: &Example) -> Result<(String, Vec<usize>)> {
    spans::target(task, example, Table::Entities, &example.roles)
}

pub(super) fn decode(task: &Task, example: &Example, output: &str) -> Decoded {
    let (mut reading, mut decoded) = spans::begin(task, example, output, 0..output.len());
    decoded.roles = spans::found(task, Table::Entities, &mut reading, &mut decoded);
    decoded.repairs = reading.take_repairs(output);
    decoded
}

pub(super) fn score(task: &Task, pairs: &Pairs<'_>) -> Report {
    let (mut roles, mut untyped) = (SpanCounts::default(), SpanCounts::default());
    for (gold, predicted) in pairs {
        roles.add_entities(&gold.roles, &predicted.roles);
        untyped.add_untyped(&gold.roles, &predicted.roles);
    }
    let mut report = Report::new(Score::Spans(roles.score()), pairs);
    report.entity_no_type = Some(untyped.total().into());
    report.macro_average = Some(spans::macro_average(task, &roles, task.schema.entities()));
    report
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Entity, Error, ExampleError, FoundEntity, Mode, Quirks, Schema, TokenSpan};

    fn example() -> Example {
        let mut example = Example::new(["He", "has", "eaten", "it", "[", "now"]);
        example.predicate = Some(TokenSpan::new(2, 3));
        example.roles =
            vec![Entity::new("ARG0", 0, 1), Entity::new("ARG1", 3, 4), Entity::new("AM-TMP", 5, 6)];
        example
    }

    fn schema() -> Schema {
        Schema::new([("ARG0", "first argument"), ("ARG1", "second argument"), ("AM-TMP", "AM-TMP")], [])
            .unwrap()
    }

    #[test]
    fn the_predicate_is_marked_in_the_source_alone() {
        for (mode, bracket) in [(Mode::Reference, "["), (Mode::Fixed, "&(")] {
            let encoded = Task::srl(schema(), mode).encode(&example()).unwrap();
            assert_eq!(encoded.source, format!("He has [ eaten ] it {bracket} now"));
            let expected = "[ He | first argument ] has eaten [ it | second argument ]";
            assert_eq!(encoded.target, format!("{expected} {bracket} [ now | AM-TMP ]"));
        }
    }

    #[test]
    fn roles_are_read_and_scored() {
        let task = Task::srl(schema(), Mode::Fixed);
        let output = "[ He | first argument ] has eaten it &( [ now | AM-LOC ]";
        let decoded = task.decode(&example(), output);
        assert_eq!(decoded.roles.iter().map(FoundEntity::key).collect::<Vec<_>>(), [("ARG0", 0, 1)]);
        assert!(decoded.label_error && decoded.entities.is_empty());
        let report = task.score([(&example(), &decoded)]);
        assert_eq!((report.spans().unwrap().precision, report.spans().unwrap().n), (1.0, 3));
    }

    #[test]
    fn without_predicate_there_is_nothing_to_ask() {
        let mut example = example();
        example.predicate = None;
        let error = Task::srl(schema(), Mode::Fixed).encode(&example).unwrap_err();
        assert!(matches!(error, Error::Example(ExampleError::NoField { field: "predicate", .. })), "{error}");
    }

    #[test]
    fn labels_can_be_those_of_the_gold_alone() {
        let mut split = example();
        split.roles.truncate(1);
        let output = "[ He | first argument ] has eaten [ it | second argument ] &( now";
        for (quirk, found) in [(false, 2), (true, 1)] {
            let quirks = Quirks { schema_from_gold: quirk, ..Quirks::NONE };
            let task = Task::srl(schema(), Mode::Fixed).with_quirks(quirks).for_split([&split]);
            assert_eq!(task.decode(&split, output).roles.len(), found);
        }
    }
}
