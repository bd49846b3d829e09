//! A round with annotators: texts are asked for, labels come back.

use serde_json::Value;
use std::fs;

use crate::project::{Outcome, Project};

const POOL: &str = "Maria flew to Oslo .\nThe report came out on 3 March .\nMaria  flew to Oslo .\n\nNorth Bank hired Ann Lee .\nIt rained in Lima .\n";

fn project() -> Project {
    let project = Project::new();
    let trained = project.train("out", &["--set", "evaluation.before=false"]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    project.write("pool.txt", POOL);
    project
}

fn query(project: &Project, more: &[&str]) -> Outcome {
    let mut arguments = vec!["query", "--adapter", "out/adapter", "--pool", "pool.txt", "--json"];
    arguments.extend(more);
    project.run(&arguments)
}

fn chosen(outcome: &Outcome) -> Vec<String> {
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let chosen = outcome.json()["chosen"].as_array().unwrap().clone();
    chosen.iter().map(|chosen| chosen["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_strategy_for_spans_chooses_and_writes() {
    let project = project();
    project.write("labelled.txt", "Bob O\nleft O\n");
    for strategy in [
        "random",
        "core-set",
        "k-means",
        "representation-distance",
        "dal",
        "log-probability",
        "entity-margin",
        "disagreement",
        "in-turn",
    ] {
        let out = format!("{strategy}.json");
        let arguments = [
            "--strategy",
            strategy,
            "--count",
            "2",
            "--out",
            &out,
            "--labelled",
            "labelled.txt",
            "--per-word",
        ];
        let outcome = query(&project, &arguments);
        let ids = chosen(&outcome);
        assert_eq!(ids.len(), 2, "{strategy}");
        let tasks: Value = serde_json::from_str(&fs::read_to_string(project.path(&out)).unwrap()).unwrap();
        let written: Vec<&str> =
            tasks.as_array().unwrap().iter().map(|task| task["data"]["id"].as_str().unwrap()).collect();
        assert_eq!(written, ids, "{strategy}: the best first");
        assert!(tasks[0]["predictions"][0]["score"].is_number(), "{strategy}: {tasks}");
        // The same again, elsewhere.
        let again = [&arguments[..5], &["again.json"], &arguments[6..]].concat();
        assert_eq!(chosen(&query(&project, &again)), ids, "{strategy}");
        fs::remove_file(project.path("again.json")).unwrap();
    }
}

#[test]
fn what_is_not_to_be_asked_for_is_told() {
    let project = project();
    project.write("labelled.txt", "It O\nrained O\nin O\nLima B-LOC\n. O\n");
    project.write("test.txt", "North B-ORG\nBank I-ORG\nhired O\nAnn B-PER\nLee I-PER\n. O\n");
    let others = ["--labelled", "labelled.txt", "--test", "test.txt", "--strategy", "random"];
    let outcome = query(
        &project,
        &[&others[..], &["--count", "2", "--out", "a.jsonl", "--output-format", "jsonl"]].concat(),
    );
    let mut ids = chosen(&outcome);
    ids.sort();
    assert_eq!(ids, ["text-1", "text-2"]);
    let report = outcome.json();
    assert_eq!(report["duplicates"], serde_json::json!([["text-3", "text-1"]]));
    assert_eq!((&report["labelled"][0], &report["in_test"][0]), (&"text-6".into(), &"text-5".into()));
    assert!(
        outcome.stderr.contains("repeat another one") && outcome.stderr.contains("are in the test set"),
        "{}",
        outcome.stderr
    );
    assert_eq!(fs::read_to_string(project.path("a.jsonl")).unwrap().lines().count(), 2);

    let many = query(&project, &[&others[..], &["--count", "3", "--out", "b.json"]].concat());
    assert_eq!(many.code, Some(2));
    let says = "3 texts are asked for, but pool.txt has 2 to choose from (1 repeat another one, 1 are labelled already, 1 are in the test set)";
    assert!(many.stderr.contains(says), "{}", many.stderr);
    let twice = query(&project, &["--strategy", "random", "--count", "1", "--out", "a.jsonl"]);
    assert!(twice.code == Some(2) && twice.stderr.contains("a.jsonl already exists"), "{}", twice.stderr);
    let nowhere = query(&project, &["--strategy", "random", "--count", "1", "--out", "no/a.jsonl"]);
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.stderr);
    for (strategy, says) in [
        ("entropy", "the task ner chooses none"),
        ("dal", "there is none"),
        ("margins", "did you mean \"margin\"?"),
    ] {
        let refused = query(&project, &["--strategy", strategy, "--count", "1", "--out", "b.json"]);
        assert!(refused.code == Some(2) && refused.stderr.contains(says), "{strategy}: {}", refused.stderr);
    }
    let conll = ["--strategy", "random", "--count", "1", "--out", "b.txt", "--format", "json-spans"];
    let unread = query(&project, &conll);
    assert!(unread.code == Some(2) && unread.stderr.contains("pool.txt:1"), "{}", unread.stderr);
    assert!(!project.path("b.json").exists() && !project.path("b.txt").exists());
}

#[test]
fn a_start_needs_no_adapter() {
    let project = project();
    for strategy in ["random", "core-set", "k-means"] {
        let out = format!("{strategy}.json");
        let arguments = ["query", "--base", "model", "--task", "ner", "--pool", "pool.txt", "--json"];
        let more = ["--strategy", strategy, "--count", "3", "--out", &out];
        assert_eq!(chosen(&project.run(&[&arguments[..], &more].concat())).len(), 3, "{strategy}");
        let tasks: Value = serde_json::from_str(&fs::read_to_string(project.path(&out)).unwrap()).unwrap();
        assert!(tasks[0].get("predictions").is_none(), "{tasks}");
    }
}

#[test]
fn classes_have_strategies_of_their_own() {
    let project = Project::new();
    project.write(
        "data/train.cls",
        "A who is Ann ?\nB where is Rome ?\nA who left ?\nB where was it ?\nA who wrote it ?\n",
    );
    let config = fs::read_to_string(project.path("run.toml")).unwrap();
    let (before, _) = config.split_once("[data]").unwrap();
    let (_, after) = config.split_once("[method]").unwrap();
    let data = "[data]\ndir = \"data\"\ntrain = \"train.cls\"\nformat = \"classes\"\neval_share = 0.4\n\n[task]\nname = \"text-classification\"\n\n[task.classes]\nA = \"person\"\nB = \"place\"\n\n[method]";
    project.write("run.toml", &format!("{before}{data}{after}"));
    let trained = project.train("out", &["--set", "evaluation.before=false"]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    project.write("pool.txt", "who saw it ?\nwhere did it go ?\nwho knows ?\n");
    for strategy in ["entropy", "least-confident", "margin", "mc-dropout", "bald", "badge", "in-turn"] {
        let out = format!("{strategy}.json");
        let more = ["--strategy", strategy, "--count", "2", "--passes", "3", "--out", &out];
        assert_eq!(chosen(&query(&project, &more)).len(), 2, "{strategy}");
        let tasks: Value = serde_json::from_str(&fs::read_to_string(project.path(&out)).unwrap()).unwrap();
        assert_eq!(tasks[0]["predictions"][0]["result"][0]["type"], "choices", "{strategy}: {tasks}");
    }
}

#[test]
fn answers_are_checked_and_appended() {
    let project = project();
    let asked = ["--strategy", "random", "--count", "2", "--out", "asked.txt", "--output-format", "conll"];
    assert_eq!(chosen(&query(&project, &asked)).len(), 2);
    let before = fs::read_to_string(project.path("data/train.txt")).unwrap();
    let words: Vec<Vec<String>> = fs::read_to_string(project.path("asked.txt"))
        .unwrap()
        .split("\n\n")
        .filter(|sentence| !sentence.trim().is_empty())
        .map(|sentence| sentence.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect())
        .collect();
    let sentence = |words: &[String], tag: &str| -> String {
        let rest: String = words[1..].iter().map(|word| format!("{word} O\n")).collect();
        format!("{} {tag}\n{rest}\n", words[0])
    };
    let merge = |annotated: &str| {
        project.write("annotated.txt", annotated);
        let files = ["--into", "data/train.txt", "--asked", "asked.txt", "--annotated", "annotated.txt"];
        let begin = ["label-merge", "--adapter", "out/adapter", "--scheme", "iob2", "--json"];
        project.run(&[&begin[..], &files[..]].concat())
    };
    let mut changed = words[0].clone();
    changed[1] = "Changed".to_owned();
    for (annotated, says) in [
        (sentence(&words[0], "B-PER"), "it has no answer"),
        (sentence(&changed, "O") + &sentence(&words[1], "O"), "its text was changed"),
        (sentence(&words[0], "B-GENE") + &sentence(&words[1], "O"), "the schema has no label \"GENE\""),
    ] {
        let refused = merge(&annotated);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        let report = refused.json();
        assert_eq!(report["added"], 0);
        assert!(report["refused"].to_string().contains(&says.replace('"', "\\\"")), "{says}: {report}");
        assert_eq!(fs::read_to_string(project.path("data/train.txt")).unwrap(), before);
    }
    let merged = merge(&(sentence(&words[1], "B-PER") + &sentence(&words[0], "O")));
    assert_eq!(merged.code, Some(0), "{}", merged.stderr);
    assert_eq!((&merged.json()["added"], &merged.json()["examples"]), (&2.into(), &14.into()));
    let after = fs::read_to_string(project.path("data/train.txt")).unwrap();
    assert!(after.starts_with(before.trim_end()) && after.len() > before.len(), "{after}");
    // The next training reads them.
    let trained = project.train("next", &["--set", "evaluation.before=false"]);
    assert!(
        trained.code == Some(0) && trained.stderr.contains("14 examples to train on"),
        "{}",
        trained.stderr
    );
}
