//! Losses of short trainings, as they were recorded: what is rebuilt must train as before.
//!
//! The last bits depend on the processor's instructions, so that losses are compared within a thousandth. With the variable `UPDATE_GOLDEN` set,
//! they are recorded anew, which is right only where a change is meant to change them.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

use crate::project::Project;

const RECORD: &str = "../../fixtures/golden/recorded-losses.json";

/// The losses of twenty steps.
fn losses(project: &Project, method: &str) -> Vec<f64> {
    let name = format!("method.name={method}");
    let mut more = vec!["--set", &name, "--set", "training.steps=20", "--set", "evaluation.before=false"];
    if method == "fish-dip" {
        more.extend(["--set", "method.every=5"]);
    }
    let trained = project.train(method, &more);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let events = fs::read_to_string(project.path(method).join("events.jsonl")).unwrap();
    let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.filter(|event| event["event"] == "step").map(|event| event["loss"].as_f64().unwrap()).collect()
}

#[test]
fn training_goes_on_as_recorded() {
    let project = Project::new();
    let found: BTreeMap<&str, Vec<f64>> =
        ["fish-dip", "full", "random"].into_iter().map(|method| (method, losses(&project, method))).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(RECORD, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let recorded: BTreeMap<String, Vec<f64>> =
        serde_json::from_str(&fs::read_to_string(RECORD).unwrap()).unwrap();
    for (method, losses) in &found {
        let expected = &recorded[*method];
        assert_eq!((losses.len(), expected.len()), (20, 20), "{method}");
        for (step, (found, expected)) in losses.iter().zip(expected).enumerate() {
            assert!(
                (found - expected).abs() <= 1e-3 * expected,
                "{method}, step {}: {found}, not {expected}",
                step + 1
            );
        }
    }
}
