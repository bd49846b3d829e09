//! What labels an example has, and which of them a task knows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Task, TaskKind};
use crate::{Entity, Example};

/// A label that an example has, and whether the schema has it.
pub(crate) struct Seen {
    pub(crate) label: String,
    pub(crate) is_known: bool,
}

impl Task {
    /// The labels that `examples` have and the schema has not, each with how often it is annotated. What
    /// carries such a label cannot be learnt, and counts as missed in scores.
    ///
    /// ```
    /// use fishdip_tasks::{Entity, Example, Mode, Schema, Task};
    ///
    /// let mut example = Example::new(["Danish", "law"]);
    /// example.entities = vec![Entity::new("NORP", 0, 1), Entity::new("LAW", 1, 2), Entity::new("LAW", 1, 2)];
    /// let schema = Schema::new([("LAW", "law")], [])?;
    /// let unknown = Task::ner(schema, Mode::Fixed).unknown_labels([&example]);
    /// assert_eq!(unknown.into_iter().collect::<Vec<_>>(), [("NORP".to_owned(), 1)]);
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn unknown_labels<'a>(
        &self,
        examples: impl IntoIterator<Item = &'a Example>,
    ) -> BTreeMap<String, usize> {
        let mut unknown = BTreeMap::new();
        for seen in examples.into_iter().flat_map(|example| self.labels(example)) {
            if !seen.is_known {
                *unknown.entry(seen.label).or_default() += 1;
            }
        }
        unknown
    }

    /// The labels of the schema that `scored` has and `trained` has not, each with how often it is annotated: the
    /// model knows their names alone.
    ///
    /// ```
    /// use fishdip_tasks::{Entity, Example, Mode, Schema, Task};
    ///
    /// let of = |label: &str| {
    ///     let mut example = Example::new(["Danish"]);
    ///     example.entities = vec![Entity::new(label, 0, 1)];
    ///     [example]
    /// };
    /// let schema = Schema::new([("LAW", "law"), ("NORP", "group")], [])?;
    /// let task = Task::ner(schema, Mode::Fixed);
    /// assert!(task.untrained_labels(&of("LAW"), &of("LAW")).is_empty());
    /// let untrained = task.untrained_labels(&of("LAW"), &of("NORP"));
    /// assert_eq!(untrained.into_iter().collect::<Vec<_>>(), [("NORP".to_owned(), 1)]);
    /// // A label that the schema has not is another matter.
    /// assert!(task.untrained_labels(&of("LAW"), &of("DATE")).is_empty());
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn untrained_labels(&self, trained: &[Example], scored: &[Example]) -> BTreeMap<String, usize> {
        let known = |example| self.labels(example).into_iter().filter(|seen| seen.is_known);
        let trained: BTreeSet<String> = trained.iter().flat_map(known).map(|seen| seen.label).collect();
        let mut untrained = BTreeMap::new();
        for seen in scored.iter().flat_map(known).filter(|seen| !trained.contains(&seen.label)) {
            *untrained.entry(seen.label).or_default() += 1;
        }
        untrained
    }

    /// The labels that the task would learn from `example`, each as often as it is annotated; a repeated span
    /// counts once.
    pub(crate) fn labels(&self, example: &Example) -> Vec<Seen> {
        let schema = self.schema();
        let entity = |label: &str| schema.entity_name(label).is_some();
        let relation = |label: &str| schema.relation_name(label).is_some();
        let class = |label: &str| schema.class_name(label).is_some();
        match self.kind() {
            TaskKind::Ner => spans(&example.entities, entity),
            TaskKind::JointEr => {
                let ends = |r: &'_ crate::Relation| {
                    Some((example.entities.get(r.head)?, example.entities.get(r.tail)?))
                };
                let links: BTreeSet<_> = example.relations.iter().map(|r| (&r.label, ends(r))).collect();
                // A relation may have the label of an entity; they are told apart.
                let is_entity =
                    |label: &str| entity(label) || example.entities.iter().any(|e| e.label == label);
                let links = links.into_iter().map(|(label, _)| {
                    let name = if is_entity(label) { format!("{label} (relation)") } else { label.clone() };
                    Seen { label: name, is_known: relation(label) }
                });
                spans(&example.entities, entity).into_iter().chain(links).collect()
            }
            TaskKind::RelationClassification => {
                example.relation.iter().map(|label| seen(label, relation)).collect()
            }
            TaskKind::Slots => {
                let intent = example.intent.iter().map(|label| seen(label, class));
                spans(&example.slots, entity).into_iter().chain(intent).collect()
            }
            TaskKind::Srl => spans(&example.roles, entity),
            TaskKind::DialogueState => {
                let slots: BTreeSet<_> = example.belief.iter().map(|b| (&b.domain, &b.slot)).collect();
                let known = |domain: &str, slot: &str| {
                    schema.ontology().get(domain).is_some_and(|slots| slots.contains_key(slot))
                };
                let seen = |(domain, slot): (&String, &String)| Seen {
                    label: format!("{domain}-{slot}"),
                    is_known: known(domain, slot),
                };
                slots.into_iter().map(seen).collect()
            }
            TaskKind::Coref => example.clusters.iter().map(|_| seen("cluster", |_| true)).collect(),
            TaskKind::EventTriggers => spans(&example.triggers, |label| schema.trigger_name(label).is_some()),
            TaskKind::EventArguments => {
                let of = |a: &'_ crate::Argument| {
                    Some((example.entities.get(a.entity)?, example.triggers.get(a.trigger)?))
                };
                let roles: BTreeSet<_> = example.arguments.iter().map(|a| (&a.label, of(a))).collect();
                roles.into_iter().map(|(label, _)| seen(label, relation)).collect()
            }
            TaskKind::TextClassification => example.label.iter().map(|label| seen(label, class)).collect(),
        }
    }
}

fn seen(label: &str, is_known: impl Fn(&str) -> bool) -> Seen {
    Seen { label: label.to_owned(), is_known: is_known(label) }
}

fn spans(spans: &[Entity], is_known: impl Fn(&str) -> bool) -> Vec<Seen> {
    let distinct: BTreeSet<&Entity> = spans.iter().collect();
    distinct.into_iter().map(|span| seen(&span.label, &is_known)).collect()
}
