//! `init` writes a config that `train` takes, and refuses what it cannot tell.

use std::fs;

use crate::project::{Outcome, Project};

const SPANS: &str = r#"{"id": 1, "text": "Ann left Rome", "spans": [{"start": 0, "end": 3, "label": "PER"}, {"start": 9, "end": 13, "label": "LOC"}]}"#;

fn init(project: &Project, more: &[&str]) -> Outcome {
    project.run(&[&["init", "--model", "model"][..], more].concat())
}

#[test]
fn train_takes_what_it_writes() {
    let project = Project::new();
    let outcome = init(&project, &["data", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let told = outcome.json();
    assert_eq!(
        (&told["config"], &told["task"], &told["format"]),
        (&"data.toml".into(), &"ner".into(), &"conll".into())
    );
    assert_eq!((&told["train"], &told["eval"]), (&"train.txt".into(), &"dev.txt".into()));
    let text = fs::read_to_string(project.path("data.toml")).unwrap();
    assert!(text.contains("PER = \"person\"  # ") && text.contains("steps = \"auto\""), "{text}");
    let set = ["--set", "training.steps=2", "--set", "evaluation.before=false", "--set", "method.every=2"];
    let trained =
        project.run(&[&["train", "--config", "data.toml", "--run", "out", "--json"][..], &set].concat());
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
}

#[test]
fn a_part_is_held_out_where_no_file_is_to_be_scored() {
    let project = Project::new();
    project.write("mine.jsonl", &format!("{SPANS}\n{}\n", SPANS.replace("Rome", "Oslo")));
    let outcome = init(&project, &["mine.jsonl", "--out", "-"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let text = outcome.stdout.replace("\n# ", " ");
    assert!(text.contains("(eval_share, 0.2 unless it is set)") && !text.contains("\neval = "), "{text}");
    assert!(outcome.stdout.contains("format = \"json-spans\""), "{}", outcome.stdout);
    // One of the two.
    assert!(text.contains("set): 1 example, drawn with the seed"), "{text}");
    assert!(!project.path("mine.toml").exists());
}

#[test]
fn a_file_to_score_that_cannot_be_read_is_told() {
    let project = Project::new();
    project.write("data/dev.txt", "Ann\0 O\n");
    let outcome = init(&project, &["data"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("warning: data/dev.txt is left out"), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("held out of it, as dev.txt cannot be"), "{}", outcome.stdout);
}

#[test]
fn labels_that_cannot_be_names_get_names() {
    let project = Project::new();
    project.write("signs.txt", "A\tB-<a_href=\"x\">\nb\tO\n\nC\tB-PER|NAME\nd\tO\n");
    let outcome = init(&project, &["signs.txt", "--out", "-"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("\"PER|NAME\" = \"per name\""), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("= \"a href x\""), "{}", outcome.stdout);
}

#[test]
fn nothing_is_written_over_without_force() {
    let project = Project::new();
    project.write("data.toml", "mine");
    let outcome = init(&project, &["data"]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.contains("data.toml already exists") && outcome.stderr.contains("--force"),
        "{}",
        outcome.stderr
    );
    assert_eq!(fs::read_to_string(project.path("data.toml")).unwrap(), "mine");
    for nowhere in ["no/data.toml", "data", "data.toml/a"] {
        let outcome = init(&project, &["data", "--out", nowhere, "--force"]);
        assert_eq!(outcome.code, Some(2), "{nowhere}: {}", outcome.stderr);
    }
    let outcome = init(&project, &["data", "--force"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(
        outcome.stdout.contains("task    ner")
            && outcome.stdout.ends_with("fishdip train --config data.toml\n"),
        "{}",
        outcome.stdout
    );
    assert_ne!(fs::read_to_string(project.path("data.toml")).unwrap(), "mine");
}

#[test]
fn what_cannot_be_told_is_refused_with_how_to_choose() {
    let project = Project::new();
    project.write("two/a.txt", "Ann B-PER\n");
    project.write("two/b.txt", "Ann B-PER\n");
    let both = SPANS.replace("\"spans\"", "\"label\": \"good\", \"spans\"");
    project.write("both.jsonl", &(both.clone() + "\n" + &both.replace("Rome", "Oslo") + "\n"));
    project.write("none.jsonl", "{\"text\": \"a\", \"spans\": []}\n{\"text\": \"b\", \"spans\": []}\n");
    project.write("notes.md", "Nothing of it is data.\n");
    for (data, parts) in [
        ("two", ["a.txt, b.txt", "give one of them"]),
        ("both.jsonl", ["ner, text-classification", "--task ner"]),
        ("none.jsonl", ["no label that a task could learn", "annotate some"]),
        ("notes.md", ["failed to tell the format", "notes.md"]),
        ("nowhere", ["nowhere", "No such file"]),
    ] {
        let outcome = init(&project, &[data]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{data}: {}", outcome.stderr);
        assert!(parts.iter().all(|part| outcome.stderr.contains(part)), "{data}: {}", outcome.stderr);
    }
    let outcome = init(&project, &["both.jsonl", "--task", "ner"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
}
