//! What went wrong is told once, with the system's reason, in a code that fits, and without what a terminal obeys.

use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::process::{Command, Stdio};

use crate::project::{Outcome, Project};

#[test]
fn a_missing_file_says_why_and_from_where() {
    let project = Project::new();
    let folder = project.path("").canonicalize().unwrap();
    for arguments in [
        &["train", "--config", "run.toml", "--run", "out", "--set", "data.train=nothing.txt"][..],
        &["train", "--config", "nothing.toml"],
        &["data", "check", "--task", "ner", "--data", "nowhere"],
        &["predict", "--adapter", "nowhere"],
        &["encode", "--task", "ner", "--input", "nothing.jsonl"],
    ] {
        let outcome = project.run(arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("No such file or directory"), "{}", outcome.stderr);
        let from = format!("; relative paths start from {}", folder.display());
        assert!(outcome.stderr.contains(&from), "{}", outcome.stderr);
    }
    // A whole name needs no more.
    let outcome = project.run(&["predict", "--adapter", "/nowhere/at/all"]);
    assert!(!outcome.stderr.contains("relative"), "{}", outcome.stderr);
}

#[test]
fn no_message_says_its_place_twice() {
    let project = Project::new();
    fs::write(project.path("data/bytes.txt"), b"Oslo B-LOC\n\nOs\xfflo B-LOC\n").unwrap();
    project.write("data/label.txt", "Oslo B-PLACE\n");
    project.write("data/inside.txt", "Oslo B-LOC\n\nin O\nOslo I-LOC\n");
    project.write("data/empty.txt", "\n");
    project.write("bad.jsonl", "{\"tokens\": [\"a\"]\n");
    project.write(
        "spans.jsonl",
        "{\"text\": \"a b\", \"spans\": [{\"start\": 1, \"end\": 9, \"label\": \"X\"}]}\n",
    );
    project.write("bad.toml", "[model]\npath = \"model\"\n[data]\n");
    project.write("dir.txt", "a\n");
    let set = |value| vec!["train", "--config", "run.toml", "--run", "out", "--set", value];
    let check = |file| vec!["data", "check", "--task", "ner", "--format", "json-spans", "--data", file];
    for arguments in [
        set("data.train=bytes.txt"),
        set("data.train=label.txt"),
        set("data.train=inside.txt"),
        set("data.eval=empty.txt"),
        set("data.train=nothing.txt"),
        set("model.path=./nowhere"),
        set("training.steps=many"),
        vec!["train", "--config", "bad.toml"],
        vec!["train", "--config", "run.toml", "--run", "dir.txt/run"],
        vec!["encode", "--task", "ner", "--input", "bad.jsonl"],
        vec!["encode", "--task", "ner", "--input", "data"],
        vec!["data", "check", "--task", "ner", "--data", "data"],
        check("bad.jsonl"),
        check("spans.jsonl"),
        check("dir.txt"),
    ] {
        let outcome = project.run(&arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {}", outcome.stderr);
        for line in outcome.stderr.lines().chain(outcome.stdout.lines()) {
            once(line);
        }
    }
}

/// No name of a file, and no long stretch of words, stands in `line` twice.
fn once(line: &str) {
    let (line, _) = line.split_once("; relative paths start from ").unwrap_or((line, ""));
    let words: Vec<&str> = line.split_whitespace().collect();
    let names = words.iter().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let names: Vec<&str> = names.filter(|name| name.contains(['/', '.']) && name.len() > 4).collect();
    for (at, name) in names.iter().enumerate() {
        // `file.txt:3` says `file.txt` as well.
        let repeats = |other: &&&str| other.split(':').next() == name.split(':').next();
        assert!(names[at + 1..].iter().find(repeats).is_none(), "{name} is said twice: {line}");
    }
    let line = words.join(" ");
    for at in 0..words.len().saturating_sub(4) {
        let stretch = words[at..at + 4].join(" ");
        assert_eq!(line.matches(&stretch).count(), 1, "{stretch:?} is said twice: {line}");
    }
}

#[cfg(unix)]
#[test]
fn what_need_not_end_is_no_data_file() {
    let project = Project::new();
    assert!(Command::new("mkfifo").arg(project.path("data/pipe")).status().unwrap().success());
    for (train, what) in [("data.train=pipe", "a pipe"), ("data.train=/dev/zero", "a device")] {
        let outcome = project.train("out", &["--set", train]);
        assert_eq!(outcome.code, Some(2));
        assert!(outcome.stderr.contains(&format!("it is {what}, not a file")), "{}", outcome.stderr);
        assert!(!project.path("out").exists());
    }
    let outcome = project.run(&["data", "check", "--task", "ner", "--data", "data"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stdout.contains("data/pipe: it is a pipe, not a file"), "{}", outcome.stdout);
    let outcome = project.run_with(&["encode", "--task", "ner"], "{\"tokens\": [\"a\"]}\n");
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (Some(0), 1));
}

/// `fishdip` behind `before` in a shell.
#[cfg(unix)]
fn shell(project: &Project, before: &str, arguments: &str) -> Outcome {
    let script = format!("{before}; exec {} {arguments}", cargo_bin("fishdip").display());
    let output = Command::new("sh").args(["-c", &script]).current_dir(project.path("")).output().unwrap();
    output.into()
}

#[cfg(unix)]
#[test]
fn what_fails_once_something_is_written_is_no_wrong_use() {
    let project = Project::new();
    // No file may grow: the folder is made, its first file cannot be written.
    let outcome = shell(&project, "trap '' XFSZ; ulimit -f 0", "train --config run.toml --run out");
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("failed to write out/.lock"), "{}", outcome.stderr);

    let outcome = project.run(&["train", "--config", "run.toml", "--run", "run.toml/out"]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);

    if fs::metadata("/dev/full").is_ok() {
        project.write("in.jsonl", "{\"tokens\": [\"a\"]}\n");
        let outcome = shell(&project, "true", "encode --task ner --input in.jsonl > /dev/full");
        assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
        let outcome = shell(&project, "true", "data check --task ner --data data > /dev/full");
        assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    }
}

#[test]
fn a_terminal_is_given_no_orders() {
    let project = Project::new();
    let label = "PER\u{1b}c\u{202e}\u{9b}2J";
    project.write("orders/train.txt", &format!("Ann B-{label}\nleft O\n"));
    project.write("orders/dev.txt", &format!("Bo B-{label}\nleft O\n\nx I-{label}\n"));
    let config = fs::read_to_string(project.path("run.toml")).unwrap();
    let start = config.find("\n[task.entities]").unwrap();
    let end = config.find("[method]").unwrap();
    let config = config[..start].replace("\"data\"", "\"orders\"") + "\n" + &config[end..];
    project.write("orders.toml", &config);

    let mut shown = project.run(&["data", "check", "--task", "ner", "--data", "orders"]).stdout;
    let trained = project.run(&["train", "--config", "orders.toml", "--run", "o\u{1b}ut"]);
    assert_eq!(trained.code, Some(2), "{}", trained.stderr);
    shown += &trained.stderr;
    let steps = ["--set", "training.steps=1", "--set", "evaluation.before=false"];
    let trained =
        project.run(&[&["train", "--config", "run.toml", "--run", "o\u{1b}ut"][..], &steps].concat());
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    shown += &(trained.stdout + &trained.stderr);
    shown += &project.run(&["predict", "--adapter", "\u{1b}[2Jnowhere"]).stderr;
    for order in ['\u{1b}', '\u{9b}', '\u{202e}'] {
        assert!(!shown.contains(order), "{shown:?}");
    }
    assert!(shown.contains("PER\\u{1b}c\\u{202e}\\u{9b}2J"), "{shown}");
}

#[test]
fn the_log_needs_no_reader_and_gets_no_colours() {
    let project = Project::new();
    let log = |arguments: &[&str]| {
        let mut command = Command::new(cargo_bin("fishdip"));
        command.current_dir(project.path("")).env("FISHDIP_LOG", "trace").args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    let train = ["train", "--config", "run.toml", "--run", "out", "--set", "training.steps=1"];
    let output = log(&train).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("stepped") && !text.contains('\u{1b}'), "{text}");

    let mut child = log(&["evaluate", "--adapter", "out/adapter"]).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));

    let output = log(&["--version"]).env("FISHDIP_LOG", "a=b=c").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let output = log(&["predict", "--adapter", "x"]).env("FISHDIP_LOG", "a=b=c").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
