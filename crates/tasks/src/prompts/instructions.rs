//! What a language model is told of a task: the augmented natural language that it is to write, and its labels.

use std::fmt::Write as _;

use crate::schema::Ontology;
use crate::{Mode, Nesting, Task, TaskKind};

/// Values of a slot that are listed; of a slot with more of them, none.
const MOST_VALUES: usize = 12;

/// The system message of prompts for `task`.
pub(super) fn instructions(task: &Task) -> String {
    let mut text = form(task.kind()).to_owned();
    if marks_many_spans(task.kind()) {
        text += match task.nesting() {
            Nesting::Flat => " Marked parts never overlap.",
            Nesting::Nested => " A marked part may lie within another one; parts never cross.",
        };
        text += " Copy everything else word for word, and leave a text in which there is nothing to mark as it is.";
    }
    if task.mode() == Mode::Fixed && task.kind() != TaskKind::TextClassification {
        text += codes(task.kind());
    }
    text += " Write that alone, without an explanation.";
    let schema = task.schema();
    match task.kind() {
        TaskKind::Ner => list(&mut text, "Types", schema.entities()),
        TaskKind::JointEr => {
            list(&mut text, "Types", schema.entities());
            list(&mut text, "Relations", schema.relations());
        }
        TaskKind::RelationClassification => list(&mut text, "Relations", schema.relations()),
        TaskKind::Slots => {
            list(&mut text, "Intents", schema.classes());
            list(&mut text, "Slots", schema.entities());
        }
        TaskKind::Srl => list(&mut text, "Roles", schema.entities()),
        TaskKind::DialogueState => slots(&mut text, schema.ontology()),
        TaskKind::Coref => {}
        TaskKind::EventTriggers => list(&mut text, "Kinds of event", schema.triggers()),
        TaskKind::EventArguments => {
            list(&mut text, "Types", schema.entities());
            list(&mut text, "Roles", schema.relations());
        }
        TaskKind::TextClassification => list(&mut text, "Classes", schema.classes()),
    }
    text
}

/// The form of an answer.
fn form(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Ner => {
            "You find the entities of a text. Write the text again, with every entity in square brackets, and in them a bar and its type behind \
             it: [ words | type ]."
        }
        TaskKind::JointEr => {
            "You find the entities of a text and the relations between them. Write the text again, with every entity in square brackets, and in \
             them a bar and its type behind it: [ words | type ]. For each relation that begins at an entity, add a bar, the relation, an equals \
             sign and the words of the entity that it leads to: [ words | type | relation = other words ]. Where several entities have these \
             words, the closest one is meant; another one is told by its place in order of closeness: [ words | type | relation = other words = 2 ]."
        }
        TaskKind::RelationClassification => {
            "You say which relation two marked mentions of a text have. The text ends with the question; answer it with the two mentions in \
             square brackets and, behind an equals sign, the relation: relationship between [ first ] and [ second ] = relation"
        }
        TaskKind::Slots => {
            "You find what a speaker wants, and its details. Write the intent in double parentheses, and behind it the text again, with every \
             detail in square brackets, and in them a bar and its slot behind it: (( intent )) text with [ words | slot ]."
        }
        TaskKind::Srl => {
            "You find who does what to whom. The predicate of a text stands in square brackets. Write the text again without these, and put \
             every argument of the predicate in square brackets, and in them a bar and its role behind it: [ words | role ]."
        }
        TaskKind::DialogueState => {
            "You keep track of what the user of a dialogue has asked for so far. Write [belief], then the state, then [belief] again. The \
             state holds, for each domain that was spoken of, every slot of it with its value, or with the words not given, sorted and with \
             commas between them: [belief] domain slot value , domain slot not given [belief]."
        }
        TaskKind::Coref => {
            "You find which mentions of a text speak of the same thing. Write the text again, with every such mention in square brackets. The \
             first mention of a thing has nothing more, [ words ]; a later one has a bar and the words of an earlier mention of the same thing: \
             [ words | earlier words ]. The latest mention with these words is meant; an earlier one is told by how many back it is: \
             [ words | earlier words = 2 ]."
        }
        TaskKind::EventTriggers => {
            "You find the words that tell of events. Write the text again, with each of them in square brackets, and in them a bar and the kind \
             of event behind it: [ words | kind ]."
        }
        TaskKind::EventArguments => {
            "You find who and what takes part in an event. The word that tells of it stands in square brackets, with the kind of event. Write \
             the text again without these, and put every entity that takes part in square brackets; in them stand a bar and its type, and a bar, \
             its role, an equals sign and the word that tells of the event: [ words | type | role = event words ]."
        }
        TaskKind::TextClassification => {
            "You say to which class a text belongs. Answer with the name of the class."
        }
    }
}

/// Whether an answer is the text with marked parts.
fn marks_many_spans(kind: TaskKind) -> bool {
    !matches!(kind, TaskKind::RelationClassification | TaskKind::DialogueState | TaskKind::TextClassification)
}

/// What stands for delimiters of the text.
fn codes(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::DialogueState => {
            " Within a value, write a comma as &; and the characters [ ] | = as &( &) &/ &-."
        }
        _ => {
            " The codes &( &) &/ &- of a text stand for brackets, bars and equals signs; copy them as they are."
        }
    }
}

/// The names of labels, with the labels of the data where these are others: they may tell more.
fn list<'a>(text: &mut String, what: &str, labels: impl ExactSizeIterator<Item = (&'a str, &'a str)>) {
    if labels.len() == 0 {
        return;
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "\n\n{what}:");
    for (label, name) in labels {
        let _ = write!(text, "\n- {name}");
        if label.to_lowercase() != name.to_lowercase() {
            let _ = write!(text, " (in the data: {label})");
        }
    }
}

/// Domain by domain its slots, with their values where these are few.
fn slots(text: &mut String, ontology: &Ontology) {
    *text += "\n\nDomains and their slots:";
    for (domain, slots) in ontology {
        let slots = slots.iter().map(|(slot, values)| match values.len() {
            1..=MOST_VALUES => format!("{slot} ({})", values.join(", ")),
            _ => slot.clone(),
        });
        // Writing to a String cannot fail.
        let _ = write!(text, "\n- {domain}: {}", slots.collect::<Vec<_>>().join("; "));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Argument, Belief, Entity, Example, Relation, Schema, TokenSpan};

    fn schema() -> Schema {
        let ontology = [("domain".to_owned(), [("slot".to_owned(), vec!["value".to_owned()])].into())].into();
        Schema::new([("T", "type"), ("R", "role"), ("S", "slot")], [("REL", "relation"), ("ROLE", "role")])
            .unwrap()
            .with_classes([("I", "intent")])
            .unwrap()
            .with_triggers([("K", "kind")])
            .unwrap()
            .with_ontology(ontology)
            .unwrap()
    }

    /// What a form shows is what the codec writes, word for word.
    #[test]
    fn the_forms_are_those_of_the_codec() {
        let mut example = Example::new(["words", "other"]);
        example.entities = vec![Entity::new("T", 0, 1), Entity::new("T", 1, 2)];
        example.relations = vec![Relation { label: "REL".to_owned(), head: 0, tail: 1 }];
        let mut cases = vec![(TaskKind::Ner, example.clone(), "[ words | type ]")];
        cases.push((TaskKind::JointEr, example.clone(), "[ words | type | relation = other"));
        let mut slots = Example::new(["text", "with", "words"]);
        (slots.intent, slots.slots) = (Some("I".to_owned()), vec![Entity::new("S", 2, 3)]);
        cases.push((TaskKind::Slots, slots, "(( intent )) text with [ words | slot ]"));
        let mut roles = Example::new(["words", "go"]);
        (roles.predicate, roles.roles) = (Some(TokenSpan::new(1, 2)), vec![Entity::new("R", 0, 1)]);
        cases.push((TaskKind::Srl, roles, "[ words | role ]"));
        let mut pair = Example::new(["first", "second"]);
        (pair.head, pair.tail) = (Some(TokenSpan::new(0, 1)), Some(TokenSpan::new(1, 2)));
        pair.relation = Some("REL".to_owned());
        let answer = "relationship between [ first ] and [ second ] = relation";
        cases.push((TaskKind::RelationClassification, pair, answer));
        let mut dialogue = Example { history: Some("[User]: hi".to_owned()), ..Example::default() };
        dialogue.belief = vec![Belief::new("domain", "slot", "value")];
        cases.push((TaskKind::DialogueState, dialogue, "[belief] domain slot value"));
        let mut clusters = Example::new(["earlier", "words", "words"]);
        clusters.clusters = vec![vec![TokenSpan::new(0, 2), TokenSpan::new(2, 3)]];
        cases.push((TaskKind::Coref, clusters, "[ words | earlier words ]"));
        let mut event = Example::new(["words"]);
        event.triggers = vec![Entity::new("K", 0, 1)];
        cases.push((TaskKind::EventTriggers, event, "[ words | kind ]"));
        let mut part = Example::new(["words", "event", "words"]);
        (part.entities, part.triggers) = (vec![Entity::new("T", 0, 1)], vec![Entity::new("K", 1, 3)]);
        part.arguments = vec![Argument { label: "ROLE".to_owned(), entity: 0, trigger: 0 }];
        cases.push((TaskKind::EventArguments, part, "[ words | type | role = event words ]"));
        for (kind, example, shown) in cases {
            let task = Task::new(kind, schema(), Mode::Fixed);
            let target = task.encode(&example).unwrap().target;
            assert!(target.contains(shown), "{kind}: {target}");
            assert!(instructions(&task).contains(shown), "{kind}: {}", instructions(&task));
        }
    }

    #[test]
    fn labels_stand_with_their_names() {
        let schema = Schema::new([("PER", "person"), ("drug", "Drug")], [("Live_In", "lives in")]).unwrap();
        let text = instructions(&Task::joint_er(schema, Mode::Fixed));
        let end = "\n\nTypes:\n- person (in the data: PER)\n- Drug\n\nRelations:\n- lives in (in the data: Live_In)";
        assert!(text.ends_with(end), "{text}");
        let text = instructions(&Task::new(TaskKind::DialogueState, self::schema(), Mode::Fixed));
        assert!(text.ends_with("\n\nDomains and their slots:\n- domain: slot (value)"), "{text}");
    }

    #[test]
    fn codes_and_nesting_are_told_where_they_are_used() {
        let task = |mode| Task::ner(Schema::conll03(), mode);
        assert!(instructions(&task(Mode::Fixed)).contains("&("));
        assert!(!instructions(&task(Mode::Reference)).contains("&("));
        let flat = task(Mode::Fixed).with_nesting(Nesting::Flat);
        assert!(instructions(&flat).contains("never overlap"));
        assert!(instructions(&task(Mode::Fixed).with_nesting(Nesting::Nested)).contains("within another"));
    }
}
