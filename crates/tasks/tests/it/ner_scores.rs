//! Scores of tag sequences, compared with those of seqeval and conlleval in
//! `fixtures/golden/ner-scores.json`.

use std::collections::BTreeMap;
use std::path::Path;

use fishdip_tasks::Entity;
use fishdip_tasks::score::SpanCounts;
use fishdip_tasks::tags::{TagScheme, spans, strict_iob2};
use serde_json::Value;

type Tags = Vec<Vec<String>>;

fn tags(case: &Value, key: &str) -> Tags {
    serde_json::from_value(case[key].clone()).unwrap()
}

/// Our counts of the entities that `read` finds in both.
fn counts(gold: &Tags, predicted: &Tags, read: impl Fn(&[String]) -> Vec<Entity>) -> SpanCounts {
    let mut counts = SpanCounts::default();
    for (gold, predicted) in gold.iter().zip(predicted) {
        let (gold, predicted) = (read(gold), read(predicted));
        counts.add(
            gold.iter().map(|e| (e.label.as_str(), (e.start, e.end))),
            predicted.iter().map(|e| (e.label.as_str(), (e.start, e.end))),
        );
    }
    counts
}

fn compare(name: &str, expected: &Value, counts: &SpanCounts) {
    let near = |what: &str, is: f64, expected: &Value| {
        assert!((is - expected.as_f64().unwrap()).abs() < 1e-9, "{name}: {what} {is}, not {expected}");
    };
    let labels: BTreeMap<String, Value> = serde_json::from_value(expected["labels"].clone()).unwrap();
    let all = counts.per_label().iter().map(|(label, &counts)| (label.as_str(), counts, &labels[label]));
    for (label, counts, expected) in all.chain([("micro", counts.total(), &expected["micro"])]) {
        assert_eq!(counts.gold as u64, expected["support"].as_u64().unwrap(), "{name}: {label}");
        if let Some(predicted) = expected.get("pred") {
            assert_eq!(counts.predicted as u64, predicted.as_u64().unwrap(), "{name}: {label}");
            assert_eq!(counts.correct as u64, expected["correct"].as_u64().unwrap(), "{name}: {label}");
        }
        // The port of conlleval gives precision 1 where nothing is predicted; conlleval itself 0.
        if counts.predicted > 0 || expected.get("pred").is_none() {
            near(label, counts.precision(), &expected["precision"]);
            near(label, counts.recall(), &expected["recall"]);
            near(label, counts.f1(), &expected["f1"]);
        }
    }
}

#[test]
fn seqeval_and_conlleval_agree() {
    let file = Path::new("../../fixtures/golden/ner-scores.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(cases.len() > 40);
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let (gold, predicted) = (tags(case, "gold"), tags(case, "pred"));
        let lenient = counts(&gold, &predicted, |tags| spans(tags, TagScheme::Reference).unwrap());
        compare(&format!("{name} (conlleval)"), &case["conlleval"], &lenient);
        compare(&format!("{name} (seqeval)"), &case["default"], &lenient);
        compare(&format!("{name} (strict)"), &case["strict"], &counts(&gold, &predicted, strict_iob2));
    }
}
