//! A stretch of an example, with the annotations that lie whole within it.

use std::ops::Range;

use crate::{Argument, Entity, Example, Relation, TokenSpan};

/// The part `number` of `example`: its `tokens`, and what is annotated on them alone. Of clusters, those that
/// have two mentions or more within; what is said of the whole (an intent, a class) is said of the part.
pub(super) fn part(example: &Example, tokens: Range<usize>, number: usize) -> Example {
    let shift = |span: TokenSpan| {
        let within = tokens.start <= span.start && span.start <= span.end && span.end <= tokens.end;
        within.then(|| TokenSpan::new(span.start - tokens.start, span.end - tokens.start))
    };
    let mut part = Example::new(example.tokens[tokens.clone()].iter().cloned());
    part.id = format!("{}-{number}", example.id);
    part.origin.clone_from(&example.origin);
    let (entities, entity) = kept(&example.entities, shift);
    let (triggers, trigger) = kept(&example.triggers, shift);
    (part.entities, part.triggers) = (entities, triggers);
    (part.slots, part.roles) = (kept(&example.slots, shift).0, kept(&example.roles, shift).0);
    // An example that was not checked yet may name what there is not.
    let at = |places: &[Option<usize>], index: usize| places.get(index).copied().flatten();
    let relations = example.relations.iter();
    part.relations = relations
        .filter_map(|r| Some(Relation::new(r.label.as_str(), at(&entity, r.head)?, at(&entity, r.tail)?)))
        .collect();
    let arguments = example.arguments.iter();
    part.arguments = arguments
        .filter_map(|a| {
            Some(Argument::new(a.label.as_str(), at(&entity, a.entity)?, at(&trigger, a.trigger)?))
        })
        .collect();
    part.predicate = example.predicate.and_then(shift);
    (part.head, part.tail) = (example.head.and_then(shift), example.tail.and_then(shift));
    let clusters = example.clusters.iter();
    part.clusters = clusters
        .map(|cluster| cluster.iter().copied().filter_map(shift).collect::<Vec<_>>())
        .filter(|cluster| cluster.len() > 1)
        .collect();
    part.intent.clone_from(&example.intent);
    part.relation.clone_from(&example.relation);
    part.label.clone_from(&example.label);
    part
}

/// The spans that lie within the part, and for each of all where it is among them.
fn kept(
    spans: &[Entity],
    shift: impl Fn(TokenSpan) -> Option<TokenSpan>,
) -> (Vec<Entity>, Vec<Option<usize>>) {
    let mut kept = Vec::new();
    let place = |span: &Entity| {
        let TokenSpan { start, end } = shift(TokenSpan::new(span.start, span.end))?;
        kept.push(Entity { start, end, ..span.clone() });
        Some(kept.len() - 1)
    };
    let places = spans.iter().map(place).collect();
    (kept, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_within_is_kept_and_counted_anew() {
        let mut example = Example::new(["a", "b", "c", "d", "e"]);
        example.id = "x".to_owned();
        example.entities = vec![Entity::new("A", 0, 2), Entity::new("B", 2, 3), Entity::new("C", 1, 4)];
        example.relations = vec![Relation::new("r", 2, 1), Relation::new("s", 0, 1)];
        example.triggers = vec![Entity::new("T", 0, 1), Entity::new("U", 3, 4)];
        example.arguments = vec![Argument::new("x", 1, 0), Argument::new("y", 2, 1)];
        example.clusters = vec![
            vec![TokenSpan::new(0, 1), TokenSpan::new(2, 3)],
            vec![TokenSpan::new(1, 2), TokenSpan::new(0, 1), TokenSpan::new(3, 4)],
        ];
        (example.predicate, example.head) = (Some(TokenSpan::new(3, 4)), Some(TokenSpan::new(3, 5)));
        example.intent = Some("i".to_owned());

        // What is wrong in an example does not matter here.
        example.relations.push(Relation::new("t", 1, 9));
        example.slots = vec![Entity::new("S", 3, 0), Entity::new("S", 4, 9)];

        let part = part(&example, 1..4, 2);
        assert_eq!(
            (part.id.as_str(), part.tokens.as_slice()),
            ("x-2", &["b", "c", "d"].map(str::to_owned)[..])
        );
        assert_eq!(part.entities, [Entity::new("B", 1, 2), Entity::new("C", 0, 3)]);
        assert_eq!(part.relations, [Relation::new("r", 1, 0)]);
        assert_eq!(part.triggers, [Entity::new("U", 2, 3)]);
        assert_eq!(part.arguments, [Argument::new("y", 1, 0)]);
        assert_eq!(part.clusters, [[TokenSpan::new(0, 1), TokenSpan::new(2, 3)]]);
        assert_eq!((part.predicate, part.head), (Some(TokenSpan::new(2, 3)), None));
        assert!(part.slots.is_empty());
        assert_eq!(part.intent.as_deref(), Some("i"));
    }
}
