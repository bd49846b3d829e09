//! Builds fishdip with the backend asked for and becomes it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Parser;

use crate::backends::{self, Backend, Environment};
use crate::cargo;
use crate::verbs::Fishdip;

/// What a command line for fishdip says about the build.
#[derive(Debug, Parser)]
struct Build {
    #[command(flatten)]
    backend: Backend,
    #[arg(long)]
    tui: bool,
}

/// What is built. Of the whole workspace and with a test, the smallest, as `cargo xtask test` has it: only then cargo gives shared dependencies
/// the features that tests ask for, so that burn is compiled once for both commands.
const WHAT: [&str; 5] = ["--workspace", "--bin", "fishdip", "--test", "keys"];

/// Runs fishdip with `words`, of which the first is the `verb`.
pub(crate) fn run(root: &Path, verb: &Fishdip, words: &[OsString]) -> Result<ExitCode> {
    let (build, passed_on) = split(words, verb.takes_backend());
    let build = Build::parse_from(build);
    let Program { file, environment } = built(root, &build.backend.name, &features(&build))?;
    let mut program = Command::new(file);
    program.args(passed_on);
    environment.apply(&mut program);
    become_program(program)
}

/// The binary, and what it needs to run.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) file: PathBuf,
    pub(crate) environment: Environment,
}

/// Builds the binary as the verbs have it, with the backend of this name.
pub(crate) fn program(root: &Path, backend: &str) -> Result<Program> {
    built(root, backend, &usual_features(backend))
}

fn built(root: &Path, backend: &str, features: &str) -> Result<Program> {
    let environment = backends::prepare(root, backend)?;
    if !cargo::build(root, &WHAT, features, &environment)? {
        bail!("fishdip could not be built with the features {features}");
    }
    let name = format!("fishdip{}", std::env::consts::EXE_SUFFIX);
    Ok(Program { file: cargo::built(root)?.join(name), environment })
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

/// The backend, and what `fetch` and the terminal view need. `hub` is always there: verbs share a build, which takes minutes.
fn features(build: &Build) -> String {
    let view = if build.tui { ",fishdip/tui" } else { "" };
    format!("{}{view}", usual_features(&build.backend.name))
}

fn usual_features(backend: &str) -> String {
    format!("fishdip/{backend},fishdip/hub")
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

    use super::{Build, features, split};

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn the_backend_is_read_and_passed_on() -> Result<(), clap::Error> {
        for line in ["train --run x --backend wgpu --json", "train --run x --backend=wgpu --json"] {
            let (build, passed_on) = split(&words(line), true);
            assert_eq!(features(&Build::try_parse_from(build)?), "fishdip/wgpu,fishdip/hub");
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
        assert_eq!(features(&Build::try_parse_from(build)?), "fishdip/flex,fishdip/hub,fishdip/tui");
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
