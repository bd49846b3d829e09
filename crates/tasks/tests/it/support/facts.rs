//! Annotations as lines of text, so that what was found can be compared with what is gold, whatever the task.
//!
//! | fact | is |
//! |---|---|
//! | `entity LABEL START END`, `slot …`, `role …`, `trigger …` | a labelled span |
//! | `relation LABEL HEAD TAIL` | with head and tail as `LABEL START END` |
//! | `argument ROLE ENTITY of TRIGGER` | likewise |
//! | `intent LABEL`, `class LABEL` | a class |
//! | `belief DOMAIN, SLOT, VALUE` | an item of a dialogue state |
//! | `cluster START-END …` | the mentions of one thing |

use fishdip_tasks::{Argument, Belief, Decoded, Entity, Example, FoundEntity, Relation, TaskKind, TokenSpan};

/// What of `example` the task predicts, sorted, without what `dropped` says is not shown.
pub(crate) fn gold(kind: TaskKind, example: &Example, dropped: &[usize]) -> Vec<String> {
    let shown = |i: usize| !dropped.contains(&i);
    let spans = |name: &str, list: &[Entity]| -> Vec<String> {
        let kept = list.iter().enumerate().filter(|(i, _)| shown(*i));
        kept.map(|(_, e)| format!("{name} {}", span(e))).collect()
    };
    let mut facts = match kind {
        TaskKind::Ner => spans("entity", &example.entities),
        TaskKind::JointEr => {
            let mut facts = spans("entity", &example.entities);
            for Relation { label, head, tail } in &example.relations {
                if shown(*head) && shown(*tail) {
                    let [head, tail] = [head, tail].map(|&i| span(&example.entities[i]));
                    facts.push(format!("relation {label} {head} {tail}"));
                }
            }
            facts
        }
        TaskKind::RelationClassification => class("class", example.relation.as_ref()),
        TaskKind::TextClassification => class("class", example.label.as_ref()),
        TaskKind::Slots => [spans("slot", &example.slots), class("intent", example.intent.as_ref())].concat(),
        TaskKind::Srl => spans("role", &example.roles),
        TaskKind::DialogueState => example.belief.iter().map(belief).collect(),
        TaskKind::Coref => {
            let mut index = 0;
            let mut keep = |_: &&TokenSpan| {
                index += 1;
                shown(index - 1)
            };
            let clusters: Vec<Vec<&TokenSpan>> =
                example.clusters.iter().map(|c| c.iter().filter(&mut keep).collect()).collect();
            clusters.iter().filter(|c| c.len() > 1).map(|c| cluster(c.iter().copied())).collect()
        }
        TaskKind::EventTriggers => spans("trigger", &example.triggers),
        TaskKind::EventArguments => {
            let kept = example.arguments.iter().filter(|argument| shown(argument.entity));
            kept.map(|Argument { label, entity, trigger }| {
                let (entity, trigger) = (span(&example.entities[*entity]), span(&example.triggers[*trigger]));
                format!("argument {label} {entity} of {trigger}")
            })
            .collect()
        }
        _ => unreachable!("{kind}"),
    };
    facts.sort();
    facts.dedup();
    facts
}

/// What was found, sorted.
pub(crate) fn found(kind: TaskKind, decoded: &Decoded) -> Vec<String> {
    let spans = |name: &str, list: &[FoundEntity]| -> Vec<String> {
        list.iter().map(|e| format!("{name} {}", found_span(e))).collect()
    };
    let mut facts = [
        spans("slot", &decoded.slots),
        spans("role", &decoded.roles),
        spans("trigger", &decoded.triggers),
        class("intent", decoded.intent.as_ref()),
        class("class", decoded.relation.as_ref()),
        class("class", decoded.label.as_ref()),
        decoded.belief.iter().map(belief).collect(),
        decoded.clusters.iter().map(|c| cluster(c.iter())).collect(),
    ]
    .concat();
    if kind != TaskKind::EventArguments {
        facts.extend(spans("entity", &decoded.entities));
    }
    for relation in &decoded.relations {
        let (head, tail) = (found_span(&relation.head), found_span(&relation.tail));
        facts.push(format!("relation {} {head} {tail}", relation.label));
    }
    for argument in &decoded.arguments {
        let (entity, trigger) = (found_span(&argument.entity), found_span(&argument.trigger));
        facts.push(format!("argument {} {entity} of {trigger}", argument.label));
    }
    facts.sort();
    facts
}

fn span(entity: &Entity) -> String {
    format!("{} {} {}", entity.label, entity.start, entity.end)
}

fn found_span(entity: &FoundEntity) -> String {
    format!("{} {} {}", entity.label, entity.start, entity.end)
}

fn class(name: &str, label: Option<&String>) -> Vec<String> {
    label.iter().map(|label| format!("{name} {label}")).collect()
}

fn belief(Belief { domain, slot, value }: &Belief) -> String {
    format!("belief {domain}, {slot}, {value}").trim_end().to_owned()
}

fn cluster<'a>(mentions: impl Iterator<Item = &'a TokenSpan>) -> String {
    let mut mentions: Vec<&TokenSpan> = mentions.collect();
    mentions.sort();
    let mentions: Vec<String> = mentions.iter().map(|m| format!("{}-{}", m.start, m.end)).collect();
    format!("cluster {}", mentions.join(" "))
}
