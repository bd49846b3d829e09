//! `train --from`: an adapter goes on to more data.

use std::fs;

use crate::checkpoints::{result, resume, set};
use crate::project::Project;

#[test]
fn an_adapter_goes_on_to_more_data() {
    let project = Project::new();
    let quick = set(&["training.steps=4", "evaluation.before=true"]);
    let first = project.train("first", &quick);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let train = fs::read_to_string(project.path("data/train.txt")).unwrap();
    let more: Vec<&str> = train.split("\n\n").skip(6).collect();
    project.write("data/more.txt", &(more.join("\n\n") + "\n"));

    let mut arguments = quick.clone();
    arguments.extend([
        "--from",
        "first/adapter",
        "--set",
        "data.train=more.txt",
        "--set",
        "method.keep=0.001",
    ]);
    let second = project.train("second", &arguments);
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    let second_told = second.stderr.clone();
    let (first, second) = (first.json(), second.json());
    assert_eq!(second["before"], first["after"], "it begins where the first ended");
    let touched = |report: &serde_json::Value| report["entries_touched"].as_u64().unwrap();
    assert!(touched(&second) >= touched(&first), "what the first adapter replaced stays replaced");
    let evaluated = project.run(&["evaluate", "--adapter", "second/adapter", "--json"]);
    assert_eq!(evaluated.json()["results"][0]["score"], second["after"], "{}", evaluated.stderr);

    assert!(!second_told.contains("the labels are not those"), "{second_told}");
    let expected = result(&project, "second");
    fs::remove_dir_all(project.path("second/adapter")).unwrap();
    // Another adapter at the same place is not what the run began with.
    fs::rename(project.path("first/adapter"), project.path("kept")).unwrap();
    assert_eq!(project.train("other", &set(&["training.steps=1", "evaluation.before=false"])).code, Some(0));
    fs::rename(project.path("other/adapter"), project.path("first/adapter")).unwrap();
    let swapped = resume(&project, "second");
    assert_eq!(swapped.code, Some(2), "{}", swapped.stderr);
    assert!(swapped.stderr.contains("the adapter that it began with is not"), "{}", swapped.stderr);
    fs::remove_dir_all(project.path("first/adapter")).unwrap();
    fs::rename(project.path("kept"), project.path("first/adapter")).unwrap();
    let again = resume(&project, "second");
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(result(&project, "second") == expected);
}

#[test]
fn an_adapter_that_does_not_fit_is_refused() {
    let project = Project::new();
    assert_eq!(project.train("first", &set(&["training.steps=1", "evaluation.before=false"])).code, Some(0));
    let refused = |more: &[&str], says: &str| {
        let mut arguments = vec!["--from", "first/adapter"];
        arguments.extend(set(more));
        let refused = project.train("out", &arguments);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(says), "{says:?} is not in {}", refused.stderr);
        assert!(!project.path("out").exists());
    };
    refused(&["task.name=slots"], "the adapter is for the task ner, not for slots");
    refused(&["model.dtype=bf16"], "trained in another float type; set `model.dtype` to \"f32\"");
    let run = project.train("out", &["--from", "first"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("it is a run folder, and no adapter; did you mean `first/adapter`"),
        "{}",
        run.stderr
    );
    let config = fs::read_to_string(project.path("model/config.json")).unwrap();
    assert!(config.contains("\"layer_norm_epsilon\": 1e-06"), "{config}");
    project.write(
        "model/config.json",
        &config.replace("\"layer_norm_epsilon\": 1e-06", "\"layer_norm_epsilon\": 1e-05"),
    );
    refused(&[], "config.json");
}
