//! A process that is ended at one of its writes, or finds the disk full there: what it had kept is whole, and the run goes on from it.
//!
//! Faults come from a small library that is preloaded into the program, so that the program is the one that users have.

use std::path::PathBuf;
use std::process::Command;

use crate::checkpoints::{result, resume, set};
use crate::project::{Outcome, Project};

const SETTINGS: [&str; 6] = [
    "training.steps=12",
    "method.every=5",
    "evaluation.before=false",
    "evaluation.every=8",
    "evaluation.max_output_pieces=24",
    "checkpoints.every=1",
];

/// The library, compiled; nothing where there is no C compiler.
fn shim(project: &Project) -> Option<PathBuf> {
    let library = project.path("shim.so");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .args(["tests/it/faults/shim.c", "-ldl"])
        .status();
    if compiled.is_ok_and(|status| status.success()) {
        return Some(library);
    }
    println!("skipped: there is no C compiler to build the library that makes faults");
    None
}

/// Runs the program, which meets the fault `how` at its change number `at` below the folder `out`.
fn faulty(project: &Project, shim: &PathBuf, arguments: &[&str], how: &str, at: usize) -> Outcome {
    Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
        .current_dir(project.path("."))
        .args(arguments)
        .env("LD_PRELOAD", shim)
        .env("FAULT_UNDER", "out")
        .env("FAULT_AT", at.to_string())
        .env("FAULT_HOW", how)
        .output()
        .unwrap()
        .into()
}

fn begin<'a>(run: &'a str, settings: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["train", "--config", "run.toml", "--run", run];
    arguments.extend(set(settings));
    arguments
}

fn without_notes(events: &mut Vec<serde_json::Value>) {
    events.retain(|event| event["event"] != "note");
}

#[test]
fn an_end_at_any_write_loses_nothing() {
    let project = Project::new();
    let Some(shim) = shim(&project) else { return };
    assert_eq!(project.run(&begin("whole", &SETTINGS)).code, Some(0));
    let again = ["train", "--resume", "out"];
    let begin = begin("out", &SETTINGS);
    let mut ends = 0;
    for at in 1..60 {
        let is_run = project.path("out/config.toml").exists();
        let ended = faulty(&project, &shim, if is_run { &again } else { &begin }, "kill", at);
        match ended.code {
            Some(137) => ends += 1,
            code => {
                assert_eq!(code, Some(0), "{}", ended.stderr);
                break;
            }
        }
    }
    assert!(ends > 20, "{ends} ends are not many");
    let resumed = resume(&project, "out");
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    let (mut found, mut expected) = (result(&project, "out"), result(&project, "whole"));
    // A run that ends before its first checkpoint begins anew from its config, which says what was noted of the data.
    for (_, events) in [&mut found, &mut expected] {
        without_notes(events);
    }
    assert_eq!(found.1, expected.1);
    assert!(found.0 == expected.0);
}

#[test]
fn a_full_disk_keeps_the_last_checkpoint() {
    let project = Project::new();
    let Some(shim) = shim(&project) else { return };
    assert_eq!(project.run(&begin("whole", &SETTINGS)).code, Some(0));
    let mut expected = result(&project, "whole");
    without_notes(&mut expected.1);
    for at in [20, 33, 34, 35, 36, 37, 70] {
        let full = faulty(&project, &shim, &begin("out", &SETTINGS), "full", at);
        assert_eq!(full.code, Some(4), "at {at}: {}", full.stderr);
        assert!(full.stderr.contains("No space left on device"), "{}", full.stderr);
        let is_kept = project.path("out/checkpoints/step-000000").exists();
        let says = full.stderr.contains("`train --resume out` goes on from step ");
        assert!(says || !is_kept, "at {at}: {}", full.stderr);
        let resumed = resume(&project, "out");
        assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
        let mut found = result(&project, "out");
        without_notes(&mut found.1);
        assert_eq!(found.1, expected.1, "at {at}");
        assert!(found.0 == expected.0, "at {at}");
        std::fs::remove_dir_all(project.path("out")).unwrap();
    }
}

/// Where memory runs out, the message says at what and what to do, and the run goes on from its checkpoint.
#[test]
fn an_end_for_want_of_memory_says_at_what_it_was() {
    let project = Project::new();
    let sentence: String = (0..400).map(|i| format!("word{} O\n", i % 7)).collect();
    project.write("data/long.txt", &format!("Maria B-PER\n{sentence}\n").repeat(64));
    let settings = [
        "training.steps=3",
        "evaluation.before=false",
        "checkpoints.every=1",
        "data.train=long.txt",
        "data.max_source_pieces=900",
        "data.max_target_pieces=900",
        "training.batch_size=64",
        "method.name=random",
    ];
    let mut arguments = vec!["-c".to_owned(), "ulimit -v 3000000; exec \"$0\" \"$@\"".to_owned()];
    arguments.push(assert_cmd::cargo::cargo_bin("fishdip").display().to_string());
    arguments.extend(begin("out", &settings).into_iter().map(str::to_owned));
    let output = Command::new("sh").current_dir(project.path(".")).args(&arguments).output().unwrap();
    let ended = Outcome::from(output);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    let says = "error: ran out of memory in a training step on a batch of 64 examples of ";
    assert!(ended.stderr.contains(says), "{}", ended.stderr);
    assert!(ended.stderr.contains("; begin a new run with a lower training.batch_size"), "{}", ended.stderr);
}
