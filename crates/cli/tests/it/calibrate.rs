//! Scores as probabilities: the table of `evaluate`, and what `calibrate` keeps in the adapter and does to scores.

use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::project::Project;

const SUBJECTS: [&str; 6] =
    ["Our team", "The old bank", "A young player", "She", "The market", "Nobody there"];
const ENDS: [[&str; 5]; 2] = [
    ["won the match .", "lost by two goals .", "ran a race .", "scored again .", "trained hard ."],
    ["sold its shares .", "raised the price .", "paid the loan .", "bought a firm .", "cut its costs ."],
];

/// A project with the classes of short texts, of which `eval.txt` and `more.txt` are never trained on, and an adapter in `out`. Every output is
/// a class, so that every text has a score.
fn classes() -> Project {
    let project = Project::new();
    let mut files = [("train.txt", String::new()), ("eval.txt", String::new()), ("more.txt", String::new())];
    for (i, subject) in SUBJECTS.iter().enumerate() {
        for (class, ends) in ["sport", "money"].iter().zip(ENDS) {
            for (j, end) in ends.iter().enumerate() {
                let (_, text) = &mut files[(i + j) % 3];
                writeln!(text, "{class} {subject} {end}").unwrap();
            }
        }
    }
    for (name, text) in files {
        project.write(&format!("data/{name}"), &text);
    }
    let config = fs::read_to_string(project.path("run.toml")).unwrap();
    let config = config
        .replace("eval = \"dev.txt\"\nscheme = \"iob2\"", "eval = \"eval.txt\"\nformat = \"classes\"")
        .replace("name = \"ner\"", "name = \"text-classification\"");
    let entities = config.find("[task.entities]").unwrap()..config.find("[method]").unwrap();
    project.write("run.toml", &(config[..entities.start].to_owned() + &config[entities.end..]));
    let trained = project.train("out", &["--set", "evaluation.before=false"]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    project
}

fn evaluate(project: &Project, split: &str) -> Value {
    let found = project.run(&["evaluate", "--adapter", "out/adapter", "--split", split, "--json"]);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    found.json()["results"][0].clone()
}

fn predict(project: &Project, more: &[&str]) -> Vec<Value> {
    let arguments = [&["predict", "--adapter", "out/adapter"][..], more].concat();
    let found = project.run(&arguments);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    found.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the documentation says a temperature does, of the JSON that is kept.
fn scaled(score: f64, temperatures: &Value, label: &str) -> f64 {
    let known = &temperatures["labels"][label];
    let scale = if known.is_null() { &temperatures["fallback"] } else { known };
    let number = |key: &str| scale[key].as_f64().unwrap();
    let score = score.clamp(1e-6, 1.0 - 1e-6);
    let log_odds = (score / (1.0 - score)).ln() / number("temperature") + number("bias");
    1.0 / (1.0 + (-log_odds).exp())
}

#[test]
fn temperatures_are_kept_in_the_adapter_and_change_scores_alone() {
    let project = classes();
    let file = |name: &str| fs::read(project.path("out/adapter").join(name)).unwrap();
    let config = || serde_json::from_slice::<Value>(&file("adapter_config.json")).unwrap();
    let untouched = ["adapter_model.safetensors", "README.md"].map(file);
    let (plain_config, plain) = (config(), evaluate(&project, "eval.txt"));
    let texts = ["--format", "classes", "--input", "data/more.txt"];
    let uncalibrated = predict(&project, &texts);

    let calibrated = project.run(&["calibrate", "--adapter", "out/adapter", "--json"]);
    assert_eq!(calibrated.code, Some(0), "{}", calibrated.stderr);
    assert_eq!(calibrated.stdout.lines().count(), 1, "stdout is the JSON alone");
    assert!(calibrated.stderr.contains("only 20 scores"), "{}", calibrated.stderr);
    let report = calibrated.json();
    assert_eq!(report["n"], 20);
    assert_eq!(report["before"], plain["calibration"]["expected_calibration_error"]);
    assert_eq!(report["tables"]["before"], plain["calibration"]);
    assert!(report["after"].as_f64().is_some_and(|error| (0.0..=1.0).contains(&error)), "{report}");

    // The folder is the same but for one field.
    assert!(["adapter_model.safetensors", "README.md"].map(file) == untouched);
    let mut kept = config();
    let field = kept["run"].as_object_mut().unwrap().remove("calibration").unwrap();
    let content = |mut config: Value| {
        config.as_object_mut().unwrap().remove("config_hash");
        config
    };
    assert_eq!(content(kept), content(plain_config));
    for key in ["data", "n", "before", "after", "temperatures"] {
        assert_eq!(field[key], report[key], "{key}");
    }

    // Scores are what the kept temperatures make of them, and nothing else of an output changes.
    let (mut lines, temperatures) = (predict(&project, &texts), &report["temperatures"]);
    assert_eq!(lines.len(), 20);
    for (line, before) in lines.iter_mut().zip(&uncalibrated) {
        let expected =
            scaled(before["score"].as_f64().unwrap(), temperatures, before["label"].as_str().unwrap());
        let score = line["score"].as_f64().unwrap();
        assert!((score - expected).abs() < 1e-3, "{line} beside {before}");
        line["score"] = before["score"].clone();
        assert_eq!(line, before);
    }
    let after = evaluate(&project, "eval.txt");
    assert_eq!(after["score"], plain["score"]);
    assert_ne!(after["calibration"], plain["calibration"]);

    // Again is the same, as it starts from what the model gives; other data replace it.
    let first = file("adapter_config.json");
    assert_eq!(project.run(&["calibrate", "--adapter", "out/adapter", "--json"]).stdout, calibrated.stdout);
    assert!(file("adapter_config.json") == first);
    let more = project.run(&["calibrate", "--adapter", "out/adapter", "--split", "more.txt"]);
    assert_eq!(more.code, Some(0), "{}", more.stderr);
    for part in [
        "before\nscore        found  mean score  share right\n",
        "label      found  temperature    bias\n",
        "\nany other     20",
    ] {
        assert!(more.stdout.contains(part), "{part:?} is not in {}", more.stdout);
    }
    let name = config()["run"]["calibration"]["data"].as_str().map(|path| path.ends_with("data/more.txt"));
    assert_eq!(name, Some(true));
}

#[test]
fn evaluate_shows_ten_bins() {
    let project = classes();
    let result = evaluate(&project, "eval");
    let bins = result["calibration"]["bins"].as_array().unwrap().clone();
    assert_eq!((bins.len(), &result["calibration"]["n"]), (10, &Value::from(20)));
    assert_eq!(bins.iter().map(|bin| bin["n"].as_u64().unwrap()).sum::<u64>(), 20);
    let right =
        bins.iter().map(|b| b["share_right"].as_f64().unwrap_or(0.0) * b["n"].as_f64().unwrap()).sum::<f64>();
    assert!(
        (right / 20.0 - result["score"]["accuracy"].as_f64().unwrap()).abs() < 1e-5,
        "each class is judged once"
    );
    let table = project.run(&["evaluate", "--adapter", "out/adapter"]).stdout;
    assert_eq!(table.lines().filter(|line| line.starts_with("0.")).count(), 10, "{table}");
    assert!(table.contains("expected calibration error 0."), "{table}");
}

#[test]
fn what_cannot_be_calibrated_is_refused_and_nothing_is_written() {
    let project = classes();
    project.write("data/few.txt", "sport She ran .\nmoney He paid .\n");
    project.write("data/none.txt", "");
    let config = || fs::read(project.path("out/adapter/adapter_config.json")).unwrap();
    let before = config();
    for (split, message) in [
        ("train", "train.txt is what the adapter was trained on"),
        ("../data/train.txt", "is what the adapter was trained on"),
        ("few.txt", "the adapter finds 2 things with a score in data/few.txt, and 10 are needed"),
        ("none.txt", "none.txt"),
        ("absent.txt", "absent.txt"),
    ] {
        let refused = project.run(&["calibrate", "--adapter", "out/adapter", "--split", split]);
        assert_eq!(refused.code, Some(2), "{split}: {}", refused.stderr);
        assert!(refused.stderr.contains(message), "{split}: {}", refused.stderr);
        assert!(config() == before);
    }

    let calibrated = project.run(&["calibrate", "--adapter", "out/adapter"]);
    assert_eq!(calibrated.code, Some(0), "{}", calibrated.stderr);
    let mut damaged: Value = serde_json::from_slice(&config()).unwrap();
    damaged["run"]["calibration"]["temperatures"]["fallback"]["temperature"] = Value::from(0);
    project.write("out/adapter/adapter_config.json", &damaged.to_string());
    let refused = project.run(&["evaluate", "--adapter", "out/adapter"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("adapter_config.json is not a valid adapter file"), "{}", refused.stderr);
}

/// A tagger after 50 steps on 24 sentences of the bundled data: too sure of what it finds. `a.txt` and `b.txt` are halves of what it was not trained on.
fn tagger() -> Project {
    let project = Project::new();
    let bundled = Path::new("../../fixtures/data/quickstart");
    let text = fs::read_to_string(bundled.join("dev.txt")).unwrap();
    let sentences: Vec<&str> = text.trim_end().split("\n\n").collect();
    let (a, b) = sentences.split_at(sentences.len() / 2);
    project.write("data/a.txt", &(a.join("\n\n") + "\n"));
    project.write("data/b.txt", &(b.join("\n\n") + "\n"));
    fs::copy(bundled.join("train.txt"), project.path("data/train.txt")).unwrap();
    let more = [
        "data.train_examples=24",
        "training.steps=50",
        "training.batch_size=8",
        "training.dropout=0",
        "method.every=50",
        "method.hard_samples=4",
        "evaluation.before=false",
    ];
    let more: Vec<&str> = more.iter().flat_map(|set| ["--set", set]).collect();
    let trained = project.train("out", &more);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    project
}

/// Label and score of each span, line by line.
fn spans(lines: &[Value]) -> Vec<(String, f64)> {
    let spans = lines.iter().flat_map(|line| line["spans"].as_array().unwrap());
    spans.map(|s| (s["label"].as_str().unwrap().to_owned(), s["score"].as_f64().unwrap())).collect()
}

#[test]
fn scores_of_spans_hold_better_on_other_sentences_and_keep_their_order() {
    let project = tagger();
    let error = |found: &Value| found["calibration"]["expected_calibration_error"].as_f64().unwrap();
    let texts = ["--format", "conll", "--input", "data/b.txt"];
    let (plain, before) = (evaluate(&project, "b.txt"), spans(&predict(&project, &texts)));
    assert!(before.len() > 50, "{}", before.len());

    project.write("data/blank.txt", "Ada O\nmet O\nLi O\n");
    let refused = project.run(&["calibrate", "--adapter", "out/adapter", "--split", "blank.txt"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("blank.txt has no annotation for the task ner"), "{}", refused.stderr);

    let calibrated = project.run(&["calibrate", "--adapter", "out/adapter", "--split", "a.txt", "--json"]);
    assert_eq!(calibrated.code, Some(0), "{}", calibrated.stderr);
    let temperatures = &calibrated.json()["temperatures"];
    let (scores, after) = (evaluate(&project, "b.txt"), spans(&predict(&project, &texts)));
    assert_eq!(scores["score"], plain["score"]);
    assert!(error(&scores) < error(&plain), "{} and {}", error(&scores), error(&plain));

    assert_eq!(after.len(), before.len());
    for ((label, raw), (same, score)) in before.iter().zip(&after) {
        assert!(label == same && (score - scaled(*raw, temperatures, label)).abs() < 1e-3);
        let others = before.iter().zip(&after).filter(|((other, _), _)| other == label);
        assert!(others.clone().all(|((_, other), (_, calibrated))| other > raw || calibrated <= score));
    }

    let cut = spans(&predict(&project, &[&texts[..], &["--threshold", "0.5"]].concat()));
    let expected: Vec<_> = after.iter().filter(|(_, score)| *score >= 0.5).cloned().collect();
    assert_eq!(cut, expected);
    assert!(!cut.is_empty() && cut.len() < after.len());
}
