//! `predict` as a part of a pipe: answers as lines come, and one bad line costs itself alone.

use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::project::Project;

/// Longer than a machine with much to do takes for a line, and for loading the bundled model.
const SOON: Duration = Duration::from_mins(1);

fn project() -> Project {
    let project = Project::new();
    let trained = project.train("out", &["--set", "evaluation.before=false"]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    project
}

/// The process, what it reads, and its lines as they come.
fn start(project: &Project, more: &[&str]) -> (Child, ChildStdin, Receiver<String>) {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
        .current_dir(project.path(""))
        .args(["predict", "--adapter", "out/adapter"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take().unwrap();
    let (sender, receiver) = channel();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    (child, stdin, receiver)
}

fn text(line: &str) -> String {
    serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned()
}

#[test]
fn a_line_in_is_a_line_out() {
    let project = project();
    for (more, lines) in [
        (&[][..], ["Maria left Oslo .", "", "No one came ."]),
        (&["--format", "json-spans"], [r#"{"text": "a"}"#, r#"{"text": ""}"#, r#"{"text": "b c"}"#]),
    ] {
        let (mut child, mut stdin, answers) = start(&project, more);
        for line in lines {
            writeln!(stdin, "{line}").unwrap();
            let answer = answers.recv_timeout(SOON).unwrap();
            let asked = if more.is_empty() { line.to_owned() } else { text(line) };
            assert_eq!(text(&answer), asked);
        }
        drop(stdin);
        assert_eq!(child.wait().unwrap().code(), Some(0));
        assert!(answers.recv().is_err(), "nothing more");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_wait_with_everything_answered() {
    let project = project();
    for signal in ["-TERM", "-INT"] {
        let (mut child, mut stdin, answers) = start(&project, &[]);
        writeln!(stdin, "Maria left Oslo .").unwrap();
        answers.recv_timeout(SOON).unwrap();
        write!(stdin, "one .\ntwo .\nhalf a li").unwrap();
        stdin.flush().unwrap();
        // What was read by then is answered, which takes the model no second.
        std::thread::sleep(Duration::from_millis(300));
        let sent = Instant::now();
        let id = child.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(3));
        assert!(sent.elapsed() < Duration::from_secs(1), "{:?}", sent.elapsed());
        let rest: Vec<String> = answers.iter().map(|line| text(&line)).collect();
        assert_eq!(rest, ["one .", "two ."]);
        drop(stdin);
    }
}

#[test]
fn bad_lines_are_told_in_their_places() {
    let project = project();
    let mut input = "\u{feff}Maria left Oslo .\n".as_bytes().to_vec();
    input.extend(b"Maria flew to M\xfcnchen\n");
    input.extend(vec![b'x'; (4 << 20) + 1]);
    input.extend("\nAnn Lee flew to Rome\r\n".as_bytes());
    fs::write(project.path("in.txt"), &input).unwrap();
    project.write("more.txt", "one\ntwo");

    let outcome =
        project.run(&["predict", "--adapter", "out/adapter", "--input", "in.txt", "--input", "more.txt"]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    let lines: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<Option<&str>> = lines.iter().map(|line| line["text"].as_str()).collect();
    let good = ["Maria left Oslo .", "Ann Lee flew to Rome", "one", "two"].map(Some);
    assert_eq!(texts, [good[0], None, None, good[1], good[2], good[3]]);
    for (line, part) in [(1, "UTF-8"), (2, "bytes")] {
        assert_eq!(lines[line]["line"], line + 1);
        let error = lines[line]["error"].as_str().unwrap();
        assert!(error.contains(part) && error.contains(&format!("in.txt:{}", line + 1)), "{error}");
    }
    for part in ["2 of the 6 lines", "in.txt:2", "convert the file to UTF-8"] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
}

#[test]
fn objects_keep_their_fields_and_bad_ones_cost_themselves_alone() {
    let project = project();
    let lines = "{\"id\": \"a\", \"text\": \"Maria left Oslo .\", \"spans\": [{\"start\": 0}], \"meta\": {\"page\": 3}}\n\
                 {\"text\": 3}\nno JSON\n{\"id\": 2, \"text\": \"\"}\n";
    let outcome = project.run_with(&["predict", "--adapter", "out/adapter", "--format", "json-spans"], lines);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    let lines: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["id"], &lines[0]["meta"]["page"]), (&"a".into(), &3.into()));
    assert_eq!([&lines[1]["line"], &lines[2]["line"]], [2, 3]);
    assert_eq!((&lines[3]["id"], lines.len()), (&2.into(), 4));

    project.write("tasks.json", "[{\"id\": 5, \"data\": {\"body\": \"Maria left Oslo .\", \"who\": \"x\"}}]");
    let tasks = ["predict", "--adapter", "out/adapter", "--format", "label-studio", "--input", "tasks.json"];
    let outcome = project.run(&tasks);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("--text-key"), "{}", outcome.stderr);
    let outcome = project.run(&[&tasks[..], &["--text-key", "body"]].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!((&outcome.json()["id"], &outcome.json()["data"]["who"]), (&5.into(), &"x".into()));

    let example = "{\"tokens\": [\"Maria\", \"left\"], \"source\": \"mail\"}\n{\"tokens\": [\"\"]}\n";
    let outcome = project.run_with(&["predict", "--adapter", "out/adapter", "--format", "jsonl"], example);
    assert_eq!(outcome.code, Some(2));
    let lines: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["text"], &lines[0]["source"]), (&"Maria left".into(), &"mail".into()));
    assert_eq!(lines[1]["line"], 2);
}

#[test]
fn a_word_of_more_pieces_than_the_model_takes_is_found_whole() {
    let project = project();
    // Letters alone, which no rule parts.
    let word = "zqx".repeat(300);
    let text = format!("Maria left Oslo .\nsee {word} in Oslo .\n{word}\nthe end\n");
    let outcome = project.run_with(&["predict", "--adapter", "out/adapter"], &text);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("words of more pieces than the model takes"), "{}", outcome.stderr);
    let mut lines = 0;
    for (line, asked) in outcome.stdout.lines().zip(text.lines()) {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["text"], asked);
        let chars: Vec<char> = asked.chars().collect();
        for span in line["spans"].as_array().unwrap() {
            let at = |key: &str| span[key].as_u64().unwrap() as usize;
            assert_eq!(span["text"], chars[at("start")..at("end")].iter().collect::<String>());
        }
        lines += 1;
    }
    assert_eq!(lines, 4);
}

#[test]
fn input_that_never_ends_is_no_text() {
    let zero = std::path::Path::new("/dev/zero");
    if !zero.exists() {
        println!("skipped: there is no /dev/zero here");
        return;
    }
    let project = project();
    let outcome = project.run(&["predict", "--adapter", "out/adapter", "--input", "/dev/zero"]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    assert_eq!(outcome.json()["line"], 1);
}
