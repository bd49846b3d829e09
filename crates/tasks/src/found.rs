//! What a model found, as annotations.

use crate::decoded::{Decoded, FoundEntity};
use crate::example::{Argument, Entity, Example, Relation};

impl Example {
    /// The same text, with what `decoded` says of it in the place of all that a model predicts: what annotators
    /// would correct. What the model was asked about (a predicate, the ends of a relation) stays; triggers do
    /// where none was found.
    #[must_use]
    pub fn with_found(&self, decoded: &Decoded) -> Self {
        let mut example = self.clone();
        let spans = |found: &[FoundEntity]| found.iter().map(entity).collect::<Vec<_>>();
        example.entities = spans(&decoded.entities);
        example.slots = spans(&decoded.slots);
        example.roles = spans(&decoded.roles);
        if !decoded.triggers.is_empty() {
            example.triggers = spans(&decoded.triggers);
        }
        let index = |among: &[Entity], found: &FoundEntity| {
            among.iter().position(|other| (other.label.as_str(), other.start, other.end) == found.key())
        };
        let relation = |found: &crate::FoundRelation| {
            let ends = [&found.head, &found.tail].map(|end| index(&example.entities, end));
            let [Some(head), Some(tail)] = ends else { return None };
            Some(Relation::new(found.label.as_str(), head, tail))
        };
        let relations: Vec<Relation> = decoded.relations.iter().filter_map(relation).collect();
        let argument = |found: &crate::FoundArgument| {
            let entity = index(&example.entities, &found.entity)?;
            Some(Argument::new(found.label.as_str(), entity, index(&example.triggers, &found.trigger)?))
        };
        let arguments: Vec<Argument> = decoded.arguments.iter().filter_map(argument).collect();
        (example.relations, example.arguments) = (relations, arguments);
        example.intent.clone_from(&decoded.intent);
        example.relation.clone_from(&decoded.relation);
        example.label.clone_from(&decoded.label);
        example.belief.clone_from(&decoded.belief);
        example.clusters.clone_from(&decoded.clusters);
        example.trimmed.clear();
        example
    }
}

fn entity(found: &FoundEntity) -> Entity {
    Entity::new(found.label.as_str(), found.start, found.end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{Entity, Example, Mode, Relation, Schema, Task};

    #[test]
    fn what_was_found_is_what_would_be_learnt() {
        let schema = Schema::new([("PER", "person"), ("LOC", "place")], [("born", "born in")]).unwrap();
        let task = Task::joint_er(schema, Mode::Fixed);
        let mut example = Example::new(["Tolkien", "was", "born", "here"]);
        example.entities = vec![Entity::new("LOC", 0, 1)];
        let output = "[ Tolkien | person | born in = here ] was born [ here | place ]";
        let found = example.with_found(&task.decode(&example, output));
        assert_eq!(found.entities, [Entity::new("PER", 0, 1), Entity::new("LOC", 3, 4)]);
        assert_eq!(found.relations, [Relation::new("born", 0, 1)]);
        assert_eq!(task.encode(&found).unwrap().target, output);
    }
}
