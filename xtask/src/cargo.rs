//! Asking and running cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::backends::Environment;

/// Backends that a build may be asked for, whether or not this version has them.
const BACKENDS: &[&str] = &["flex", "tch", "wgpu", "vulkan", "metal", "cuda", "rocm"];

/// The cargo that runs this program, in the workspace's root.
pub(crate) fn command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// The same, ended where it takes longer than `limit`, at least a second: [`ended`] tells. Without the program `timeout` there is
/// no limit.
pub(crate) fn command_within(root: &Path, limit: Duration) -> Command {
    let cargo = command(root);
    if !Command::new("timeout").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return cargo;
    }
    let mut command = Command::new("timeout");
    command.args(["--kill-after=20", &limit.as_secs().max(1).to_string()]).arg(cargo.get_program());
    command.current_dir(root);
    command
}

/// Whether a command of [`command_within`] was ended by its limit.
pub(crate) fn ended(status: ExitStatus) -> bool {
    status.code() == Some(124)
}

/// The workspace's root. Asked at run time, since a shared target folder may hold another checkout's build.
pub(crate) fn root() -> PathBuf {
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let mut root = PathBuf::from(manifest);
    root.pop();
    root
}

/// Builds `what` optimized, with these `features` alone, and tells whether that worked. Writes to standard error alone: standard
/// output belongs to what is run next.
pub(crate) fn build(root: &Path, what: &[&str], features: &str, environment: &Environment) -> Result<bool> {
    let mut build = command(root);
    build.args(["build", "--release", "--no-default-features", "--features", features]).args(what);
    environment.apply(&mut build);
    Ok(build.stdout(std::io::stderr()).status().context("failed to run cargo build")?.success())
}

/// True where `cargo NAME` answers.
pub(crate) fn has(root: &Path, name: &str) -> bool {
    let quiet = command(root).args([name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Members of the workspace and what they ask for, without resolving anything.
pub(crate) fn workspace(root: &Path) -> Result<Value> {
    metadata(root, &["--no-deps"])
}

/// The whole dependency graph on this machine's platform, all features on.
pub(crate) fn graph(root: &Path) -> Result<Value> {
    let version = Command::new("rustc").arg("-vV").output().context("failed to run rustc -vV")?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc -vV names no host")?;
    metadata(root, &["--all-features", "--filter-platform", host])
}

fn metadata(root: &Path, arguments: &[&str]) -> Result<Value> {
    let mut command = command(root);
    command.args(["metadata", "--format-version", "1"]).args(arguments).stderr(Stdio::inherit());
    let output = command.output().context("failed to run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed");
    }
    serde_json::from_slice(&output.stdout).context("failed to read cargo metadata")
}

/// The members of a JSON list, none where there is no list.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The text of a JSON field, empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Backends that this version of fishdip can be built with.
pub(crate) fn backends(workspace: &Value) -> Vec<&'static str> {
    let fishdip = list(workspace, "packages").iter().find(|package| package["name"] == "fishdip");
    let declared = |name: &&&str| fishdip.is_some_and(|package| package["features"].get(**name).is_some());
    BACKENDS.iter().filter(declared).copied().collect()
}
