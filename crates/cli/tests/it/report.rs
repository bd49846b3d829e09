//! `report`, `mask` and `evaluate --errors` on a run that was trained here.

use serde_json::Value;
use std::fs;

use crate::project::Project;

/// A run of a few steps, which finds little.
fn trained() -> Project {
    let project = Project::new();
    let outcome = project.train("out", &["--set", "training.steps=4"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    project
}

#[test]
fn a_run_is_told_as_a_page_and_as_figures() {
    let project = trained();
    let told = project.run(&["report", "out", "--json"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert_eq!(told.json()["path"], "out/report.html");
    let again = project.run(&["report", "out", "--force"]);
    assert_eq!((again.code, again.stdout.trim()), (Some(0), "out/report.html"), "{}", again.stderr);
    let html = fs::read_to_string(project.path("out/report.html")).unwrap();
    for part in [
        "id=\"curves\"",
        "id=\"scores\"",
        "id=\"sentences\"",
        "id=\"mask\"",
        "id=\"hard\"",
        "learning_rate",
        ">done<",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
    // The texts of the hard samples, and what the model is to write for them.
    let samples = fs::read_to_string(project.path("out/samples.jsonl")).unwrap();
    assert_eq!(samples.lines().count(), 12);
    let sample: Value = serde_json::from_str(samples.lines().next().unwrap()).unwrap();
    assert!(sample["at"].as_str().unwrap().contains("train.txt:"), "{sample}");
    assert!(sample["target"].as_str().unwrap().contains('|'), "{sample}");

    let mask = project.run(&["mask", "out", "--json", "--svg", "mask.svg"]);
    assert_eq!(mask.code, Some(0), "{}", mask.stderr);
    let mask = mask.json();
    let choices = mask["choices"].as_array().unwrap();
    assert_eq!(choices.iter().map(|choice| choice["step"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 2]);
    assert!(choices[0]["overlap"].is_null() && choices[1]["overlap"].as_f64().unwrap() <= 1.0);
    let shares = mask["layers"].as_array().unwrap().iter().map(|layer| layer["share"].as_f64().unwrap());
    assert!((shares.sum::<f64>() - 1.0).abs() < 1e-3, "{mask}");
    assert!(fs::read_to_string(project.path("mask.svg")).unwrap().starts_with("<svg "));
    for command in [&["mask", "out", "--svg", "mask.svg"][..], &["report", "out", "--out", "mask.svg"]] {
        let there = project.run(command);
        assert!(
            there.code == Some(2) && there.stderr.contains("mask.svg already exists"),
            "{}",
            there.stderr
        );
    }
    let table = project.run(&["mask", "out"]);
    assert!(table.stdout.contains("hard samples  ") && table.stdout.contains("entropy"), "{}", table.stdout);
}

#[test]
fn what_is_wrong_is_written_example_by_example() {
    let project = trained();
    let evaluated =
        project.run(&["evaluate", "--adapter", "out/adapter", "--errors", "wrong.jsonl", "--json"]);
    assert_eq!(evaluated.code, Some(0), "{}", evaluated.stderr);
    let lines = fs::read_to_string(project.path("wrong.jsonl")).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |key: &str| lines.iter().map(|line| line[key].as_array().unwrap().len() as f64).sum::<f64>();
    // What is annotated and was not found, by the scores and by the file.
    let score = &evaluated.json()["results"][0]["score"];
    let missed = score["n"].as_f64().unwrap() * (1.0 - score["recall"].as_f64().unwrap());
    assert!((missed - count("missed") - count("borders") - count("labels")).abs() < 0.1, "{score} {lines:?}");

    // What is there stays, unless it is to go.
    project.write("wrong.jsonl", "mine");
    let again = ["evaluate", "--adapter", "out/adapter", "--errors", "wrong.jsonl"];
    let refused = project.run(&again);
    assert!(refused.code == Some(2) && refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(project.path("wrong.jsonl")).unwrap(), "mine");
    assert_eq!(project.run(&[&again[..], &["--force"]].concat()).code, Some(0));
    assert!(fs::read_to_string(project.path("wrong.jsonl")).unwrap() != "mine");
    // Not even then is anything written over what is read.
    for read in ["out/adapter/adapter_config.json", "data/dev.txt", "out/config.toml"] {
        let before = fs::read(project.path(read)).unwrap();
        let command = match read {
            "out/config.toml" => &["report", "out", "--out", read, "--force"][..],
            _ => &["evaluate", "--adapter", "out/adapter", "--errors", read, "--force"],
        };
        let refused = project.run(command);
        assert!(refused.code == Some(2) && refused.stderr.contains("is what is read"), "{}", refused.stderr);
        assert_eq!(fs::read(project.path(read)).unwrap(), before);
    }
    let over = ["evaluate", "--adapter", "out/adapter", "--errors", "out/events.jsonl", "--force"];
    let (refused, events) =
        (project.run(&over), fs::read_to_string(project.path("out/events.jsonl")).unwrap());
    assert!(
        refused.code == Some(2) && refused.stderr.contains("is what a run or an adapter keeps"),
        "{}",
        refused.stderr
    );
    assert!(events.contains("\"event\":\"started\""), "{events}");
    for nowhere in ["no/wrong.jsonl", "out", "wrong.jsonl/a"] {
        let outcome = project.run(&["evaluate", "--adapter", "out/adapter", "--errors", nowhere]);
        assert_eq!(outcome.code, Some(2), "{nowhere}: {}", outcome.stderr);
    }
}

/// Nobody can make a file in `/proc`, whoever runs the tests.
#[cfg(target_os = "linux")]
#[test]
fn where_nothing_can_be_written_is_told_before_anything_else() {
    let project = Project::new();
    // What is named first is not there, and is not looked for.
    for command in [
        &["evaluate", "--adapter", "nowhere", "--errors", "/proc/a"][..],
        &["evaluate", "--adapter", "nowhere", "--errors", "/proc/a", "--force"],
        &["export", "--merged", "--adapter", "nowhere", "--out", "/proc/a"],
        &["adapter", "merge", "nowhere", "neither", "--out", "/proc/a"],
        &["adapter", "prune", "nowhere", "--keep", "0.5", "--out", "/proc/a"],
        &["mask", "nowhere", "--svg", "/proc/a"],
        &["train", "--config", "run.toml", "--set", "model.path=./nowhere", "--run", "/proc/a"],
    ] {
        let refused = project.run(command);
        assert_eq!(refused.code, Some(2), "{command:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("failed to create /proc/a: "), "{command:?}: {}", refused.stderr);
    }
}

#[test]
fn a_run_that_was_killed_and_two_runs_are_told() {
    let project = trained();
    assert_eq!(project.train("other", &["--set", "training.seed=2"]).code, Some(0));
    let told = project.run(&["report", "out", "other", "--out", "both.html"]);
    assert_eq!((told.code, told.stdout.trim()), (Some(0), "both.html"), "{}", told.stderr);
    let html = fs::read_to_string(project.path("both.html")).unwrap();
    assert!(
        html.contains("id=\"comparison\"") && html.contains("4 sentences that both scored"),
        "no differences"
    );

    // As a kill leaves it: no result, and a line that is not whole.
    for file in ["result.json", "predictions.jsonl"] {
        fs::remove_file(project.path("out").join(file)).unwrap();
    }
    let events = fs::read(project.path("out/events.jsonl")).unwrap();
    fs::write(project.path("out/events.jsonl"), &events[..events.len() - 20]).unwrap();
    let told = project.run(&["report", "out"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let html = fs::read_to_string(project.path("out/report.html")).unwrap();
    assert!(
        html.contains("ended early") && html.contains("fishdip train --resume out"),
        "its state is not told"
    );

    for command in ["report", "mask"] {
        let none = project.run(&[command, "data"]);
        assert_eq!(none.code, Some(2), "{}", none.stderr);
        assert!(none.stderr.starts_with("error: failed to report data: "), "{}", none.stderr);
    }
}
