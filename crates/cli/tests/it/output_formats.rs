//! What `predict` writes beside JSON lines.

use serde_json::Value;
use std::fs;

use crate::project::{Outcome, Project};

fn project() -> Project {
    let project = Project::new();
    let trained = project.train("out", &["--set", "evaluation.before=false"]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    project
}

fn predict(project: &Project, more: &[&str], input: &str) -> Outcome {
    project.run_with(&[&["predict", "--adapter", "out/adapter"][..], more].concat(), input)
}

#[test]
fn an_export_of_label_studio_goes_back_as_it_was() {
    let project = project();
    let tasks = r#"[{"id": 5, "data": {"text": "Maria left Oslo .", "page": 12345678901234567890123}, "meta": {"who": "x", "p": 0.10},
        "annotations": [{"id": 1, "result": [], "lead_time": 1.2345678901234567890}]},
        {"id": 6, "data": {"page": 4}}]"#;
    project.write("tasks.json", tasks);
    let arguments = ["--format", "label-studio", "--input", "tasks.json", "--output-format", "label-studio"];
    let outcome = predict(&project, &arguments, "");
    assert_eq!(outcome.code, Some(2), "the second task has no text: {}", outcome.stderr);
    assert!(
        outcome.stderr.contains("an input is not in the output") && outcome.stderr.contains("task 6"),
        "{}",
        outcome.stderr
    );
    let mut found: Vec<Value> = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(found.len(), 1);
    let prediction = found[0].as_object_mut().unwrap().remove("predictions").unwrap();
    assert!(prediction[0]["result"].is_array() && prediction[0]["score"].is_number(), "{prediction}");
    let came: Vec<Value> = serde_json::from_str(tasks).unwrap();
    assert_eq!(found[0], came[0]);
    // Numbers as well are as they were, to the last digit.
    for number in
        [r#""page":12345678901234567890123}"#, r#""p":0.10}"#, r#""lead_time":1.2345678901234567890}"#]
    {
        assert!(outcome.stdout.contains(number), "{number}: {}", outcome.stdout);
    }
}

#[test]
fn columns_and_tables_hold_words_and_fields() {
    let project = project();
    let lines = "{\"id\": \"a\", \"text\": \"Maria left Oslo .\", \"page\": 3}\nno JSON\n";
    let outcome = predict(&project, &["--format", "json-spans", "--output-format", "conll"], lines);
    assert_eq!(outcome.code, Some(2));
    let start = "# id = a\n# page = 3\nMaria ";
    assert!(
        outcome.stdout.starts_with(start) && outcome.stdout.contains("# line = 2\n# error = "),
        "{}",
        outcome.stdout
    );
    let table = predict(
        &project,
        &["--format", "csv", "--text-column", "body", "--output-format", "csv"],
        "body,who\n\"Maria, left\",me\n",
    );
    assert_eq!(table.code, Some(0), "{}", table.stderr);
    assert!(table.stdout.starts_with("text,start,end,label,span,score,"), "{}", table.stdout);
    assert!(table.stdout.contains("\"Maria, left\"") && table.stdout.contains("me"), "{}", table.stdout);
    // A column that the table has itself is told, as a field of JSON lines is.
    let labelled = predict(
        &project,
        &["--format", "csv", "--output-format", "csv"],
        "text,label,start\nMaria left,gold,5\n",
    );
    assert_eq!(labelled.code, Some(0), "{}", labelled.stderr);
    assert!(
        labelled.stderr.contains("fields that are called as those of the output (start, label)"),
        "{}",
        labelled.stderr
    );
}

#[test]
fn documents_of_brat_are_a_new_folder() {
    let project = project();
    let arguments = ["--output-format", "brat", "--out", "found"];
    let outcome = predict(&project, &arguments, "Maria left Oslo .\nNo one .\n");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), ""), "{}", outcome.stderr);
    assert_eq!(fs::read_to_string(project.path("found/text-1.txt")).unwrap(), "Maria left Oslo .");
    assert!(project.path("found/text-2.ann").exists());
    assert_eq!(predict(&project, &arguments, "Maria left .\n").code, Some(2), "it is there");
}

#[test]
fn several_adapters_answer_into_a_file_each() {
    let project = project();
    let trained = project.train("second", &["--set", "evaluation.before=false", "--set", "training.seed=2"]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    project.write("texts.txt", "Maria left Oslo .\nNo one .\n");
    let both = ["predict", "--adapter", "out/adapter", "--adapter", "second/adapter", "--input", "texts.txt"];
    let outcome = project.run(&[&both[..], &["--out", "found"]].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "found/out.jsonl\nfound/second.jsonl\n");
    // What one says alone, to the bit: nothing is left of the adapter before it.
    for run in ["out", "second"] {
        let alone = project.run(&["predict", "--adapter", &format!("{run}/adapter"), "--input", "texts.txt"]);
        let found = fs::read_to_string(project.path(&format!("found/{run}.jsonl"))).unwrap();
        assert_eq!(found, alone.stdout, "{run}");
    }
    // One bad line costs itself alone, with each of them.
    project.write("bad.jsonl", "{\"text\": \"Maria left Oslo .\"}\nno JSON\n");
    let bad = ["--input", "bad.jsonl", "--format", "json-spans", "--out", "bad", "--output-format", "csv"];
    let outcome = project.run(&[&both[..5], &bad].concat());
    assert!(outcome.code == Some(2) && outcome.stderr.contains("1 of the 2 lines"), "{}", outcome.stderr);
    for run in ["out", "second"] {
        assert!(
            fs::read_to_string(project.path(&format!("bad/{run}.csv"))).unwrap().contains("no valid JSON")
        );
    }
    let documents = project.run(&[&both[..], &["--out", "brat", "--output-format", "brat"]].concat());
    assert_eq!(documents.code, Some(0), "{}", documents.stderr);
    assert!(project.path("brat/out/text-1.txt").exists() && project.path("brat/second/text-2.ann").exists());
}

#[test]
fn thresholds_are_those_of_labels() {
    let project = project();
    let every = predict(&project, &["--threshold", "0", "--threshold", "PER=1"], "Maria left Oslo .\n");
    assert_eq!(every.code, Some(0), "{}", every.stderr);
    for (wrong, part) in [
        (&["--threshold", "PERS=0.5"][..], "did you mean \"PER\"?"),
        (&["--threshold", "0.5", "--threshold", "0.6"], "given twice"),
        (&["--threshold", "PER=2"], "from 0 to 1"),
        (&["--output-format", "brat"], "--out"),
        (&["--out", "x"], "brat"),
        (&["--adapter", "out/adapter"], "name a folder that does not exist with --out"),
        (&["--adapter", "out/adapter", "--out", "out"], "out already exists"),
        (&["--adapter", "out/adapter", "--out", "x"], "would both be called out"),
        (&["--adapter", "model", "--out", "x"], "standard input can be read once"),
    ] {
        let outcome = predict(&project, wrong, "Maria left Oslo .\n");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{wrong:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{wrong:?}: {}", outcome.stderr);
    }
}
