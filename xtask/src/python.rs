//! Tools that `PyPI` has, each in an environment of its own in the cache.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::backends;

/// A package by name and version, and the program in it.
pub(crate) struct Tool {
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    pub(crate) program: &'static str,
}

impl Tool {
    /// Its program, which is installed if need be; or why it is not there.
    pub(crate) fn program(&self) -> Result<Result<PathBuf, String>> {
        let name = format!("{}-{}", self.package, self.version);
        let folder = backends::cache()?.join(&name);
        let program = folder.join("bin").join(self.program);
        if !program.is_file() {
            let wanted = format!("{}=={}", self.package, self.version);
            if let Err(reason) = environment(&folder).and_then(|()| install(&folder, &wanted)) {
                return Ok(Err(format!("{name} could not be installed: {reason}")));
            }
        }
        Ok(Ok(program))
    }
}

/// Makes a fresh environment in `folder`.
pub(crate) fn environment(folder: &Path) -> Result<(), String> {
    quietly(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))
}

/// Installs a package or a wheel into the environment in `folder`.
pub(crate) fn install(folder: &Path, what: &str) -> Result<(), String> {
    let options = ["-m", "pip", "install", "--quiet", "--no-input", "--retries", "1", "--timeout", "20"];
    quietly(Command::new(folder.join("bin/python")).args(options).arg(what))
}

/// Runs `command`, and gives the last line of what it says where it fails.
fn quietly(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.trim().lines().last().unwrap_or("it says nothing").to_owned())
}

/// Runs `command`, and gives what it writes to standard output.
pub(crate) fn said(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_owned();
    let output = command.output().with_context(|| format!("failed to run {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{} failed: {}", program.display(), said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
