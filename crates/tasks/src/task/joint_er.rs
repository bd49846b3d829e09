//! Entities and relations: `[ Tolkien | person | born in = here ] was born [ here | location ]`.
//!
//! A relation names its tail by its text. Of several entities with this text the closest is meant that the
//! head does not have this relation with yet. In fixed mode, where that would be another one, a third part
//! tells which in order of closeness: `| born in = here = 2`.

use std::collections::{BTreeMap, BTreeSet};

use super::spans::{self, Table};
use super::{Pairs, Task};
use crate::codec::{Annotation, Reading, Span};
use crate::score::SpanCounts;
use crate::{
    Decoded, Entity, Example, FoundEntity, FoundRelation, Mode, RepairKind, Report, Result, TokenSpan,
};

pub(super) fn target(task: &Task, example: &Example) -> Result<(String, Vec<usize>)> {
    let mut annotations = spans::annotations(task, example, Table::Entities, &example.entities)?;
    match task.mode() {
        Mode::Reference => {
            for relation in &example.relations {
                let name = relation_name(task, example, &relation.label)?;
                let text = text(task, example, &example.entities[relation.tail]);
                annotations[relation.head].tags.push(vec![name, text]);
            }
        }
        Mode::Fixed => exact_relations(task, example, &mut annotations)?,
    }
    let augmented = spans::marked(task, example, &annotations);
    Ok((augmented.text, augmented.dropped))
}

pub(super) fn relation_name(task: &Task, example: &Example, label: &str) -> Result<String> {
    let known = || task.schema.relations().map(|(label, _)| label).collect::<Vec<_>>();
    let name = task.schema.relation_name(label).map(str::to_owned);
    name.ok_or_else(|| super::unknown_label(example, label, &known()))
}

fn text(task: &Task, example: &Example, entity: &Entity) -> String {
    spans::shown_span(task, example, TokenSpan::new(entity.start, entity.end))
}

/// Writes every relation between entities that are shown, such that reading finds just this one.
fn exact_relations(task: &Task, example: &Example, annotations: &mut [Annotation]) -> Result<()> {
    let entities = &example.entities;
    let order = spans::marked(task, example, annotations).closing;
    let texts: Vec<String> = entities.iter().map(|entity| text(task, example, entity)).collect();
    let mut taken = BTreeSet::new();
    for &head in &order {
        for relation in example.relations.iter().filter(|relation| relation.head == head) {
            let name = relation_name(task, example, &relation.label)?;
            let same_text = order.iter().copied().filter(|&i| texts[i] == texts[relation.tail]);
            let candidates = by_distance(span(&entities[head]), same_text, |i| span(&entities[i]));
            let triple = |tail: usize| (relation.label.as_str(), &entities[head], &entities[tail]);
            let is_meant = |i: usize| entities[i] == entities[relation.tail];
            let Some(rank) = candidates.iter().position(|&i| is_meant(i)) else { continue };
            if taken.contains(&triple(relation.tail)) {
                continue;
            }
            let mut tag = vec![name, texts[relation.tail].clone()];
            let first = candidates.iter().find(|&&i| !taken.contains(&triple(i)));
            if !first.is_some_and(|&i| is_meant(i)) {
                tag.push((rank + 1).to_string());
            }
            taken.insert(triple(relation.tail));
            annotations[head].tags.push(tag);
        }
    }
    Ok(())
}

fn span(entity: &Entity) -> TokenSpan {
    TokenSpan::new(entity.start, entity.end)
}

/// The candidates for a tail, closest first.
fn by_distance(
    head: TokenSpan,
    candidates: impl Iterator<Item = usize>,
    span: impl Fn(usize) -> TokenSpan,
) -> Vec<usize> {
    let mut candidates: Vec<usize> = candidates.collect();
    candidates.sort_by_key(|&i| span(i).start.abs_diff(head.end).min(head.start.abs_diff(span(i).end)));
    candidates
}

/// A relation whose tail is still a text.
struct Pending {
    label: String,
    head: usize,
    tail: String,
    rank: Option<usize>,
}

/// Everything that an output says of entities and relations. The entities are in closing order, with
/// duplicates.
pub(super) fn decode(task: &Task, table: Table, example: &Example, output: &str) -> Decoded {
    let (mut reading, mut decoded) = spans::begin(task, example, output, 0..output.len());
    let (mut found, mut pending) = (Vec::new(), Vec::new());
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for span in std::mem::take(&mut reading.spans) {
        let Some(entity) = spans::labelled(task, table, &span, &mut reading, &mut decoded) else { continue };
        for tag in &span.tags[1..] {
            pending.extend(attribute(task, &span, tag, found.len(), &mut reading, &mut decoded));
        }
        by_name.entry(span.name).or_default().push(found.len());
        found.push(entity);
    }
    for relation in pending {
        let Some(candidates) = by_name.get(&relation.tail) else {
            decoded.entity_error = true;
            reading.repair(RepairKind::UnknownName, found[relation.head].markup.start, relation.tail);
            continue;
        };
        relate(relation, candidates, &found, &mut reading, &mut decoded);
    }
    spans::in_order(&mut found);
    decoded.entities = found;
    decoded.repairs = reading.take_repairs(output);
    decoded
}

/// The relation that a tag of a span stands for.
fn attribute(
    task: &Task,
    span: &Span,
    tag: &[String],
    head: usize,
    reading: &mut Reading,
    decoded: &mut Decoded,
) -> Option<Pending> {
    let ranked =
        |rank: &str| rank.parse().ok().filter(|&rank: &usize| rank > 0 && task.mode() == Mode::Fixed);
    let (name, tail, rank) = match tag {
        [name, tail] => (name, tail, None),
        [name, tail, rank] if ranked(rank).is_some() => (name, tail, ranked(rank)),
        _ => {
            decoded.format_error = true;
            reading.repair(RepairKind::BadAttribute, span.markup.start, tag.join(" = "));
            return None;
        }
    };
    let Some(label) = task.schema.relation_label(name) else {
        decoded.label_error = true;
        reading.repair(RepairKind::UnknownLabel, span.markup.start, name);
        return None;
    };
    Some(Pending { label: label.to_owned(), head, tail: tail.clone(), rank })
}

/// Adds the relation to the candidate that it means; if it names a rank beyond them, to none.
fn relate(
    relation: Pending,
    candidates: &[usize],
    found: &[FoundEntity],
    reading: &mut Reading,
    decoded: &mut Decoded,
) {
    let head = &found[relation.head];
    let span = |entity: &FoundEntity| TokenSpan::new(entity.start, entity.end);
    let order = by_distance(span(head), candidates.iter().copied(), |i| span(&found[i]));
    let is_known = |tail: usize| {
        decoded.relations.iter().any(|known| {
            known.label == relation.label
                && known.head.key() == head.key()
                && known.tail.key() == found[tail].key()
        })
    };
    let tail = match relation.rank {
        None => order.iter().copied().find(|&tail| !is_known(tail)),
        Some(rank) => order.get(rank - 1).copied().filter(|&tail| !is_known(tail)),
    };
    if relation.rank.is_some_and(|rank| rank > order.len()) {
        decoded.entity_error = true;
        reading.repair(RepairKind::UnknownName, head.markup.start, relation.tail);
        return;
    }
    if let Some(tail) = tail {
        let (head, tail) = (head.clone(), found[tail].clone());
        decoded.relations.push(FoundRelation { label: relation.label, head, tail });
    }
}

pub(super) fn score(task: &Task, pairs: &Pairs<'_>) -> Report {
    let mut report = super::ner::score(task, pairs);
    let mut relations = SpanCounts::default();
    for (gold, predicted) in pairs {
        let ends = |entity: &Entity| (entity.label.clone(), entity.extent());
        let found = |entity: &FoundEntity| (entity.label.clone(), entity.extent());
        relations.add(
            gold.relations.iter().filter_map(|relation| {
                let (head, tail) = (gold.entities.get(relation.head)?, gold.entities.get(relation.tail)?);
                Some((relation.label.as_str(), (ends(head), ends(tail))))
            }),
            predicted
                .relations
                .iter()
                .map(|relation| (relation.label.as_str(), (found(&relation.head), found(&relation.tail)))),
        );
    }
    report.relation = Some(relations.score());
    report
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;
    use crate::{Error, ExampleError, Relation, Schema};

    fn example() -> Example {
        let mut example = Example::new(["Ann", "and", "Bob", "in", "Rome"]);
        example.entities =
            vec![Entity::new("Peop", 0, 1), Entity::new("Peop", 2, 3), Entity::new("Loc", 4, 5)];
        example.relations = vec![Relation::new("Live_In", 0, 2), Relation::new("Live_In", 1, 2)];
        example
    }

    #[test]
    fn both_ends_must_be_right() {
        let task = Task::joint_er(Schema::conll04(), Mode::Reference);
        let output =
            "[ Ann | person | lives in = Rome ] and [ Bob | other | lives in = Rome ] in [ Rome | location ]";
        let decoded = task.decode(&example(), output);
        let report = task.score([(&example(), &decoded)]);
        let relation = report.relation.as_ref().unwrap();
        assert_eq!((relation.precision, relation.recall, relation.n), (0.5, 0.5, 2));
        assert_eq!((report.headline(), report.entity_no_type.unwrap().f1), (2.0 / 3.0, 1.0));
        // Four kinds of entity: Loc is right, Peop has precision 1 and recall 1/2.
        let mean = report.macro_average.unwrap();
        assert_eq!((mean.precision, mean.recall), (0.5, 0.375));
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["relation"]["n"], &json["macro"]["recall"]), (&2.into(), &0.375.into()));
    }

    #[test]
    fn a_relation_of_a_span_inside_a_word_is_missed_with_it() {
        let task = Task::joint_er(Schema::conll04(), Mode::Fixed);
        let mut gold = example();
        gold.entities[0].chars = Some(crate::CharRange { start: 1, end: 3 });
        let target = task.encode(&gold).unwrap().target;
        assert!(target.starts_with("[ Ann | person | lives in = Rome ]"), "{target}");
        let decoded = task.decode(&gold, &target);
        let report = task.score([(&gold, &decoded)]);
        assert_eq!(
            (report.spans().unwrap().recall, report.entity_no_type.unwrap().recall),
            (2.0 / 3.0, 2.0 / 3.0)
        );
        let relation = report.relation.unwrap();
        assert_eq!((relation.precision, relation.recall), (0.5, 0.5));
    }

    #[test]
    fn what_repeats_is_written_once_but_for_the_original() {
        let mut repeated = example();
        repeated.entities.push(repeated.entities[0].clone());
        repeated.relations.push(Relation::new("Live_In", 3, 2));
        let encode =
            |mode, example: &Example| Task::joint_er(Schema::conll04(), mode).encode(example).unwrap().target;
        assert_eq!(encode(Mode::Fixed, &repeated), encode(Mode::Fixed, &example()));
        assert!(
            encode(Mode::Reference, &repeated).starts_with("[ [ Ann | person | lives in = Rome ] | person")
        );
    }

    #[test]
    fn unknown_relations_are_named() {
        let mut example = example();
        example.relations[0].label = "Loves".to_owned();
        for mode in [Mode::Fixed, Mode::Reference] {
            let error = Task::joint_er(Schema::conll04(), mode).encode(&example).unwrap_err();
            assert!(
                matches!(&error, Error::Example(ExampleError::UnknownLabel { label, .. }) if label == "Loves"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_relation_is_written_once_and_only_if_both_ends_are() {
        let mut example = example();
        example.entities.push(Entity::new("Org", 3, 5));
        example.entities[2] = Entity::new("Loc", 2, 4);
        example.relations = vec![
            Relation::new("Kill", 0, 1),
            Relation::new("Kill", 0, 1),
            Relation::new("Kill", 0, 3),
            Relation::new("Kill", 3, 0),
        ];
        let encoded = Task::joint_er(Schema::conll04(), Mode::Fixed).encode(&example).unwrap();
        assert_eq!(
            encoded.target,
            "[ Ann | person | kills = Bob ] and [ [ Bob | person ] in | location ] Rome"
        );
        assert_eq!(encoded.dropped, [3]);
    }
}
