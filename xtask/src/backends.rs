//! What each backend needs on this machine, and getting it where that is possible.

mod doctor;
mod libtorch;
mod vulkan;

pub(crate) use doctor::run as doctor;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

/// Backends that fishdip can be built with.
const NAMES: [&str; 7] = ["flex", "tch", "wgpu", "vulkan", "metal", "cuda", "rocm"];

/// The backend that a command line asks for.
#[derive(Args, Debug)]
pub(crate) struct Backend {
    /// The backend that is built in
    #[arg(id = "backend", long = "backend", value_name = "NAME", default_value = "flex", value_parser = NAMES)]
    pub(crate) name: String,
}

/// Environment variables that a build and the programs it makes need.
#[derive(Debug, Default)]
pub(crate) struct Environment(Vec<(&'static str, PathBuf)>);

impl Environment {
    /// Sets the variables for `command`.
    pub(crate) fn apply(&self, command: &mut Command) {
        for (name, value) in &self.0 {
            command.env(name, value);
        }
    }

    /// Adds a variable.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.0.push((name, PathBuf::from(value)));
    }
}

/// Gets what `backend` needs to be built and run, or says what is missing.
pub(crate) fn prepare(root: &Path, backend: &str) -> Result<Environment> {
    match backend {
        "tch" => libtorch::prepare(root),
        "wgpu" => vulkan::prepare(),
        _ => Ok(Environment::default()),
    }
}

/// Where downloads and tools are kept, outside the repository.
pub(crate) fn cache() -> Result<PathBuf> {
    let folder = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let folder = folder.filter(|f| f.is_absolute()).or_else(home);
    Ok(folder.context("neither XDG_CACHE_HOME nor HOME is set")?.join("fishdip"))
}

/// True where `program --version` succeeds.
fn answers(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn every_backend_is_a_feature_of_fishdip() {
        let manifest = include_str!("../../crates/cli/Cargo.toml");
        for name in NAMES {
            assert!(manifest.contains(&format!("\n{name} = [")), "{name}");
        }
    }
}
