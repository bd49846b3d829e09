//! Adapters that are damaged, edited, older, or put on another model than theirs.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;

use crate::project::{Outcome, Project};

/// What is done to the bytes of a file.
type Change = Box<dyn FnOnce(&mut Vec<u8>)>;

const CONFIG: &str = "out/adapter/adapter_config.json";

fn trained() -> Project {
    let project = Project::new();
    let outcome = project.train("out", &["--set", "training.steps=1", "--set", "evaluation.before=false"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    project
}

fn predict(project: &Project) -> Outcome {
    project.run_with(&["predict", "--adapter", "out/adapter"], "Maria Lopez flew to Oslo .\n")
}

/// Writes the file `name` as `change` makes it, and returns what it was.
fn changed(project: &Project, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let whole = fs::read(project.path(name)).unwrap();
    let mut bytes = whole.clone();
    change(&mut bytes);
    assert_ne!(whole, bytes);
    fs::write(project.path(name), bytes).unwrap();
    whole
}

fn replace(from: &str, to: &str) -> impl FnOnce(&mut Vec<u8>) {
    move |bytes| *bytes = String::from_utf8(bytes.clone()).unwrap().replacen(from, to, 1).into_bytes()
}

#[test]
fn another_base_model_is_refused_and_what_differs_is_named() {
    let project = trained();
    assert_eq!(predict(&project).code, Some(0));
    let flip = |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1;
    let changes: [(&str, Change, &str); 3] = [
        ("model/model.safetensors", Box::new(flip), "other tensors;"),
        (
            "model/config.json",
            Box::new(replace("\"decoder_start_token_id\": 0", "\"decoder_start_token_id\": 1")),
            "other config.json;",
        ),
        (
            "model/tokenizer.json",
            Box::new(replace("\"rstrip\": false", "\"rstrip\": true")),
            "other tokenizer (tokenizer.json);",
        ),
    ];
    for (file, change, expected) in changes {
        let whole = changed(&project, file, change);
        let outcome = predict(&project);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{file}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains(expected) && outcome.stderr.contains("--model"),
            "{}",
            outcome.stderr
        );
        fs::write(project.path(file), whole).unwrap();
    }
    // What does not change a computation may change.
    changed(&project, "model/config.json", replace("{", "{\"transformers_version\": \"0.0.0\","));
    assert_eq!(predict(&project).code, Some(0));
}

#[test]
fn a_damaged_bit_is_refused() {
    let project = trained();
    for (file, at) in [(CONFIG, 200), ("out/adapter/adapter_model.safetensors", 5000)] {
        let whole = changed(&project, file, |bytes| bytes[at] ^= 4);
        let outcome = predict(&project);
        assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(file), "{}", outcome.stderr);
        fs::write(project.path(file), whole).unwrap();
    }
}

#[test]
fn numbers_of_a_config_have_ranges() {
    let project = trained();
    let whole: Value = serde_json::from_slice(&fs::read(project.path(CONFIG)).unwrap()).unwrap();
    for (section, key, value) in [
        ("evaluation", "beams", json!(0)),
        ("evaluation", "beams", json!(1u64 << 31)),
        ("evaluation", "batch_size", json!(0)),
        ("evaluation", "batch_pieces", json!(u64::MAX)),
        ("evaluation", "max_output_pieces", json!(1u64 << 62)),
        ("data", "max_source_pieces", json!(u64::MAX)),
    ] {
        let mut config = whole.clone();
        // An edit that is meant.
        config.as_object_mut().unwrap().remove("config_hash").unwrap();
        config["run"][section][key] = value.clone();
        fs::write(project.path(CONFIG), config.to_string()).unwrap();
        let outcome = predict(&project);
        assert_eq!(outcome.code, Some(2), "{key} {value}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(&format!("{section}.{key}")), "{key} {value}: {}", outcome.stderr);
    }
}

#[test]
fn an_adapter_of_an_older_layout_is_read_with_a_note() {
    let fixtures = fs::canonicalize(Path::new("../../fixtures")).unwrap();
    let project = Project::new();
    let golden = fs::read_to_string(fixtures.join("adapters/before-hashes.jsonl")).unwrap();
    let golden: Vec<Value> = golden.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<&str> = golden.iter().map(|line| line["text"].as_str().unwrap()).collect();
    let adapter = fixtures.join("adapters/before-hashes");
    let outcome = project.run_with(
        &["predict", "--adapter", adapter.to_str().unwrap(), "--model", "model"],
        &(texts.join("\n") + "\n"),
    );
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("warning: ") && outcome.stderr.contains("keeps no hash of its values"),
        "{}",
        outcome.stderr
    );
    for (line, golden) in outcome.stdout.lines().zip(&golden) {
        let line: Value = serde_json::from_str(line).unwrap();
        let spans = line["spans"].as_array().unwrap().iter();
        let found: Vec<Value> =
            spans.map(|span| json!([span["start"], span["end"], span["label"]])).collect();
        assert_eq!(Value::from(found), golden["spans"], "{line}");
    }
    assert_eq!(outcome.stdout.lines().count(), golden.len());
}
