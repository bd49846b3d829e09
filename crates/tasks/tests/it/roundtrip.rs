//! Decoding an encoded example gives it back, and any output can be decoded, in every task.

use fishdip_tasks::score::Score;
use fishdip_tasks::{Chunking, Decoded, Example, Mode, Quirks, Task, TaskKind};
use proptest::prelude::*;

use crate::support::examples::{example, schema, token};
use crate::support::facts;

fn task(kind: TaskKind, mode: Mode) -> Task {
    Task::new(kind, schema(), mode)
}

fn check(task: &Task, example: &Example) -> Result<(), TestCaseError> {
    for example in task.instances(example) {
        let encoded = task.encode(&example).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let decoded = task.decode(&example, &encoded.target);
        let gold = facts::gold(task.kind(), &example, &encoded.dropped);
        prop_assert_eq!(facts::found(task.kind(), &decoded), gold, "{}", encoded.target);
        prop_assert!(decoded.repairs.is_empty(), "{}: {:?}", encoded.target, decoded.repairs);
        prop_assert!(!decoded.wrong_reconstruction && !decoded.format_error, "{}", encoded.target);
        prop_assert!(!decoded.label_error && !decoded.entity_error);
        for entity in decoded.entities.iter().chain(&decoded.slots).chain(&decoded.roles) {
            let markup = &encoded.target[entity.markup.clone()];
            prop_assert!(markup.starts_with('[') && markup.ends_with(']'));
        }
    }
    Ok(())
}

fn spans(decoded: &Decoded) -> Vec<(usize, usize)> {
    let entities = [&decoded.entities, &decoded.slots, &decoded.roles, &decoded.triggers];
    let mentions = decoded.links.iter().flat_map(|link| [Some(link.mention), link.antecedent]).flatten();
    let clusters = decoded.clusters.iter().flatten().copied();
    let all = entities.into_iter().flatten().map(|e| (e.start, e.end));
    all.chain(mentions.chain(clusters).map(|m| (m.start, m.end))).collect()
}

fn figures(value: &serde_json::Value, all: &mut Vec<f64>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                if !["n", "support", "examples"].contains(&key.as_str()) {
                    figures(value, all);
                }
            }
        }
        serde_json::Value::Number(number) => all.extend(number.as_f64()),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn fixed_mode_is_lossless_for_any_tokens(example in example(token())) {
        for kind in TaskKind::ALL {
            check(&task(kind, Mode::Fixed), &example)?;
        }
    }

    #[test]
    fn fixed_mode_is_lossless_where_texts_repeat(example in example("[ab2]")) {
        for kind in TaskKind::ALL {
            check(&task(kind, Mode::Fixed), &example)?;
        }
    }

    #[test]
    fn fixed_mode_is_lossless_where_tokens_hold_spaces(example in example("[ab]|[ab][ \u{a0}\u{3000}]{1,2}[ab]")) {
        // The values of a dialogue are no tokens.
        for kind in TaskKind::ALL.into_iter().filter(|&kind| kind != TaskKind::DialogueState) {
            check(&task(kind, Mode::Fixed), &example)?;
        }
    }

    #[test]
    fn reference_mode_is_lossless_for_plain_tokens(example in example("[ab]{1,2}")) {
        use TaskKind::{EventTriggers, Ner, RelationClassification, Slots, Srl, TextClassification};
        for kind in [EventTriggers, Ner, RelationClassification, Slots, Srl, TextClassification] {
            check(&task(kind, Mode::Reference), &example)?;
        }
    }

    #[test]
    fn any_output_can_be_decoded(
        example in example(token()),
        output in prop_oneof![
            r"\PC{0,30}",
            prop::collection::vec(
                prop::sample::select(vec![
                    "[", "]", "|", "=", "person", "kills", "a", "b", "é ", "((", "))", "location", "[belief]",
                    "hotel area", "hotel name b", ",", "not given", "2", "1",
                ]),
                0..25,
            ).prop_map(|pieces| pieces.join(" ")),
        ],
        mode in prop::sample::select(vec![Mode::Reference, Mode::Fixed]),
    ) {
        for kind in TaskKind::ALL {
            let task = task(kind, mode);
            let decoded = task.decode(&example, &output);
            for (start, end) in spans(&decoded) {
                prop_assert!(start < end && end <= example.tokens.len());
            }
            for entity in decoded.entities.iter().chain(&decoded.slots).chain(&decoded.triggers) {
                prop_assert!(output[entity.markup.clone()].starts_with('['));
            }
            let length = output.chars().count();
            prop_assert!(decoded.repairs.iter().all(|repair| repair.at <= length));
            prop_assert!(decoded.repairs.is_sorted());

            let json = serde_json::to_value(task.score([(&example, &decoded)])).unwrap();
            let mut all = Vec::new();
            figures(&json, &mut all);
            prop_assert!(all.len() > 4 && all.iter().all(|figure| (0.0..=1.0).contains(figure)), "{json}");
        }
    }

    #[test]
    fn what_is_right_scores_one(example in example("[ab]{1,2}"), repeat in 1_usize..3) {
        for kind in TaskKind::ALL {
            let task = task(kind, Mode::Fixed);
            for example in task.instances(&example) {
                let encoded = task.encode(&example).unwrap();
                let gold = facts::gold(kind, &example, &[]);
                if facts::gold(kind, &example, &encoded.dropped) != gold || gold.is_empty() {
                    continue;
                }
                if gold == ["class no_relation"] || (gold.len() == 1 && gold[0].starts_with("intent")) || example.clusters.iter().any(|c| c.len() < 2) {
                    continue;
                }
                let decoded = task.decode(&example, &encoded.target);
                let report = task.score(std::iter::repeat_n((&example, &decoded), repeat));
                prop_assert!((report.headline() - 1.0).abs() < 1e-9, "{kind}: {report:?}");
                if let Score::Coref(score) = report.score {
                    prop_assert!(score.muc.f1 > 0.99 && score.b3.f1 > 0.99 && score.ceafe.f1 > 0.99);
                }
            }
        }
    }

    #[test]
    fn quirks_are_independent(example in example(token()), bits in 0_u32..1 << 16) {
        let names: Vec<String> = serde_json::to_value(Quirks::ALL).unwrap().as_object().unwrap().keys().cloned().collect();
        let some: serde_json::Map<String, serde_json::Value> =
            names.iter().enumerate().map(|(i, name)| (name.clone(), (bits >> i & 1 == 1).into())).collect();
        let quirks: Quirks = serde_json::from_value(some.into()).unwrap();
        for kind in TaskKind::ALL {
            let task = task(kind, Mode::Fixed).with_quirks(quirks);
            for example in task.instances(&example) {
                let encoded = task.encode(&example).unwrap();
                task.score([(&example, &task.decode(&example, &encoded.target))]);
            }
        }
    }

    #[test]
    fn chunks_cover_a_document(tokens in 0_usize..40, size in 0_usize..12, overlap in 0_usize..12) {
        let document = Example::new((0..tokens).map(|i| i.to_string()));
        let mut next = 0;
        for chunk in (Chunking { size, overlap }).chunks(&document) {
            prop_assert!(chunk.offset <= next && !chunk.example.tokens.is_empty());
            prop_assert_eq!(&chunk.example.tokens[0], &chunk.offset.to_string());
            prop_assert!(chunk.offset + chunk.example.tokens.len() > next);
            next = chunk.offset + chunk.example.tokens.len();
        }
        prop_assert_eq!(next, tokens);
    }
}
