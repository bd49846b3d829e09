//! Reference mode on outputs most of which are broken.
//!
//! `fixtures/golden/reference-outputs.jsonl` has the schema in its first line, then one case a line: `task`,
//! `example`, `output`, and what an independent implementation of the original program's rules makes of them:
//! `source`, `target`, `found` (facts, see `support/facts.rs`; arguments without the kind of the entity),
//! `flags`, `counts` (gold, predicted and correct entities, then relations), and for dialogue states the
//! `items` it compares and `joint_accuracy`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fishdip_tasks::score::{Counts, Score};
use fishdip_tasks::{Belief, Decoded, Example, Mode, Report, Schema, Task, TaskKind};
use serde::Deserialize;

use crate::support::facts;

#[derive(Deserialize)]
struct First {
    schema: Schema,
}

#[derive(Deserialize)]
struct Case {
    task: TaskKind,
    example: Example,
    output: String,
    source: String,
    target: String,
    found: Option<Vec<String>>,
    #[serde(default)]
    flags: BTreeMap<String, bool>,
    counts: Option<[usize; 6]>,
    items: Option<BTreeSet<String>>,
    joint_accuracy: Option<f64>,
}

fn found(kind: TaskKind, decoded: &Decoded) -> Vec<String> {
    if kind != TaskKind::EventArguments {
        return facts::found(kind, decoded);
    }
    let arguments = decoded.arguments.iter().map(|argument| {
        let (entity, trigger) = (&argument.entity, &argument.trigger);
        let ends =
            format!("{} {} of {} {} {}", entity.start, entity.end, trigger.label, trigger.start, trigger.end);
        format!("argument {} {ends}", argument.label)
    });
    arguments.collect::<BTreeSet<_>>().into_iter().collect()
}

fn items(decoded: &Decoded) -> BTreeSet<String> {
    let text = |Belief { domain, slot, value }: &Belief| {
        if domain.is_empty() { value.clone() } else { format!("{domain} {slot} {value}") }
    };
    decoded.belief.iter().map(|belief| text(belief).replace('-', " ")).collect()
}

fn counts(report: &Report) -> [usize; 6] {
    let Counts { gold, predicted, correct } = report.spans().unwrap().counts;
    let relations = report.relation.as_ref().unwrap().counts;
    [gold, predicted, correct, relations.gold, relations.predicted, relations.correct]
}

fn check(case: &Case, schema: &Schema) {
    let task = Task::new(case.task, schema.clone(), Mode::Reference);
    let output = &case.output;
    let encoded = task.encode(&case.example).unwrap();
    assert_eq!(encoded.source, case.source);
    assert_eq!(encoded.target, case.target);
    let decoded = task.decode(&case.example, output);
    if let Some(expected) = &case.found {
        assert_eq!(&found(case.task, &decoded), expected, "{output:?}");
    }
    for (flag, expected) in &case.flags {
        let is_set = match flag.as_str() {
            "wrong_reconstruction" => decoded.wrong_reconstruction,
            "format_error" => decoded.format_error,
            "label_error" => decoded.label_error,
            "entity_error" => decoded.entity_error,
            other => unreachable!("{other}"),
        };
        assert_eq!(is_set, *expected, "{flag} of {output:?}");
    }
    let report = task.score([(&case.example, &decoded)]);
    if let Some(expected) = case.counts {
        assert_eq!(counts(&report), expected, "{output:?}");
    }
    if let (Some(expected), Some(joint), Score::Dialogue(score)) =
        (&case.items, case.joint_accuracy, &report.score)
    {
        assert_eq!(&items(&decoded), expected, "{output:?}");
        assert!((score.joint_accuracy - joint).abs() < 1e-9, "{output:?}");
    }
}

#[test]
fn broken_outputs_are_read_as_the_original_reads_them() {
    let file = Path::new("../../fixtures/golden/reference-outputs.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let First { schema } = serde_json::from_str(lines.next().unwrap()).unwrap();
    let mut kinds = BTreeMap::<TaskKind, usize>::new();
    for line in lines {
        let case: Case = serde_json::from_str(line).unwrap();
        check(&case, &schema);
        *kinds.entry(case.task).or_default() += 1;
    }
    assert!(kinds.len() == 9 && kinds.values().all(|&count| count > 30), "{kinds:?}");
}
