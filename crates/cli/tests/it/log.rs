//! What `-v` and `--log` show, and what the variables do to it.

use assert_cmd::Command;
use serde_json::Value;

use crate::project::{Outcome, Project};

/// A training of two steps with more arguments and variables.
fn train(arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let project = Project::new();
    let mut command = Command::cargo_bin("fishdip").unwrap();
    command.current_dir(project.path("")).env_remove("FISHDIP_LOG").env_remove("RUST_LOG");
    command.envs(variables.iter().copied()).args(["train", "--config", "run.toml", "--run", "out", "--json"]);
    command.args(["--set", "training.steps=2", "--set", "evaluation.before=false"]).args(arguments);
    let outcome = Outcome::from(command.output().unwrap());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout.lines().count(), 1, "the log is on standard error alone: {}", outcome.stdout);
    outcome
}

#[test]
fn each_v_logs_more() {
    let silent = train(&[], &[]).stderr;
    assert!(!silent.contains("INFO") && !silent.contains("time.busy"), "{silent}");

    let phases = train(&["-v"], &[]).stderr;
    let refresh = phases.lines().find(|line| line.contains("refresh{step=0}"));
    assert!(refresh.is_some_and(|line| line.contains("close") && line.contains("time.busy=")), "{phases}");
    assert!(!phases.contains("stepped"), "{phases}");

    let steps = train(&["-vv"], &[]).stderr;
    assert_eq!(steps.matches("stepped").count(), 2, "{steps}");
    assert!(!steps.contains('\u{1b}'), "no colours into a pipe: {steps}");
}

#[test]
fn variables_go_before_the_option() {
    let ours = train(&["-vv"], &[("FISHDIP_LOG", "off"), ("RUST_LOG", "debug")]).stderr;
    assert!(!ours.contains("stepped") && !ours.contains("time.busy"), "{ours}");
    let usual = train(&[], &[("FISHDIP_LOG", ""), ("RUST_LOG", "fishdip_train=debug")]).stderr;
    assert!(usual.contains("stepped"), "{usual}");
}

#[test]
fn a_log_of_json_has_an_object_a_line() {
    let stderr = train(&["-vv", "--log", "json"], &[]).stderr;
    // Beside it, progress stays text.
    let lines = stderr.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let stepped = lines.iter().find(|line| line["fields"]["message"] == "stepped").unwrap();
    assert!(stepped["fields"]["loss"].is_f64() && stepped["level"] == "DEBUG", "{stepped}");
    let of_refresh =
        |line: &&Value| line["fields"]["message"] == "close" && line["span"]["name"] == "refresh";
    let refresh = lines.iter().find(of_refresh).unwrap();
    assert!(refresh["fields"]["time.busy"].is_string(), "{refresh}");
}
