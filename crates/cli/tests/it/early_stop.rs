//! Scores between the steps, the best of them, and early stops.

use serde_json::Value;
use std::fs;

use crate::checkpoints::set;
use crate::project::Project;

fn events(project: &Project, run: &str, kind: &str) -> Vec<Value> {
    let events = fs::read_to_string(project.path(run).join("events.jsonl")).unwrap();
    let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.filter(|event| event["event"] == kind).collect()
}

#[test]
fn the_adapter_is_that_of_the_best_scores() {
    let project = Project::new();
    let settings = ["training.steps=12", "evaluation.every=3", "evaluation.before=false", "method.every=4"];
    let trained = project.train("out", &set(&settings));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let report = trained.json();
    let scored = events(&project, "out", "evaluated");
    let steps: Vec<u64> = scored.iter().map(|event| event["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [3, 6, 9, 12]);
    // The first of the highest.
    let mut best = &scored[0];
    for event in &scored[1..] {
        if event["report"]["f1"].as_f64() > best["report"]["f1"].as_f64() {
            best = event;
        }
    }
    assert_eq!(report["best_step"], best["step"]);
    assert_eq!(report["after"], best["report"]);
    assert_eq!(events(&project, "out", "saved")[0]["step"], best["step"]);
    let evaluated = project.run(&["evaluate", "--adapter", "out/adapter", "--json"]);
    assert_eq!(evaluated.json()["results"][0]["score"], report["after"], "{}", evaluated.stderr);
}

#[test]
fn nothing_better_for_some_checks_ends_a_training() {
    let project = Project::new();
    // A rate at which nothing is learned: the first score stays the best.
    let settings = [
        "training.steps=40",
        "evaluation.every=2",
        "evaluation.before=false",
        "training.patience=3",
        "optimizer.learning_rate=1e-12",
    ];
    let stopped = project.train("score", &set(&settings));
    assert_eq!(stopped.code, Some(0), "{}", stopped.stderr);
    assert_eq!(stopped.json()["steps"], 8, "scores at 2, and three that are no better");
    assert_eq!(stopped.json()["best_step"], 2);
    assert_eq!(events(&project, "score", "stopped-early")[0]["step"], 8);
    assert!(stopped.stderr.contains("stopped early at step 8"), "{}", stopped.stderr);

    let settings = [
        "training.steps=400",
        "evaluation.before=false",
        "training.patience=1",
        "training.watch=loss",
        "optimizer.learning_rate=1e-12",
        "training.batch_size=12",
        "training.dropout=0",
    ];
    // With every example in every batch and nothing learned, the second mean of 50 losses is no lower than the first, but for rounding.
    let stopped = project.train("loss", &set(&settings));
    assert_eq!(stopped.code, Some(0), "{}", stopped.stderr);
    let steps = stopped.json()["steps"].as_u64().unwrap();
    assert!(steps < 400 && steps.is_multiple_of(50), "{steps}");

    let refused = project.train("none", &set(&["training.patience=3"]));
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("set `evaluation.every`"), "{}", refused.stderr);
}
