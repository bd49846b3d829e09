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
    let tasks = r#"[{"id": 5, "data": {"text": "Maria left Oslo .", "page": 3}, "meta": {"who": "x"}, "annotations": [{"id": 1, "result": []}]},
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
    ] {
        let outcome = predict(&project, wrong, "Maria left Oslo .\n");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{wrong:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{wrong:?}: {}", outcome.stderr);
    }
}
