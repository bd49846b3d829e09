//! `[self_training]`: what a model is sure of is learned by the next one, in runs and in simulations.

use serde_json::Value;
use std::fs;

use crate::project::Project;

/// The sentences behind those of the project as texts, and the scored ones, which are not to be learned.
fn project() -> Project {
    let project = Project::new();
    let texts = |text: &str, skip: usize, take: usize| {
        let words = |sentence: &str| {
            sentence.lines().filter_map(|line| line.split_whitespace().next()).collect::<Vec<_>>().join(" ")
        };
        let all: Vec<String> = text.split("\n\n").skip(skip).take(take).map(words).collect();
        all.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>()
    };
    let more = fs::read_to_string("../../fixtures/data/quickstart/train.txt").unwrap();
    let dev = fs::read_to_string(project.path("data/dev.txt")).unwrap();
    let mut all = texts(&more, 12, 10);
    all.extend(texts(&dev, 0, 4));
    project.write("data/unlabelled.txt", &(all.join("\n") + "\n"));
    let run = fs::read_to_string(project.path("run.toml")).unwrap();
    project.write(
        "self.toml",
        &(run + "\n[self_training]\ntexts = \"unlabelled.txt\"\nrounds = 2\nthreshold = 0.0\n"),
    );
    project
}

#[test]
fn what_the_model_is_sure_of_is_learned_beside_the_labels() {
    let project = project();
    let train = ["train", "--config", "self.toml", "--run", "out", "--json"];
    let outcome = project.run(&train);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("4 of the texts of data/unlabelled.txt are texts that models are scored on"),
        "{}",
        outcome.stderr
    );
    let report = outcome.json();
    let rounds = report["self_training"].as_array().unwrap();
    let counts: Vec<[u64; 3]> = rounds
        .iter()
        .map(|round| ["gold", "texts", "accepted"].map(|key| round[key].as_u64().unwrap()))
        .collect();
    // A fifth of the twelve labelled sentences is learned by the last training alone; texts with a fault in what was found are not learned.
    assert_eq!(counts.iter().map(|of| [of[0], of[1]]).collect::<Vec<_>>(), [[10, 10], [10, 10], [12, 10]]);
    assert_eq!(counts[0][2], 0);
    for (name, [gold, _, accepted]) in ["00", "01", "02"].iter().zip(&counts) {
        let text = fs::read_to_string(project.path(&format!("out/rounds/{name}.jsonl"))).unwrap();
        assert_eq!(text.lines().count() as u64, gold + accepted, "{name}");
    }
    assert!(counts[1][2] > 0, "{counts:?}");
    assert_eq!(rounds[2]["score"], report["after"]["f1"]);
    let evaluated = project.run(&["evaluate", "--adapter", "out/adapter", "--json"]);
    assert_eq!(evaluated.json()["results"][0]["score"], report["after"], "{}", evaluated.stderr);

    // Where the end is missing, it goes on to the same.
    fs::remove_dir_all(project.path("out/adapter")).unwrap();
    fs::remove_file(project.path("out/result.json")).unwrap();
    fs::remove_dir_all(project.path("out/rounds/02")).unwrap();
    let again = project.run(&["train", "--resume", "out", "--json"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(
        (&again.json()["after"], &again.json()["self_training"]),
        (&report["after"], &report["self_training"])
    );
}

#[test]
fn a_threshold_that_nothing_reaches_is_told() {
    let project = project();
    let set = ["--set", "self_training.threshold=1.0", "--set", "self_training.rounds=1"];
    let mut train = vec!["train", "--config", "self.toml", "--run", "out", "--json"];
    train.extend(set);
    let outcome = project.run(&train);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.json()["self_training"][1]["accepted"], 0);
    assert!(outcome.stderr.contains("lower self_training.threshold"), "{}", outcome.stderr);
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_written() {
    let project = project();
    project.write("data/empty.txt", "\n");
    let scored = fs::read_to_string(project.path("data/unlabelled.txt")).unwrap();
    let scored: Vec<&str> = scored.lines().rev().take(4).collect();
    project.write("data/scored.txt", &(scored.join("\n") + "\n"));
    for (set, says) in [
        ("self_training.threshold=1.5", "`self_training.threshold` must be a number from 0 to 1"),
        ("self_training.rounds=0", "`self_training.rounds` must be a whole number from 1"),
        ("self_training.texts=empty.txt", "empty.txt holds no text"),
        ("self_training.texts=scored.txt", "holds no text beside those that are labelled"),
        ("self_training.texts=none.txt", "none.txt"),
        ("self_training.wight=1", "unknown field `wight`"),
        ("evaluation.decode=free", "[self_training] learns from outputs without a fault"),
    ] {
        let refused = project.run(&["train", "--config", "self.toml", "--run", "out", "--set", set]);
        assert_eq!(refused.code, Some(2), "{set}: {}", refused.stderr);
        assert!(refused.stderr.contains(says), "{set}: {}", refused.stderr);
        assert!(!project.path("out").exists(), "{set}");
    }
}

#[test]
fn the_rounds_of_a_simulation_learn_from_what_is_not_labelled() {
    let project = Project::new();
    let run = fs::read_to_string(project.path("run.toml")).unwrap();
    let tables = "\n[active]\nstrategy = \"random\"\nstart = 4\nquery = 3\nbudget = 7\n\n[self_training]\nthreshold = 0.0\ncalibration_share = 0.0\n";
    project.write("active.toml", &(run + tables));
    let outcome = project.run(&["active", "--config", "active.toml", "--run", "out", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for (round, gold, texts) in [("00", 4, 8), ("01", 7, 5)] {
        let result = fs::read_to_string(project.path(&format!("out/rounds/{round}/result.json"))).unwrap();
        let result: Value = serde_json::from_str(&result).unwrap();
        let last = &result["self_training"][1];
        assert_eq!((last["gold"].as_u64(), last["texts"].as_u64()), (Some(gold), Some(texts)), "{result}");
    }
}
