//! `data check` tells everything that training would refuse, and exits as training would.

use serde_json::Value;

use crate::project::{Outcome, Project};

fn check(project: &Project, more: &[&str]) -> Outcome {
    project.run(&[&["data", "check", "--task", "ner"][..], more].concat())
}

fn kinds(found: &Value) -> Vec<&str> {
    found["problems"].as_array().unwrap().iter().map(|problem| problem["kind"].as_str().unwrap()).collect()
}

#[test]
fn good_data_exit_with_0() {
    let project = Project::new();
    let outcome = check(&project, &["--data", "data"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.ends_with("no problem found\n"), "{}", outcome.stdout);
}

#[test]
fn what_is_lost_is_no_good_data() {
    let project = Project::new();
    project.write(
        "clusters.conll",
        "#begin document d\nt 0 0 a (0)|(1)\nt 0 1 b (1)\nt 0 2 c (0)\n#end document\n",
    );
    let clusters = ["data", "check", "--task", "coref", "--data", "clusters.conll"];
    let told = project.run(&clusters);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(
        told.stdout.contains("cluster 1 is lost") && !told.stdout.contains("problem found"),
        "{}",
        told.stdout
    );
    let found = project.run(&[&clusters[..], &["--json"]].concat()).json();
    assert_eq!(kinds(&found), ["two-clusters"]);
    // The model learns another span than the one that is annotated.
    project.write(
        "spans.jsonl",
        "{\"text\": \"unhappy\", \"spans\": [{\"start\": 2, \"end\": 7, \"label\": \"A\"}]}\n",
    );
    let told = check(&project, &["--data", "spans.jsonl"]);
    assert!(told.stdout.ends_with("\nno other problem found\n"), "{}", told.stdout);
}

#[test]
fn every_fault_is_told_and_what_is_good_is_counted() {
    let project = Project::new();
    let good = "{\"text\": \"Ann left\", \"spans\": [{\"start\": 0, \"end\": 3, \"label\": \"PER\"}]}\n";
    let lines: String = (0..4).map(|n| good.replace("Ann", &format!("Ann{n}")) + "{\"text\"\n").collect();
    project.write("spans.jsonl", &lines);
    let outcome = check(&project, &["--format", "json-spans", "--data", "spans.jsonl", "--json"]);
    assert_eq!(outcome.code, Some(2));
    let found = outcome.json();
    assert_eq!(
        (&found["splits"]["spans.jsonl"]["examples"], &found["labels"]["PER"]["spans.jsonl"]),
        (&4.into(), &4.into())
    );
    assert_eq!(kinds(&found), ["unreadable"; 4]);
    let place = found["problems"][1]["place"].as_str().unwrap();
    assert!(place.starts_with("spans.jsonl:4"), "{place}");
    assert!(
        outcome.stderr.contains("training would refuse these data: 4 cannot be read"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn the_scheme_can_be_named() {
    let project = Project::new();
    project.write("iob1.txt", "in O\nOslo I-LOC\n\nBo B-PER\nleft O\n\nAnn B-PER\nleft O\n");
    assert_eq!(check(&project, &["--data", "iob1.txt", "--scheme", "iob2"]).code, Some(2));
    let outcome = check(&project, &["--data", "iob1.txt", "--scheme", "iob1"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let outcome = check(&project, &["--data", "iob1.txt", "--scheme", "iob7"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("iob1"), "{}", outcome.stderr);
}

#[test]
fn nothing_to_learn_is_a_problem() {
    let project = Project::new();
    project.write("none/train.txt", "Oslo O\n");
    project.write("some/train.txt", "Oslo B-LOC\n");
    project.write("some/dev.txt", "Oslo O\nhere O\n");
    project.write("empty.jsonl", "\n");

    let outcome = check(&project, &["--data", "none", "--json"]);
    assert_eq!((outcome.code, kinds(&outcome.json())), (Some(2), vec!["no-label"]));
    let outcome = check(&project, &["--data", "some", "--json"]);
    assert_eq!((outcome.code, kinds(&outcome.json())), (Some(0), vec!["no-label"]));
    let outcome = check(&project, &["--data", "empty.jsonl", "--format", "jsonl"]);
    assert_eq!(outcome.code, Some(2));
    assert!(!outcome.stdout.contains("no problem found"), "{}", outcome.stdout);

    let outcome =
        check(&project, &["--data", "data", "--split", "dev.txt", "--split", "../data/dev.txt", "--json"]);
    assert_eq!((outcome.code, kinds(&outcome.json())), (Some(2), vec!["same-file"]));
}

#[test]
fn labels_that_a_model_cannot_tell_apart_are_told() {
    let project = Project::new();
    // The bundled model has no piece for either letter.
    project.write("pieces.txt", "Ann B-ѩ\nleft O\nRome B-ѫ\n");
    assert_eq!(check(&project, &["--data", "pieces.txt"]).code, Some(0));
    let outcome = check(&project, &["--data", "pieces.txt", "--model", "model", "--json"]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stdout);
    let found = outcome.json();
    let detail = found["problems"].as_array().unwrap().last().unwrap()["detail"].as_str().unwrap();
    assert!(detail.contains('ѩ') && detail.contains("the tokenizer"), "{detail}");

    project.write("bar.txt", "Ann B-PER|NAME\nslept O\n");
    let outcome = check(&project, &["--data", "bar.txt"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stdout.contains("[ ] | =") && !outcome.stdout.contains("known:"), "{}", outcome.stdout);
}

#[test]
fn what_is_lost_is_shown_as_it_is_read() {
    let project = Project::new();
    project.write("lost.jsonl", "{\"tokens\": [\"ti\\u0301\", \"⛰\"], \"entities\": [{\"type\": \"A\", \"start\": 0, \"end\": 1}]}\n{\"tokens\": [\"\\u0301x\"]}\n");
    let data = ["--data", "lost.jsonl", "--format", "jsonl", "--model", "model", "--json"];
    for problem in check(&project, &data).json()["problems"].as_array().unwrap() {
        if problem["kind"] == "lost-characters" {
            let detail = problem["detail"].as_str().unwrap();
            assert!(!detail.contains("\"i\"") && !detail.contains("\"\u{301}"), "{detail}");
        }
    }
}
