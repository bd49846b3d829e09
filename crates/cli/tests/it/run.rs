//! Train, evaluate, predict: what a user gets, twice the same, and after a signal.

use serde_json::Value;
use std::fs;

use crate::project::Project;

#[test]
fn train_evaluate_predict() {
    let project = Project::new();
    let trained = project.train("out", &[]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    assert_eq!(trained.stdout.lines().count(), 1, "stdout is the JSON alone");
    let report = trained.json();
    for field in [
        "run",
        "adapter",
        "task",
        "method",
        "seed",
        "backend",
        "before",
        "after",
        "entries_total",
        "entries_trained",
        "steps",
        "seconds",
        "seconds_per_step",
        "seconds_per_refresh",
        "peak_rss_mib",
    ] {
        assert!(!report[field].is_null(), "{field} is missing in {report}");
    }
    assert_eq!(report["entries_trained"], 40709, "1 % of 4,070,976");
    assert_eq!(report["steps"], 3);
    for field in ["f1", "precision", "recall", "n", "per_label"] {
        assert!(!report["after"][field].is_null(), "{field}");
    }

    let events = fs::read_to_string(project.path("out/events.jsonl")).unwrap();
    let events: Vec<Value> = events.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |kind: &str| events.iter().filter(|e| e["event"] == kind).count();
    assert_eq!([of("started"), of("evaluated"), of("mask-chosen"), of("step"), of("saved")], [1, 2, 2, 3, 1]);

    let evaluated = project.run(&["evaluate", "--adapter", "out/adapter", "--json"]);
    assert_eq!(evaluated.code, Some(0), "{}", evaluated.stderr);
    assert_eq!(evaluated.json()["results"][0]["score"], report["after"], "saved and loaded, the same scores");

    for decode in ["constrained", "free", "beam"] {
        let found = project.run(&["evaluate", "--adapter", "out/adapter", "--decode", decode, "--json"]);
        assert_eq!(found.code, Some(0), "{}", found.stderr);
        let repairs = &found.json()["results"][0]["repairs"];
        assert!(decode == "free" || repairs == 0, "{decode}: {repairs} repairs");
    }

    let text = "Maria met Øyvind in São Paulo.\n\nNo one came.\n";
    let predicted = project.run_with(&["predict", "--adapter", "out/adapter"], text);
    assert_eq!(predicted.code, Some(0), "{}", predicted.stderr);
    let lines: Vec<Value> = predicted.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let texts: Vec<&str> = lines.iter().map(|l| l["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Maria met Øyvind in São Paulo.", "", "No one came."]);
    check_offsets(&lines);

    let conll =
        project.run(&["predict", "--adapter", "out/adapter", "--format", "conll", "--input", "data/dev.txt"]);
    assert_eq!(conll.code, Some(0), "{}", conll.stderr);
    let lines: Vec<Value> = conll.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    check_offsets(&lines);

    let moved = project.path("elsewhere");
    fs::rename(project.path("model"), &moved).unwrap();
    let gone = project.run(&["evaluate", "--adapter", "out/adapter"]);
    assert_eq!(gone.code, Some(2));
    let found = project.run(&["evaluate", "--adapter", "out/adapter", "--model", "elsewhere", "--json"]);
    assert_eq!(found.json()["results"][0]["score"], report["after"]);
}

/// Every span's text stands in the line's text at its character offsets.
fn check_offsets(lines: &[Value]) {
    for line in lines {
        let text: Vec<char> = line["text"].as_str().unwrap().chars().collect();
        // The model is not asked about a line without a word.
        let asked = text.iter().any(|c| !c.is_whitespace());
        assert_eq!(line["score"].is_f64(), asked, "{line}");
        let whole = line["score"].as_f64().unwrap_or_default();
        assert!((0.0..=1.0).contains(&whole), "{line}");
        for span in line["spans"].as_array().unwrap() {
            let at = |key: &str| span[key].as_u64().unwrap() as usize;
            let found: String = text[at("start")..at("end")].iter().collect();
            assert_eq!(found, span["text"].as_str().unwrap());
            let score = span["score"].as_f64().unwrap();
            assert!(whole <= score + 1e-6, "an output is no more probable than a part of it: {line}");
            assert!(score > 0.0 && score <= 1.0 + 1e-6, "{score}");
        }
    }
}

#[test]
fn the_same_config_gives_the_same_bits_in_another_process() {
    let project = Project::new();
    for run in ["a", "b"] {
        assert_eq!(project.train(run, &["--set", "evaluation.before=false"]).code, Some(0));
    }
    assert_eq!(project.train("c", &["--set", "training.seed=2"]).code, Some(0));
    let bytes = |run: &str| fs::read(project.path(run).join("adapter/adapter_model.safetensors")).unwrap();
    assert!(bytes("a") == bytes("b"), "dropout, order and masks follow from the seed");
    assert!(bytes("a") != bytes("c"), "another seed is another run");
    let losses = |run: &str| -> Vec<Value> {
        let events = fs::read_to_string(project.path(run).join("events.jsonl")).unwrap();
        let events = events.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        events.filter(|e| e["event"] == "step").map(|e| e["loss"].clone()).collect()
    };
    assert_eq!(losses("a"), losses("b"));
}

#[cfg(unix)]
#[test]
fn a_signal_saves_and_exits_with_3() {
    use std::io::{BufRead, BufReader};
    let project = Project::new();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
        .current_dir(project.path(""))
        .args(["train", "--config", "run.toml", "--run", "out"])
        .args(["--set", "training.steps=100000", "--set", "evaluation.before=false"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    // The first progress line tells that training goes on.
    let line = stderr.by_ref().map_while(Result::ok).find(|l| l.starts_with("step "));
    assert!(line.is_some());
    let kill = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let rest: Vec<String> = stderr.map_while(Result::ok).collect();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{rest:?}");
    assert!(rest.iter().any(|l| l.contains("stopped at step") && l.contains("out/adapter")), "{rest:?}");
    assert_eq!(project.run(&["evaluate", "--adapter", "out/adapter"]).code, Some(0));
}

#[test]
fn a_run_in_bf16_is_used_in_bf16() {
    let project = Project::new();
    let trained = project.train("out", &["--set", "model.dtype=bf16"]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let evaluated = project.run(&["evaluate", "--adapter", "out/adapter", "--json"]);
    assert_eq!(evaluated.code, Some(0), "{}", evaluated.stderr);
    assert_eq!(evaluated.json()["results"][0]["score"], trained.json()["after"]);
    // In f32 the same entries stand in another model.
    let adapter = fs::read_to_string(project.path("out/adapter/adapter_config.json")).unwrap();
    assert!(adapter.contains("\"dtype\": \"bf16\""), "{adapter}");
}

#[test]
fn tables_are_for_people() {
    let project = Project::new();
    let outcome = project.run(&["train", "--config", "run.toml", "--set", "training.steps=1"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for part in [
        "  precision  recall      F1   gold",
        "F1 before training 0.0000, after",
        "run      runs/run-1",
        "adapter  runs/run-1/adapter",
    ] {
        assert!(outcome.stdout.contains(part), "{part:?} is not in {}", outcome.stdout);
    }
}
