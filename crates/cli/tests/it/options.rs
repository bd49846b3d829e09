//! The command line is a contract: a change of it shows up here. New knobs go into the config.

use std::fmt::Write as _;

use crate::project::Project;

const HELP: &[&[&str]] = &[
    &["--help"],
    &["init", "--help"],
    &["train", "--help"],
    &["study", "--help"],
    &["evaluate", "--help"],
    &["calibrate", "--help"],
    &["predict", "--help"],
    &["report", "--help"],
    &["mask", "--help"],
    &["pretrain", "--help"],
    &["active", "--help"],
    &["query", "--help"],
    &["label-merge", "--help"],
    &["adapter", "--help"],
    &["adapter", "info", "--help"],
    &["adapter", "diff", "--help"],
    &["adapter", "merge", "--help"],
    &["adapter", "prune", "--help"],
    &["export", "--help"],
    &["encode", "--help"],
    &["decode", "--help"],
    &["prompts", "--help"],
    &["data", "check", "--help"],
    &["fetch", "--help"],
    &["completions", "--help"],
    &["man", "--help"],
];

#[test]
fn help() {
    let project = Project::new();
    let mut help = String::new();
    for arguments in HELP {
        let outcome = project.run(arguments);
        assert_eq!(outcome.code, Some(0));
        write!(help, "$ fishdip {}\n{}\n", arguments.join(" "), outcome.stdout).unwrap();
    }
    insta::assert_snapshot!(help);
}

#[test]
fn wrong_use_exits_with_2() {
    let project = Project::new();
    for arguments in [&[][..], &["trian"], &["predict"], &["predict", "--adapter", "x", "--threshold", "7"]] {
        assert_eq!(project.run(arguments).code, Some(2), "{arguments:?}");
    }
}

#[test]
fn long_values_are_shown_in_part() {
    let project = Project::new();
    let long = "x".repeat(100_000);
    let (path, option) = (format!("/{long}"), format!("--{long}"));
    let spaced = "x ".repeat(50_000);
    let set = format!("training.steps={spaced}");
    for arguments in [
        &[&*long][..],
        &["train", &option],
        &["train", "--config", "run.toml", "--set", &set],
        &["train", "--config", &path],
        &["train", "--config", "run.toml", "--backend", &spaced],
        &["data", "check", "--task", &spaced, "--data", "data"],
        &["data", "check", "--task", "ner", "--data", &path],
        &["data", "check", "--task", "ner", "--data", "data", "--format", &spaced],
        &["data", "check", "--task", "ner", "--data", "data", "--scheme", &spaced],
        &["data", "check", "--task", "ner", "--data", "data", "--mentions", &spaced],
        &["encode", "--task", &spaced],
        &["evaluate", "--adapter", &path],
        &["predict", "--adapter", "x", "--threshold", &spaced],
    ] {
        let outcome = project.run(arguments);
        assert_eq!(outcome.code, Some(2), "{:.300}", outcome.stderr);
        let shown = outcome.stderr.len();
        assert!(shown < 2000 && outcome.stderr.contains('…'), "{shown} bytes: {:.300}", outcome.stderr);
    }
}
