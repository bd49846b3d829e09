//! What shells and `man` are told of the command line, and what the program tells of itself.

use std::fs;

use crate::project::Project;

#[test]
fn every_shell_has_completions_of_the_commands() {
    let project = Project::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let outcome = project.run(&["completions", shell]);
        assert_eq!(outcome.code, Some(0), "{shell}: {}", outcome.stderr);
        for word in ["fishdip", "calibrate", "output-format"] {
            assert!(outcome.stdout.contains(word), "{shell} is not told of {word}");
        }
    }
    assert_eq!(project.run(&["completions", "tcsh"]).code, Some(2));
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let project = Project::new();
    let outcome = project.run(&["man", "--out", "share/man1"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "share/man1\n"), "{}", outcome.stderr);
    for page in ["fishdip.1", "fishdip-train.1", "fishdip-data-check.1", "fishdip-adapter-merge.1"] {
        let text = fs::read_to_string(project.path("share/man1").join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    // Nothing is written over unless that is asked for, and then all of it.
    project.write("share/man1/fishdip-train.1", "mine");
    fs::remove_file(project.path("share/man1/fishdip.1")).unwrap();
    let read = |page: &str| fs::read_to_string(project.path("share/man1").join(page)).unwrap_or_default();
    let refused = project.run(&["man", "--out", "share/man1"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("already exists") && refused.stderr.contains("--force"),
        "{}",
        refused.stderr
    );
    assert_eq!((read("fishdip-train.1").as_str(), read("fishdip.1").as_str()), ("mine", ""));
    assert_eq!(project.run(&["man", "--out", "share/man1", "--force"]).code, Some(0));
    assert!(read("fishdip-train.1").contains(".SH SYNOPSIS") && read("fishdip.1").contains(".SH SYNOPSIS"));
}

#[test]
fn the_version_tells_what_it_was_built_from_and_with() {
    let project = Project::new();
    let short = project.run(&["-V"]).stdout;
    let long = project.run(&["--version"]).stdout;
    assert!(short.starts_with("fishdip 0.") && long.starts_with(short.trim_end()), "{short}{long}");
    for line in ["commit    ", "backends  ", "features  "] {
        assert!(long.lines().any(|found| found.starts_with(line)), "{long}");
    }
}
