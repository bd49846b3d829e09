//! The command line is a contract: a change of it shows up here. New knobs go into the config.

#![allow(clippy::unwrap_used)]

mod project;

use std::fmt::Write as _;

use project::Project;

const HELP: &[&[&str]] = &[
    &["--help"],
    &["train", "--help"],
    &["evaluate", "--help"],
    &["calibrate", "--help"],
    &["predict", "--help"],
    &["encode", "--help"],
    &["decode", "--help"],
    &["data", "check", "--help"],
    &["fetch", "--help"],
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
