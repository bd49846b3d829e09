//! Decoding an encoded example gives it back, and any output can be decoded.

use std::collections::BTreeSet;

use fishdip_tasks::codec::is_space;
use fishdip_tasks::{Entity, Example, FoundEntity, Mode, Schema, Task};
use proptest::prelude::*;

const LABELS: [&str; 4] = ["LOC", "MISC", "ORG", "PER"];

fn token() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        3 => prop::sample::select("[]|=&()/-:［］｜＝".chars().collect::<Vec<_>>()),
        3 => prop::sample::select("abλ🦀\u{301}".chars().collect::<Vec<_>>()),
        1 => any::<char>().prop_filter("white space", |&c| !is_space(c)),
    ];
    prop::collection::vec(character, 1..5).prop_map(String::from_iter)
}

fn example(token: impl Strategy<Value = String>) -> impl Strategy<Value = Example> {
    prop::collection::vec(token, 0..9).prop_flat_map(|tokens| {
        let length = tokens.len().max(1);
        let entity = (prop::sample::select(&LABELS[..]), 0..length, 1..=length);
        let count = if tokens.is_empty() { 0..1 } else { 0..7 };
        prop::collection::vec(entity, count).prop_map(move |entities| {
            let mut example = Example::new(tokens.clone());
            example.entities = entities
                .into_iter()
                .map(|(label, start, size)| Entity::new(label, start, (start + size).min(length)))
                .collect();
            example
        })
    })
}

fn check(task: &Task, example: &Example) -> Result<(), TestCaseError> {
    let encoded = task.encode(example).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let decoded = task.decode(example, &encoded.target);
    let kept = example.entities.iter().enumerate().filter(|(i, _)| !encoded.dropped.contains(i));
    let gold: BTreeSet<_> = kept.map(|(_, e)| (e.label.as_str(), e.start, e.end)).collect();
    let found: BTreeSet<_> = decoded.entities.iter().map(FoundEntity::key).collect();
    prop_assert_eq!(&found, &gold, "{}", encoded.target);
    prop_assert_eq!(decoded.entities.len(), gold.len());
    prop_assert!(decoded.repairs.is_empty(), "{:?}", decoded.repairs);
    prop_assert!(!decoded.wrong_reconstruction && !decoded.format_error && !decoded.label_error);
    for entity in &decoded.entities {
        let markup = &encoded.target[entity.markup.clone()];
        prop_assert!(markup.starts_with('[') && markup.ends_with(']'));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn fixed_mode_is_lossless_for_any_tokens(example in example(token())) {
        check(&Task::ner(Schema::conll03(), Mode::Fixed), &example)?;
    }

    #[test]
    fn both_modes_are_lossless_for_plain_tokens(example in example("[ab]{1,2}")) {
        check(&Task::ner(Schema::conll03(), Mode::Reference), &example)?;
        check(&Task::ner(Schema::conll03(), Mode::Fixed), &example)?;
    }

    #[test]
    fn any_output_can_be_decoded(
        tokens in prop::collection::vec(token(), 0..6),
        output in prop_oneof![
            r"\PC{0,30}",
            prop::collection::vec(prop::sample::select(vec!["[", "]", "|", "=", "person", "a", "b", "é "]), 0..25)
                .prop_map(|pieces| pieces.join(" ")),
        ],
    ) {
        let example = Example::new(tokens);
        for mode in [Mode::Reference, Mode::Fixed] {
            let decoded = Task::ner(Schema::conll03(), mode).decode(&example, &output);
            for entity in &decoded.entities {
                prop_assert!(entity.start < entity.end && entity.end <= example.tokens.len());
                prop_assert!(output[entity.markup.clone()].starts_with('['));
            }
            let length = output.chars().count();
            prop_assert!(decoded.repairs.iter().all(|repair| repair.at <= length));
            prop_assert!(decoded.repairs.is_sorted());
        }
    }
}
