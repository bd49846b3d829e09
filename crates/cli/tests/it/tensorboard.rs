//! TensorBoard's own reader finds the numbers of `events.jsonl` in what a run leaves for it.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::project::Project;
use crate::python::python;

/// Prints the scalars in a folder: for each tag, its steps and values.
const READER: &str = r#"
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator, SCALARS
board = EventAccumulator(sys.argv[1], size_guidance={SCALARS: 0})
board.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in board.Scalars(tag)] for tag in board.Tags()["scalars"]}))
"#;

type Curves = BTreeMap<String, Vec<(u64, f64)>>;

/// What `events.jsonl` tells of the tags that every run has.
fn told(events: &str) -> Curves {
    let mut curves = Curves::new();
    for event in events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let fields: &[(&str, &str)] = match event["event"].as_str().unwrap() {
            "step" => &[
                ("train/loss", "loss"),
                ("train/gradient_norm", "gradient_norm"),
                ("train/learning_rate", "learning_rate"),
                ("train/seconds_per_step", "seconds"),
            ],
            "mask-chosen" => &[("mask/churn", "churn"), ("mask/entries", "entries")],
            "evaluated" => &[("eval/f1", "f1"), ("eval/precision", "precision"), ("eval/recall", "recall")],
            _ => &[],
        };
        let step = event["step"].as_u64().unwrap_or_default();
        let mut add = |tag: String, value: &Value| {
            curves.entry(tag).or_default().push((step, value.as_f64().unwrap()));
        };
        for &(tag, field) in fields {
            let values = if event["event"] == "evaluated" { &event["report"] } else { &event };
            add(tag.to_owned(), &values[field]);
        }
        // The labels of the project are letters alone, so that their tags are as they are.
        let labels = event["report"]["per_label"].as_object();
        labels
            .into_iter()
            .flatten()
            .for_each(|(name, score)| add(format!("eval_label_f1/{name}"), &score["f1"]));
    }
    curves
}

/// Numbers of single precision are near those of a line, which have six digits.
fn assert_near(found: &Curves, expected: &Curves) {
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (tag, points) in expected {
        let steps = |points: &[(u64, f64)]| points.iter().map(|point| point.0).collect::<Vec<_>>();
        assert_eq!(steps(&found[tag]), steps(points), "{tag}");
        for (&(step, found), &(_, expected)) in found[tag].iter().zip(points) {
            assert!(
                (found - expected).abs() <= 1e-5 * expected.abs(),
                "{tag}, step {step}: {found}, {expected}"
            );
        }
    }
}

/// The one file in a folder.
fn only_file(folder: &Path) -> std::path::PathBuf {
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[test]
fn tensorboard_reads_the_numbers_of_the_events() {
    let project = Project::new();
    let trained = project.train("out", &[]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let folder = project.path("out/tensorboard");
    let file = only_file(&folder);
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    assert!(name.starts_with("events.out.tfevents."), "{name}");

    let modules = "tensorboard.backend.event_processing.event_accumulator";
    let Some(python) = python(modules) else { return };
    let read = || -> Curves {
        let output = python(&["-c", READER, folder.to_str().unwrap()]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let expected = told(&fs::read_to_string(project.path("out/events.jsonl")).unwrap());
    let whole = read();
    assert_near(&whole, &expected);
    assert_eq!(json!(whole["train/loss"].len()), trained.json()["steps"]);

    // A process that is killed leaves a part of its last record, here of the last evaluation.
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 3]).unwrap();
    let torn = read();
    assert_eq!(torn["eval/f1"], whole["eval/f1"][..1]);
    assert_eq!(torn["train/loss"], whole["train/loss"]);
}
