//! Spans that are annotated more than once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Argument, Entity, Example, Relation, TokenSpan};

/// An example with every span once, and for each span of the other which of these it is.
pub(crate) struct Once {
    pub(crate) example: Example,
    pub(crate) entity: Vec<usize>,
    pub(crate) slot: Vec<usize>,
    pub(crate) role: Vec<usize>,
    pub(crate) trigger: Vec<usize>,
    /// Mentions, counted through all clusters.
    pub(crate) mention: Vec<usize>,
}

impl Example {
    /// The spans that repeat an earlier one, label included. They count once wherever spans are counted.
    pub fn repeats(&self) -> Vec<&Entity> {
        let mut repeats = Vec::new();
        for list in [&self.entities, &self.slots, &self.roles, &self.triggers] {
            let mut seen = BTreeSet::new();
            repeats.extend(list.iter().filter(|span| !seen.insert(*span)));
        }
        repeats
    }

    /// The spans that begin or end inside a token. They are trained as the tokens that they touch, and an
    /// output cannot have them.
    pub fn inside_words(&self) -> Vec<&Entity> {
        let lists = [&self.entities, &self.slots, &self.roles, &self.triggers];
        lists.into_iter().flatten().filter(|span| span.chars.is_some()).collect()
    }

    /// The example with every span of tokens once, if some are there more often. Relations and arguments of a
    /// repeated span become those of the first. A mention that is in two clusters stays in both.
    pub(crate) fn once(&self) -> Option<Once> {
        let (entities, entity) = first_of(&self.entities);
        let (slots, slot) = first_of(&self.slots);
        let (roles, role) = first_of(&self.roles);
        let (triggers, trigger) = first_of(&self.triggers);
        let (clusters, mention) = mentions(self);
        let all = self.entities.len() + self.slots.len() + self.roles.len() + self.triggers.len();
        let kept = entities.len() + slots.len() + roles.len() + triggers.len();
        if all == kept && clusters == self.clusters {
            return None;
        }
        let pick = |list: &[Entity], kept: &[usize]| kept.iter().map(|&i| list[i].clone()).collect();
        // An example that was not checked yet may name what there is not.
        let at = |places: &[usize], index: usize| places.get(index).copied().unwrap_or(index);
        let mut seen = BTreeSet::new();
        let relation =
            |r: &Relation| Relation::new(r.label.as_str(), at(&entity, r.head), at(&entity, r.tail));
        let relations = self.relations.iter().map(relation).filter(|r| seen.insert(r.clone())).collect();
        let mut seen = BTreeSet::new();
        let argument =
            |a: &Argument| Argument::new(a.label.as_str(), at(&entity, a.entity), at(&trigger, a.trigger));
        let arguments = self.arguments.iter().map(argument).filter(|a| seen.insert(a.clone())).collect();
        let example = Self {
            entities: pick(&self.entities, &entities),
            slots: pick(&self.slots, &slots),
            roles: pick(&self.roles, &roles),
            triggers: pick(&self.triggers, &triggers),
            relations,
            arguments,
            clusters,
            ..self.clone()
        };
        Some(Once { example, entity, slot, role, trigger, mention })
    }
}

/// The indices of the spans that are the first over their tokens with their label, and for each span which of
/// these it is.
fn first_of(spans: &[Entity]) -> (Vec<usize>, Vec<usize>) {
    let (mut seen, mut kept) = (BTreeMap::new(), Vec::new());
    let mut places = Vec::with_capacity(spans.len());
    for (index, span) in spans.iter().enumerate() {
        let place = *seen.entry((span.label.as_str(), span.start, span.end)).or_insert_with(|| {
            kept.push(index);
            kept.len() - 1
        });
        places.push(place);
    }
    (kept, places)
}

/// The clusters with every mention once, and for each mention which of these it is, both counted through all
/// clusters.
fn mentions(example: &Example) -> (Vec<Vec<TokenSpan>>, Vec<usize>) {
    let (mut places, mut before) = (Vec::new(), 0);
    let once = |cluster: &Vec<TokenSpan>| {
        let mut seen = BTreeMap::new();
        let mut members = Vec::new();
        for &mention in cluster {
            let place = *seen.entry(mention).or_insert_with(|| {
                members.push(mention);
                before + members.len() - 1
            });
            places.push(place);
        }
        before += members.len();
        members
    };
    (example.clusters.iter().map(once).collect(), places)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_hangs_on_a_repeated_span_hangs_on_the_first() {
        let mut example = Example::new(["a", "b", "c"]);
        let [a, b] = [Entity::new("A", 0, 1), Entity::new("B", 1, 2)];
        example.entities = vec![a.clone(), a.clone(), b.clone(), a.clone()];
        example.relations =
            vec![Relation::new("r", 3, 2), Relation::new("r", 0, 2), Relation::new("s", 2, 1)];
        example.triggers = vec![b.clone(), b.clone()];
        example.arguments = vec![Argument::new("x", 1, 1), Argument::new("x", 0, 0)];
        let mention = |start| TokenSpan::new(start, start + 1);
        example.clusters = vec![vec![mention(0), mention(1), mention(0)], vec![mention(2), mention(0)]];
        let once = example.once().unwrap();
        assert_eq!((once.entity, once.trigger), (vec![0, 0, 1, 0], vec![0, 0]));
        assert_eq!(once.mention, [0, 1, 0, 2, 3]);
        assert_eq!(once.example.entities, [a, b]);
        assert_eq!(once.example.relations, [Relation::new("r", 0, 1), Relation::new("s", 1, 0)]);
        assert_eq!(once.example.arguments, [Argument::new("x", 0, 0)]);
        assert_eq!(once.example.clusters[0], [mention(0), mention(1)]);
        assert_eq!(example.repeats().len(), 3);
        assert!(once.example.once().is_none());
    }

    #[test]
    fn other_characters_are_another_span_over_the_same_words() {
        let mut example = Example::new(["unhappily"]);
        let span =
            |start, end| Entity { chars: Some(crate::CharRange { start, end }), ..Entity::new("A", 0, 1) };
        example.entities = vec![span(0, 2), span(2, 9)];
        assert!(example.repeats().is_empty());
        assert_eq!(example.once().unwrap().example.entities, [span(0, 2)]);
    }
}
