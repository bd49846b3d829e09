//! Cross-validation: folds are runs, and every example is scored once.

use serde_json::Value;
use std::fs;

use crate::project::{Outcome, Project};

/// Three folds of the twelve sentences of the training file, of two steps each.
fn folds(project: &Project, more: &[&str]) -> Outcome {
    let sets =
        ["data.eval=", "training.steps=2", "evaluation.before=false", "evaluation.max_output_pieces=24"];
    let mut arguments = vec!["train", "--config", "run.toml", "--folds", "3", "--run", "cv", "--json"];
    arguments.extend(sets.iter().flat_map(|set| ["--set", *set]));
    arguments.extend(more);
    project.run(&arguments)
}

/// Eight sentences are outside of each fold.
#[test]
fn a_fold_tells_what_it_was_trained_on() {
    let project = Project::new();
    let done = folds(&project, &["--set", "data.train_examples=5"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    for row in done.json()["folds"].as_array().unwrap() {
        assert_eq!((&row["train_examples"], &row["eval_examples"]), (&5.into(), &4.into()), "{row}");
    }
    assert!(fs::read_to_string(project.path("cv/table.md")).unwrap().contains("|          5 |      4 |"));
}

#[test]
fn every_example_is_scored_once_and_done_folds_are_kept() {
    let project = Project::new();
    // One fold alone makes no table.
    let alone = folds(&project, &["--fold", "2"]);
    assert_eq!(alone.code, Some(0), "{}", alone.stderr);
    assert_eq!(alone.json()["cells"][0]["state"], "done");
    assert!(!project.path("cv/table.md").exists() && !project.path("cv/fold-1").exists());
    let events = project.path("cv/fold-2/events.jsonl");
    let written = fs::metadata(&events).unwrap().modified().unwrap();

    let all = folds(&project, &[]);
    assert_eq!(all.code, Some(0), "{}", all.stderr);
    assert_eq!(fs::metadata(&events).unwrap().modified().unwrap(), written, "what is done is not run again");
    let table = all.json();
    let rows = table["folds"].as_array().unwrap();
    let sum = |field: &str| rows.iter().map(|row| row[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!((rows.len(), sum("eval_examples"), sum("train_examples")), (3, 12, 24));
    let scores: Vec<f64> = rows.iter().map(|row| row["score"].as_f64().unwrap()).collect();
    let mean = scores.iter().sum::<f64>() / 3.0;
    let spread = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
    let number = |value: &Value| value.as_f64().unwrap();
    assert!((number(&table["mean"]) - mean).abs() < 1e-5 && (number(&table["spread"]) - spread).abs() < 1e-5);
    assert!(number(&table["interval"][0]) <= number(&table["pooled"]), "{table}");
    assert!(number(&table["pooled"]) <= number(&table["interval"][1]), "{table}");
    let markdown = fs::read_to_string(project.path("cv/table.md")).unwrap();
    assert!(markdown.contains("| fold-3") && markdown.contains("standard deviation"), "{markdown}");

    // A fold is a run as any other: its config says which it is, and its adapter knows what it was scored on.
    let config = fs::read_to_string(project.path("cv/fold-3/config.toml")).unwrap();
    assert!(config.contains("\nfolds = 3\n") && config.contains("\nfold = 3\n"), "{config}");
    let again = project.run(&["evaluate", "--adapter", "cv/fold-3/adapter", "--json"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!((number(&again.json()["results"][0]["score"]["f1"]) - scores[2]).abs() < 1e-5);

    // The same from the same folders, and another config is told.
    assert_eq!(folds(&project, &[]).json(), table);
    let changed = folds(&project, &["--set", "training.steps=3"]);
    assert_eq!(changed.code, Some(2), "{}", changed.stderr);
    let says =
        "fold-1 of the cross-validation was run with another config: it was run with `training.steps` = 2";
    assert!(
        changed.stderr.contains(says) && changed.stderr.contains("remove cv/fold-1"),
        "{}",
        changed.stderr
    );
}

#[test]
fn what_does_not_go_with_folds_is_told_before_anything_is_run() {
    let project = Project::new();
    let with_eval = project.run(&["train", "--config", "run.toml", "--folds", "3", "--run", "cv"]);
    assert_eq!(with_eval.code, Some(2));
    assert!(with_eval.stderr.contains("`data.eval` says that others are"), "{}", with_eval.stderr);
    for (more, says) in [
        (&["--set", "data.folds=1"][..], "`data.folds` must be"),
        (&["--set", "data.eval_share=0.5"], "`data.eval_share` says that others are"),
        (&["--set", "data.eval_examples=2"], "`data.eval_examples` says that others are"),
        (&["--set", "data.fold=4"], "`data.fold` is 4, but there are 3 folds"),
        (&["--fold", "4"], "there is no fold 4; the folds are counted from 1 to 3"),
        (&["--fold", "0"], "there is no fold 0"),
    ] {
        // `--folds` comes after what is set.
        let set = more.contains(&"data.folds=1");
        let outcome = if set {
            let folds = ["train", "--config", "run.toml", "--set", "data.eval=", "--run", "cv"];
            project.run(&[&folds[..], more].concat())
        } else {
            folds(&project, more)
        };
        assert_eq!(outcome.code, Some(2), "{more:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(says), "{says} is not in {}", outcome.stderr);
        assert!(!project.path("cv").exists(), "{more:?}");
    }
    let none = project.run(&["train", "--config", "run.toml", "--fold", "1"]);
    assert!(none.code == Some(2) && none.stderr.contains("say how many with --folds"), "{}", none.stderr);
    let one = project.run(&["train", "--config", "run.toml", "--set", "data.eval=", "--set", "data.fold=1"]);
    assert!(one.code == Some(2) && one.stderr.contains("add `data.folds`"), "{}", one.stderr);
}

#[test]
fn more_folds_than_texts_are_told_once() {
    let project = Project::new();
    let many = ["train", "--config", "run.toml", "--set", "data.eval=", "--folds", "13", "--run", "cv"];
    let many = project.run(&many);
    assert_eq!(many.code, Some(2), "{}", many.stderr);
    let says = "holds 12 different texts, of which 13 folds cannot be made";
    assert_eq!(many.stderr.matches(says).count(), 1, "{}", many.stderr);
    assert!(!project.path("cv").exists());
}

#[test]
fn a_model_that_every_fold_lacks_is_told_once() {
    let project = Project::new();
    let outcome = folds(&project, &["--set", "model.path=gone/model"]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    assert_eq!(outcome.stderr.matches("no folder is called gone/model").count(), 1, "{}", outcome.stderr);
    assert!(!project.path("cv").exists(), "something was written");
}

#[test]
fn a_study_of_folds_names_each() {
    let project = Project::new();
    let study = "base = \"run.toml\"\n[set]\ndata.eval = \"\"\ndata.folds = 3\n[[axis]]\nkey = \"data.fold\"\nvalues = [1, 2, 3]\n";
    project.write("study.toml", study);
    let listed = project.run(&["study", "--config", "study.toml", "--list"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    project.write("study.toml", &study.replace("data.fold\"", "training.steps\""));
    let refused = project.run(&["study", "--config", "study.toml", "--list"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("add an axis with `key = \"data.fold\"`"), "{}", refused.stderr);
}

#[test]
fn a_fold_of_other_data_is_told_and_a_folder_of_folds_is_no_run() {
    let project = Project::new();
    let first = folds(&project, &["--fold", "1"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    for (command, says) in [
        (&["train", "--resume", "cv"][..], "cv: it is the folder of a study or of folds"),
        (&["mask", "cv"], "name one of the runs in it"),
        (&["report", "cv/fold-1", "cv"], "cv: it is the folder of several runs"),
    ] {
        let refused = project.run(command);
        assert_eq!(refused.code, Some(2), "{command:?}");
        assert!(refused.stderr.contains(says), "{command:?}: {}", refused.stderr);
    }
    assert_eq!(project.run(&["report", "cv"]).code, Some(0));

    let train = fs::read_to_string(project.path("data/train.txt")).unwrap();
    project.write("data/train.txt", &(train.clone() + "\nOne O\nmore O\n"));
    let changed = folds(&project, &[]);
    assert_eq!(changed.code, Some(2), "{}", changed.stderr);
    for part in [
        "fold-1 of the cross-validation was run with another data/train.txt",
        "remove cv/fold-1 to run it anew",
    ] {
        assert!(changed.stderr.contains(part), "{}", changed.stderr);
    }
    // The file as it was, and no file at all, which nothing is known of.
    project.write("data/train.txt", &train);
    assert_eq!(folds(&project, &["--fold", "1"]).code, Some(0));
}
