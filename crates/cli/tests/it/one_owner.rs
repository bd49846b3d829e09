//! One process has a run folder.

use std::process::{Command, Stdio};

use crate::project::{Outcome, Project};

/// Starts trainings in the same instant, and waits for all.
fn at_once(project: &Project, count: usize, more: &[&str]) -> Vec<Outcome> {
    let start = |_| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("fishdip"));
        command.current_dir(project.path(".")).args(["train", "--config", "run.toml", "--json"]);
        command.args(["--set", "training.steps=1", "--set", "evaluation.before=false"]).args(more);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let started: Vec<_> = (0..count).map(start).collect();
    started.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect()
}

#[test]
fn trainings_without_a_folder_of_their_own_each_find_one() {
    let project = Project::new();
    let mut runs: Vec<String> = Vec::new();
    for outcome in at_once(&project, 4, &[]) {
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        runs.push(outcome.json()["run"].as_str().unwrap().to_owned());
    }
    runs.sort();
    assert_eq!(runs, ["runs/run-1", "runs/run-2", "runs/run-3", "runs/run-4"]);
}

#[test]
fn of_trainings_in_one_folder_one_goes_on() {
    let project = Project::new();
    let outcomes = at_once(&project, 4, &["--run", "out"]);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.code == Some(0)).count(), 1);
    for outcome in outcomes.iter().filter(|outcome| outcome.code != Some(0)) {
        assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
        let is_held = outcome.stderr.contains("another process (") && outcome.stderr.contains(") has out;");
        assert!(is_held || outcome.stderr.contains("out already holds a run"), "{}", outcome.stderr);
    }
    assert_eq!(project.run(&["evaluate", "--adapter", "out/adapter"]).code, Some(0));
}
