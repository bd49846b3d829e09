//! Relation classification.
//!
//! Source: `[ Tolkien ] was born in [ here ] The relationship between [ Tolkien ] and [ here ] is`; target:
//! `relationship between [ Tolkien ] and [ here ] = born in`.

use super::{Pairs, Task, joint_er, spans};
use crate::codec::Reading;
use crate::score::{Score, SpanCounts};
use crate::text::is_space;
use crate::{Decoded, Example, Mode, RepairKind, Report, Result, TokenSpan};

/// The natural name of the class that means none of the others. Finding it right does not count.
const NO_RELATION: &str = "no relation";

/// What scores call a predicted relation that is not in the schema.
const UNKNOWN: &str = "(unknown)";

pub(super) fn source(task: &Task, example: &Example) -> Result<String> {
    let (head, tail) = ends(task, example)?;
    let (first, second) = if head.start < tail.start { (head, tail) } else { (tail, head) };
    let text = |start, end| spans::shown_span(task, example, TokenSpan::new(start, end));
    let mark = |span: TokenSpan| format!("[ {} ]", text(span.start, span.end));
    let (before, between) = (text(0, first.start), text(first.end, second.start));
    let after = text(second.end, example.tokens.len());
    let sentence = format!("{before} {} {between} {} {after}", mark(first), mark(second));
    let question = format!("The relationship between {} and {} is", mark(head), mark(tail));
    let source = format!("{sentence} {question}");
    Ok(match task.mode() {
        Mode::Reference => source.trim_matches(is_space).to_owned(),
        Mode::Fixed => single_spaced(&source),
    })
}

fn ends(task: &Task, example: &Example) -> Result<(TokenSpan, TokenSpan)> {
    let head = example.head.ok_or_else(|| task.no_field(example, "head"))?;
    let tail = example.tail.ok_or_else(|| task.no_field(example, "tail"))?;
    Ok((head, tail))
}

fn single_spaced(text: &str) -> String {
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

pub(super) fn target(task: &Task, example: &Example) -> Result<String> {
    let label = example.relation.as_deref().ok_or_else(|| task.no_field(example, "relation"))?;
    let name = joint_er::relation_name(task, example, label)?;
    Ok(format!("{} = {name}", statement(task, example)?))
}

/// The target up to the relation.
fn statement(task: &Task, example: &Example) -> Result<String> {
    let (head, tail) = ends(task, example)?;
    let [head, tail] = [head, tail].map(|span| spans::shown_span(task, example, span));
    Ok(format!("relationship between [ {head} ] and [ {tail} ]"))
}

impl Task {
    /// The target of a relation up to the `=`.
    pub(crate) fn statement(&self, example: &Example) -> Result<String> {
        statement(self, example)
    }
}

pub(super) fn decode(task: &Task, example: &Example, output: &str) -> Decoded {
    let (mut reading, mut decoded) = (Reading::default(), Decoded::default());
    let after = output.rfind('=').map(|at| at + 1);
    let name = output[after.unwrap_or(0)..].trim_matches(is_space);
    let name = if task.mode() == Mode::Fixed { single_spaced(name) } else { name.to_owned() };
    decoded.relation = task.schema.relation_label(&name).map(str::to_owned);
    if decoded.relation.is_none() {
        decoded.label_error = true;
        reading.repair(RepairKind::UnknownLabel, after.unwrap_or(0), &*name);
    }
    if task.mode() == Mode::Fixed {
        if after.is_none() {
            decoded.format_error = true;
            reading.repair(RepairKind::MissingMarker, 0, "=");
        }
        let stated = single_spaced(&output[..after.map_or(0, |after| after - 1)]);
        decoded.wrong_reconstruction = statement(task, example).is_ok_and(|statement| statement != stated);
    }
    decoded.repairs = reading.take_repairs(output);
    decoded
}

pub(super) fn score(task: &Task, pairs: &Pairs<'_>) -> Report {
    let schema = &task.schema;
    let is_none = |label: &str| schema.relation_name(label) == Some(NO_RELATION);
    let mut counts = SpanCounts::default();
    for (gold, predicted) in pairs {
        let Some(gold) = gold.relation.as_deref() else { continue };
        let predicted = predicted.relation.as_deref().map_or(UNKNOWN, |label| schema.canonical(label));
        let predicted = Some((predicted, ())).filter(|(label, ())| !is_none(label));
        let gold = Some((schema.canonical(gold), ())).filter(|(label, ())| !is_none(label));
        counts.add(gold, predicted);
    }
    let mut report = Report::new(Score::Spans(counts.score()), pairs);
    report.macro_average = Some(if task.quirks.macro_over_schema {
        counts.macro_over(schema.relations().map(|(label, _)| label).filter(|label| !is_none(label)))
    } else {
        counts.macro_over(counts.per_label().keys().map(String::as_str).filter(|&label| label != UNKNOWN))
    });
    report
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;
    use crate::Schema;

    fn schema() -> Schema {
        let relations = [("born", "born in"), ("died", "died in"), ("no_relation", "no relation")];
        Schema::new([], relations).unwrap()
    }

    fn example(relation: &str) -> Example {
        let mut example = Example::new("Here Tolkien was born in 1892 =".split(' '));
        (example.head, example.tail) = (Some(TokenSpan::new(5, 6)), Some(TokenSpan::new(0, 2)));
        example.relation = Some(relation.to_owned());
        example
    }

    #[test]
    fn mentions_are_marked_in_text_order() {
        let encoded = Task::relation_classification(schema(), Mode::Fixed).encode(&example("born")).unwrap();
        assert_eq!(
            encoded.source,
            "[ Here Tolkien ] was born in [ 1892 ] &- The relationship between [ 1892 ] and [ Here Tolkien ] is"
        );
        assert_eq!(encoded.target, "relationship between [ 1892 ] and [ Here Tolkien ] = born in");
    }

    #[test]
    fn the_reference_may_double_spaces() {
        let mut example = Example::new(["a", "b", "c"]);
        (example.head, example.tail) = (Some(TokenSpan::new(0, 1)), Some(TokenSpan::new(1, 2)));
        example.relation = Some("born".to_owned());
        let source = |mode| Task::relation_classification(schema(), mode).source(&example).unwrap();
        let question = "The relationship between [ a ] and [ b ] is";
        assert_eq!(source(Mode::Reference), format!("[ a ]  [ b ] c {question}"));
        assert_eq!(source(Mode::Fixed), format!("[ a ] [ b ] c {question}"));
    }

    #[test]
    fn what_follows_the_last_sign_counts() {
        let task = Task::relation_classification(schema(), Mode::Fixed);
        let read = |output: &str| task.decode(&example("born"), output);
        let right = read("relationship between [ 1892 ] and [ Here Tolkien ] = born in");
        assert_eq!(right.relation.as_deref(), Some("born"));
        assert!(right.repairs.is_empty() && !right.wrong_reconstruction);
        let odd = read("x = y =  died in ");
        assert_eq!(odd.relation.as_deref(), Some("died"));
        assert!(odd.wrong_reconstruction && odd.repairs.is_empty());
        let bare = read("born in");
        assert_eq!((bare.relation.as_deref(), bare.format_error), (Some("born"), true));
        assert!(read("= lives in").label_error && read("").relation.is_none());
        // Spaces do not matter, but for the original.
        assert_eq!(read("= died  in").relation.as_deref(), Some("died"));
        let reference = Task::relation_classification(schema(), Mode::Reference);
        assert_eq!(reference.decode(&example("born"), "= died  in").relation, None);
    }

    #[test]
    fn no_relation_is_not_counted() {
        let task = Task::relation_classification(schema(), Mode::Reference);
        let outputs = ["no_relation", "no_relation", "born", "born", "born"];
        let names = ["no relation", "born in", "no relation", "born in", "lives in"];
        let golds = outputs.map(example);
        let found: Vec<_> =
            golds.iter().zip(names).map(|(gold, name)| task.decode(gold, &format!("= {name}"))).collect();
        let report = task.score(golds.iter().zip(&found));
        let score = report.spans().unwrap();
        // Gold: three born. Predicted: born twice, one unknown.
        assert_eq!((score.precision, score.recall, score.n), (1.0 / 3.0, 1.0 / 3.0, 3));
        assert_eq!(score.per_label["(unknown)"].support, 0);
    }
}
