//! Builds fishdip with the backend asked for and becomes it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{backends, cargo, verbs, wrong_use};

/// A command line for fishdip, split into what concerns the build and what is passed on.
#[derive(Debug, PartialEq)]
struct Asked {
    backend: String,
    tui: bool,
    passed_on: Vec<String>,
}

pub(crate) fn run(root: &Path, verb: &str, arguments: &[String]) -> Result<ExitCode> {
    let asked = match split(verb, arguments) {
        Ok(asked) => asked,
        Err(message) => return Ok(wrong_use(&message)),
    };
    let workspace = cargo::workspace(root)?;
    if let Some(message) = unknown(&workspace, &asked.backend) {
        return Ok(wrong_use(&message));
    }
    let features = build_features(&asked);
    let environment = backends::prepare(root, &asked.backend)?;
    // Of the whole workspace, as `test` has it: features of shared dependencies are the same then, and burn is compiled once.
    if !cargo::build(root, &["--workspace", "--bin", "fishdip"], &features, &environment)? {
        eprintln!("error: fishdip could not be built with the features {features}");
        return Ok(ExitCode::FAILURE);
    }
    let mut program = Command::new(binary(&workspace));
    program.arg(verb).args(&asked.passed_on);
    environment.apply(&mut program);
    become_program(program)
}

/// The backend, and what `fetch` and the terminal view need. `hub` is always there: verbs share a build, which takes minutes.
fn build_features(asked: &Asked) -> String {
    let view = if asked.tui { ",fishdip/tui" } else { "" };
    format!("fishdip/{},fishdip/hub{view}", asked.backend)
}

/// Why `backend` cannot be built, if so.
pub(crate) fn unknown(workspace: &Value, backend: &str) -> Option<String> {
    let known = cargo::backends(workspace);
    let message = || format!("no backend is called `{backend}`; there is {}", known.join(", "));
    (!known.contains(&backend)).then(message)
}

fn binary(workspace: &Value) -> PathBuf {
    let name = format!("fishdip{}", std::env::consts::EXE_SUFFIX);
    Path::new(cargo::text(workspace, "target_directory")).join("release").join(name)
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

fn split(verb: &str, arguments: &[String]) -> Result<Asked, String> {
    let mut asked = Asked { backend: "flex".to_owned(), tui: false, passed_on: Vec::new() };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut taken = vec![argument.clone()];
        if argument == "--" {
            asked.passed_on.extend(taken);
            asked.passed_on.extend(rest.cloned());
            break;
        }
        let backend = if argument == "--backend" {
            let name = rest.next().ok_or("`--backend` needs a name")?;
            taken.push(name.clone());
            Some(name.as_str())
        } else {
            argument.strip_prefix("--backend=")
        };
        if let Some(name) = backend {
            name.clone_into(&mut asked.backend);
        }
        asked.tui |= verb == "train" && argument == "--tui";
        if backend.is_none() || verbs::takes_backend(verb) {
            asked.passed_on.extend(taken);
        }
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{binary, split, unknown};

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_backend_is_read_and_passed_on() -> Result<(), String> {
        for line in ["--run x --backend wgpu --json", "--run x --backend=wgpu --json"] {
            let asked = split("train", &words(line))?;
            assert_eq!((asked.backend.as_str(), asked.tui), ("wgpu", false));
            assert_eq!(asked.passed_on, words(line));
        }
        Ok(())
    }

    #[test]
    fn verbs_without_a_backend_are_not_told() -> Result<(), String> {
        let asked = split("compare", &words("--backend wgpu --config a.toml"))?;
        assert_eq!(asked.backend, "wgpu");
        assert_eq!(asked.passed_on, words("--config a.toml"));
        Ok(())
    }

    #[test]
    fn the_default_is_flex_and_nothing_after_two_dashes_counts() -> Result<(), String> {
        let asked = split("train", &words("--tui -- --backend wgpu"))?;
        assert_eq!((asked.backend.as_str(), asked.tui), ("flex", true));
        assert_eq!(asked.passed_on, words("--tui -- --backend wgpu"));
        assert_eq!(split("train", &words("--backend")), Err("`--backend` needs a name".to_owned()));
        Ok(())
    }

    #[test]
    fn an_unknown_backend_is_told_the_known_ones() {
        let package =
            json!({"name": "fishdip", "features": {"default": [], "tui": [], "flex": [], "wgpu": []}});
        let workspace = json!({"packages": [package], "target_directory": "/t"});
        assert_eq!(unknown(&workspace, "wgpu"), None);
        let message = unknown(&workspace, "tui").unwrap_or_default();
        assert!(message.ends_with("there is flex, wgpu"), "{message}");
        assert!(binary(&workspace).starts_with("/t/release"));
    }
}
