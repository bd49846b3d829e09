//! Few-shot episodes out of one file of relations.

use std::fs;

use serde_json::{Value, json};

use crate::checkpoints::set;
use crate::project::Project;

/// Six relations with eight sentences each, as FewRel has them.
fn file(project: &Project) {
    let sentence = |relation: usize, number: usize| {
        let (head, tail) = (format!("Ann{number}"), format!("Town{relation}"));
        json!({"tokens": [head, "is", "here", tail], "h": [head, "Q1", [[0]]], "t": [tail, "Q2", [[3]]]})
    };
    let relations: serde_json::Map<String, Value> = (0..6)
        .map(|relation| (format!("P{relation}"), (0..8).map(|number| sentence(relation, number)).collect()))
        .collect();
    project.write("data/val.json", &Value::from(relations).to_string());
    project.write(
        "run.toml",
        "[model]\npath = \"model\"\n\n[data]\ndir = \"data\"\ntrain = \"val.json\"\nformat = \"fewrel\"\n\n[data.episode]\nways = 3\nshots = 2\nqueries = 4\n\n\
         [task]\nname = \"relation-classification\"\n\n[task.relations]\nP0 = \"born in\"\nP1 = \"lives in\"\nP2 = \"works in\"\nP3 = \"near\"\nP4 = \"part of\"\nP5 = \"ruler\"\n\n\
         [method]\nhard_samples = 2\n\n[training]\nsteps = 3\nbatch_size = 4\n\n[evaluation]\nbefore = false\nmax_output_pieces = 48\n",
    );
}

#[test]
fn an_episode_is_trained_on_scored_and_found_again() {
    let project = Project::new();
    file(&project);
    let trained = project.train("run", &[]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    assert!(trained.stderr.contains("an episode of 3 relations, drawn with seed 1"), "{}", trained.stderr);
    let report = trained.json();
    let held_out = &report["held_out"];
    assert_eq!((&held_out["examples"], &held_out["left"]), (&12.into(), &6.into()));
    // The adapter knows the three relations of its episode.
    let info = project.run(&["adapter", "info", "run/adapter", "--json"]).json();
    assert_eq!(info["labels"]["relations"].as_object().unwrap().len(), 3, "{info}");
    let evaluated = project.run(&["evaluate", "--adapter", "run/adapter", "--json"]);
    assert_eq!(evaluated.json()["results"][0]["score"], report["after"], "{}", evaluated.stderr);
    // Seeds are episodes: that of the run, or one of its own.
    let of = |run: &str, settings: &[&str]| {
        let trained = project.train(run, &set(settings));
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        trained.json()["held_out"]["hash"].clone()
    };
    assert_ne!(of("other", &["training.seed=2"]), held_out["hash"]);
    assert_eq!(of("same", &["training.seed=2", "data.episode.seed=1"]), held_out["hash"]);
    // Of another file nothing is told.
    let text = fs::read_to_string(project.path("data/val.json")).unwrap();
    project.write("data/val.json", &text.replace("\"here\"", "\"there\""));
    let refused = project.run(&["evaluate", "--adapter", "run/adapter", "--json"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stdout);
    assert!(refused.stderr.contains("is not what it was"), "{}", refused.stderr);
}

#[test]
fn episodes_that_cannot_be_are_refused() {
    let project = Project::new();
    file(&project);
    for (setting, says) in [
        ("data.episode.ways=7", "it needs 7 classes, but there are 6"),
        ("data.episode.queries=7", "it needs 9 examples"),
        ("data.episode.shots=0", "`data.episode.shots`"),
        ("data.episode.shot=1", "`shots`"),
        ("data.eval=val.json", "`data.eval`"),
        ("data.eval_share=0.5", "`data.eval_share`"),
        ("data.folds=3", "`data.folds`"),
        ("data.train_examples=3", "`data.train_examples`"),
        ("data.eval_examples=3", "`data.eval_examples`"),
        ("task.name=ner", "relation-classification"),
    ] {
        let refused = project.train("none", &set(&[setting]));
        assert_eq!(refused.code, Some(2), "{setting}: {}", refused.stdout);
        assert!(refused.stderr.contains(says), "{setting}: {}", refused.stderr);
        assert!(!project.path("none").exists());
    }
}
