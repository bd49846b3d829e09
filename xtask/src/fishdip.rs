//! Builds fishdip with the backend asked for and becomes it.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Parser;

use crate::backends::Backend;
use crate::program::{self, Program};
use crate::verbs::Fishdip;

/// What a command line for fishdip says about the build.
#[derive(Debug, Parser)]
struct Build {
    #[command(flatten)]
    backend: Backend,
    #[arg(long)]
    tui: bool,
}

/// Runs fishdip with `words`, of which the first is the `verb`.
pub(crate) fn run(root: &Path, verb: &Fishdip, words: &[OsString]) -> Result<ExitCode> {
    let (build, passed_on) = split(words, verb.takes_backend());
    let build = Build::parse_from(build);
    let Program { file, environment } = program::build(root, &build.backend.name, more(&build))?;
    let mut program = Command::new(file);
    program.args(passed_on);
    environment.apply(&mut program);
    become_program(program)
}

/// The words that concern the build, behind the verb, and those that are passed on.
fn split(words: &[OsString], takes_backend: bool) -> (Vec<OsString>, Vec<OsString>) {
    let options = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let (options, operands) = words.split_at(options);
    let (mut build, mut passed_on) = (words[..1].to_vec(), Vec::new());
    let mut rest = options.iter();
    while let Some(word) = rest.next() {
        let mut taken = vec![word.clone()];
        if word == "--backend" {
            taken.extend(rest.next().cloned());
        }
        let backend = word == "--backend" || word.to_string_lossy().starts_with("--backend=");
        if backend || word == "--tui" {
            build.extend_from_slice(&taken);
        }
        if !backend || takes_backend {
            passed_on.append(&mut taken);
        }
    }
    passed_on.extend_from_slice(operands);
    (build, passed_on)
}

/// Features beside the usual ones.
fn more(build: &Build) -> &'static str {
    if build.tui { ",fishdip/tui" } else { "" }
}

/// Replaces this process, so that signals reach fishdip and its exit code is ours.
#[cfg(unix)]
fn become_program(mut program: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    let error = program.exec();
    Err(error).with_context(|| format!("failed to run {}", program.get_program().display()))
}

#[cfg(not(unix))]
fn become_program(mut program: Command) -> Result<ExitCode> {
    let status =
        program.status().with_context(|| format!("failed to run {}", program.get_program().display()))?;
    std::process::exit(status.code().unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser as _;

    use super::{Build, more, split};

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn the_backend_is_read_and_passed_on() -> Result<(), clap::Error> {
        for line in ["train --run x --backend wgpu --json", "train --run x --backend=wgpu --json"] {
            let (build, passed_on) = split(&words(line), true);
            let build = Build::try_parse_from(build)?;
            assert_eq!((build.backend.name.as_str(), more(&build)), ("wgpu", ""));
            assert_eq!(passed_on, words(line));
        }
        Ok(())
    }

    #[test]
    fn verbs_without_a_backend_are_not_told() -> Result<(), clap::Error> {
        let (build, passed_on) = split(&words("encode --backend wgpu --task ner"), false);
        assert_eq!(Build::try_parse_from(build)?.backend.name, "wgpu");
        assert_eq!(passed_on, words("encode --task ner"));
        Ok(())
    }

    #[test]
    fn the_default_is_flex_and_nothing_after_two_dashes_counts() -> Result<(), clap::Error> {
        let line = "train --tui -- --backend wgpu";
        let (build, passed_on) = split(&words(line), true);
        let build = Build::try_parse_from(build)?;
        assert_eq!((build.backend.name.as_str(), more(&build)), ("flex", ",fishdip/tui"));
        assert_eq!(passed_on, words(line));
        Ok(())
    }

    #[test]
    fn a_backend_that_is_none_is_wrong_use() {
        for line in ["train --backend", "train --backend cpu", "train --backend -- wgpu"] {
            let error = Build::try_parse_from(split(&words(line), true).0).err();
            assert_eq!(error.map(|error| error.exit_code()), Some(2), "{line}");
        }
    }
}
