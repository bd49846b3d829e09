//! Texts that are longer than the model may read at once.

use serde_json::Value;
use std::fs;

use crate::project::Project;

/// A project whose files end with a sentence made of all sentences before it.
fn project() -> Project {
    let project = Project::new();
    for file in ["data/train.txt", "data/dev.txt"] {
        let text = fs::read_to_string(project.path(file)).unwrap();
        project.write(file, &format!("{text}\n{}", text.replace("\n\n", "\n")));
    }
    project
}

/// The line that the long sentence of `file` starts with.
fn line(project: &Project, file: &str) -> usize {
    let text = fs::read_to_string(project.path(file)).unwrap();
    text.rfind("\n\n").map(|at| text[..at].lines().count() + 2).unwrap()
}

const SHORT: &[&str] = &["--set", "data.max_source_pieces=40", "--set", "data.max_target_pieces=56"];

#[test]
fn windows_are_learned_scored_and_joined() {
    let project = project();
    let mut more = SHORT.to_vec();
    more.extend([
        "--set",
        "training.steps=60",
        "--set",
        "optimizer.learning_rate=0.02",
        "--set",
        "method.keep=0.05",
    ]);
    let trained = project.train("out", &more);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    assert!(!trained.stderr.contains("cut"), "{}", trained.stderr);
    let place = format!("data/train.txt:{}", line(&project, "data/train.txt"));
    let note =
        "example is longer than data.max_source_pieces or data.max_target_pieces and is learned in windows";
    assert!(trained.stderr.contains(&format!("warning: 1 {note}: {place}")), "{}", trained.stderr);
    let events = fs::read_to_string(project.path("out/events.jsonl")).unwrap();
    let started: Value = serde_json::from_str(events.lines().next().unwrap()).unwrap();
    assert_eq!(started["train_examples"], 13);
    let windows = started["train_windows"].as_u64().unwrap();
    assert!(windows > 13 + 4, "{started}");
    let told = format!("13 examples to train on in {windows} windows, 5 to score");
    assert!(trained.stderr.contains(&told), "{}", trained.stderr);
    assert_eq!(started["eval_examples"], 5);

    // An adapter that was saved before there was the key, and before there were hashes.
    let file = project.path("out/adapter/adapter_config.json");
    let mut config: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let data = config["run"]["data"].as_object_mut().unwrap();
    assert_eq!(data.remove("long_sources").unwrap(), "window");
    for hash in ["tensors_hash", "config_hash", "base_config_hash", "base_tokenizer_hash"] {
        config.as_object_mut().unwrap().remove(hash).unwrap();
    }
    fs::write(&file, config.to_string()).unwrap();

    let evaluated = project.run(&["evaluate", "--adapter", "out/adapter", "--json"]);
    assert_eq!(evaluated.code, Some(0), "{}", evaluated.stderr);
    assert_eq!(evaluated.json()["results"][0]["score"], trained.json()["after"]);
    assert_eq!(evaluated.json()["results"][0]["score"]["n"], gold(&project));
    assert!(
        evaluated.stderr.contains("1 example is longer than data.max_source_pieces and is read in windows")
    );

    // Words of more bytes than characters between the sentences.
    let sentences = "Maria Lopez flew from Oslo to New Delhi on 3 March . — “ Çà et là ” — ";
    let text = sentences.repeat(8);
    let predicted = project.run_with(&["predict", "--adapter", "out/adapter"], &format!("{text}\n"));
    assert_eq!(predicted.code, Some(0), "{}", predicted.stderr);
    assert!(!predicted.stderr.contains("cut"), "{}", predicted.stderr);
    assert!(predicted.stderr.contains("read in windows: standard input:1"), "{}", predicted.stderr);
    let line = predicted.json();
    assert_eq!(line["text"], text);
    let chars: Vec<char> = text.chars().collect();
    let mut ends = Vec::new();
    for span in line["spans"].as_array().unwrap() {
        let at = |key: &str| span[key].as_u64().unwrap() as usize;
        let found: String = chars[at("start")..at("end")].iter().collect();
        assert_eq!(found, span["text"].as_str().unwrap());
        assert!(span["score"].as_f64().unwrap() >= line["score"].as_f64().unwrap());
        ends.push(at("end"));
    }
    assert!(ends.last().is_some_and(|&end| end > chars.len() / 2), "{ends:?}");
}

/// How many spans there are to find.
fn gold(project: &Project) -> usize {
    fs::read_to_string(project.path("data/dev.txt"))
        .unwrap()
        .lines()
        .filter(|line| line.contains(" B-"))
        .count()
}

#[test]
fn refusal_names_the_place() {
    let project = project();
    for (file, other) in [("data/train.txt", "data.eval=short.txt"), ("data/dev.txt", "data.train=short.txt")]
    {
        project.write("data/short.txt", "Oslo B-LOC\nis O\nnorth O\n");
        let mut more = SHORT.to_vec();
        more.extend(["--set", "data.long_sources=refuse", "--set", other]);
        let outcome = project.train("out", &more);
        assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
        let place = format!("error: {file}:{} has a source of ", line(&project, file));
        assert!(outcome.stderr.starts_with(&place), "{place}: {}", outcome.stderr);
        for part in ["data.max_source_pieces is 40", "data.long_sources = \"window\""] {
            assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
        }
        assert!(outcome.stdout.is_empty() && !project.path("out").exists());
    }

    let more = ["--set", "data.long_sources=refuse", "--set", "data.max_source_pieces=300"];
    let trained = project.train("out", &more);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let text = format!("Oslo is north .\n{}\n", "on and ".repeat(300));
    let predicted = project.run_with(&["predict", "--adapter", "out/adapter"], &text);
    assert_eq!(predicted.code, Some(2));
    assert!(predicted.stderr.contains("standard input:2 has a source of "), "{}", predicted.stderr);
    assert_eq!(predicted.stdout.lines().count(), 2, "what is no input has its line");
    assert_eq!(predicted.json()["line"], 2);
}

#[test]
fn of_a_word_longer_than_a_window_the_beginning_is_shown() {
    let project = project();
    let long = "zq9".repeat(100);
    project.write("data/dev.txt", &format!("Oslo B-LOC\n\nin O\n{long} B-LOC\n"));
    let train = fs::read_to_string(project.path("data/train.txt")).unwrap();
    project.write("data/train.txt", &format!("in O\n{long} B-LOC\n\n{train}"));
    let more = ["--set", "training.steps=1", "--set", "evaluation.before=false"];
    let outcome = project.train("out", &[SHORT, &more].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let told = "example has words of more pieces than the model takes, of which it is shown the beginning";
    for place in ["data/train.txt:1", "data/dev.txt:3"] {
        assert!(outcome.stderr.contains(&format!("1 {told}: {place}")), "{}", outcome.stderr);
    }
    assert_eq!(outcome.json()["after"]["n"], 2, "the word counts as any other");
}

#[test]
fn cutting_is_told() {
    let project = project();
    let mut more = SHORT.to_vec();
    more.extend(["--set", "data.long_sources=cut", "--set", "training.steps=1"]);
    let outcome = project.train("out", &more);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("13 examples to train on"), "{}", outcome.stderr);
    for part in [
        "has a source that is longer than data.max_source_pieces and was cut",
        "max_target_pieces and was cut",
    ] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
}

#[test]
fn other_values_are_refused() {
    let outcome = Project::new().train("out", &["--set", "data.long_sources=windows"]);
    assert_eq!(outcome.code, Some(2));
    for part in ["--set data.long_sources=windows", "unknown variant `windows`", "did you mean `window`?"] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
}
