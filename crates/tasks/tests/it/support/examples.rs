//! Examples with annotations of every kind, for property tests.

use std::collections::BTreeMap;

use fishdip_tasks::codec::is_space;
use fishdip_tasks::{Argument, Belief, Entity, Example, Relation, Schema, TokenSpan};
use proptest::prelude::*;

const LABELS: [&str; 4] = ["LOC", "MISC", "ORG", "PER"];
const ROLES: [&str; 3] = ["Kill", "Live_In", "no_relation"];

pub(crate) fn schema() -> Schema {
    let names = [("LOC", "location"), ("MISC", "miscellaneous"), ("ORG", "organization"), ("PER", "person")];
    let relations = [("Kill", "kills"), ("Live_In", "lives in"), ("no_relation", "no relation")];
    let schema = Schema::new(names, relations).unwrap();
    let schema = schema.with_classes(names).unwrap().with_triggers(names).unwrap();
    schema.with_ontology(Schema::multiwoz().ontology().clone()).unwrap()
}

pub(crate) fn token() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        3 => prop::sample::select("[]|=&()/-:;,［］｜＝".chars().collect::<Vec<_>>()),
        3 => prop::sample::select("abλ🦀\u{301}".chars().collect::<Vec<_>>()),
        1 => any::<char>().prop_filter("white space", |&c| !is_space(c)),
    ];
    prop_oneof![
        4 => prop::collection::vec(character, 1..5).prop_map(String::from_iter),
        1 => prop::sample::select(vec!["((", "))", "[belief]", "a", "2"]).prop_map(str::to_owned),
    ]
}

/// One to eight tokens, with annotations of every kind over them.
pub(crate) fn example(token: impl Strategy<Value = String>) -> impl Strategy<Value = Example> {
    let slots: Vec<(String, String)> = Schema::multiwoz()
        .ontology()
        .iter()
        .flat_map(|(domain, slots)| slots.keys().map(|slot| (domain.clone(), slot.clone())))
        .collect();
    prop::collection::vec(token, 1..9).prop_flat_map(move |tokens| {
        let length = tokens.len();
        let span = move || {
            (0..length, 1..=length).prop_map(move |(start, size)| (start, (start + size).min(length)))
        };
        let entities = move |count| {
            let entity = (prop::sample::select(&LABELS[..]), span())
                .prop_map(|(label, (start, end))| Entity::new(label, start, end));
            prop::collection::vec(entity, count)
        };
        let index = any::<prop::sample::Index>;
        let links = prop::collection::vec((prop::sample::select(&ROLES[..]), index(), index()), 0..6);
        let mentions = prop::collection::btree_map(span(), 0_usize..3, 0..8);
        let beliefs = prop::collection::btree_map(
            prop::sample::select(slots.clone()),
            prop::sample::subsequence(tokens.clone(), 1..=length),
            0..4,
        );
        let classes = (prop::sample::select(&LABELS[..]), prop::sample::select(&ROLES[..]));
        let spans = (entities(0..7), entities(1..4), prop::array::uniform3(span()));
        (Just(tokens), spans, links, mentions, beliefs, classes).prop_map(
            |(tokens, (entities, triggers, [predicate, head, tail]), links, mentions, beliefs, classes)| {
                let mut example = Example::new(tokens);
                if !entities.is_empty() {
                    for (role, a, b) in links {
                        example.relations.push(Relation::new(
                            role,
                            a.index(entities.len()),
                            b.index(entities.len()),
                        ));
                        let (entity, trigger) = (a.index(entities.len()), b.index(triggers.len()));
                        example.arguments.push(Argument::new(role, entity, trigger));
                    }
                }
                let span = |(start, end)| TokenSpan::new(start, end);
                example.predicate = Some(span(predicate));
                (example.head, example.tail) = (Some(span(head)), Some(span(tail)));
                (example.slots, example.roles) = (entities.clone(), entities.clone());
                (example.entities, example.triggers) = (entities, triggers);
                let mut clusters = BTreeMap::<usize, Vec<TokenSpan>>::new();
                for (mention, cluster) in mentions {
                    clusters.entry(cluster).or_default().push(span(mention));
                }
                example.clusters = clusters.into_values().collect();
                example.belief = beliefs
                    .into_iter()
                    .map(|((domain, slot), words)| Belief::new(domain, slot, words.join(" ")))
                    .collect();
                example.history = Some(example.tokens.join("  "));
                (example.intent, example.label) = (Some(classes.0.to_owned()), Some(classes.0.to_owned()));
                example.relation = Some(classes.1.to_owned());
                example
            },
        )
    })
}
