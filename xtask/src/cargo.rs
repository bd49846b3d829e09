//! Asking and running cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use cargo_metadata::{CargoOpt, Metadata, MetadataCommand};

use crate::backends::Environment;

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

/// Where optimized builds lie.
pub(crate) fn built(root: &Path) -> Result<PathBuf> {
    let workspace = metadata(root, MetadataCommand::new().no_deps())?;
    Ok(workspace.target_directory.join("release").into())
}

/// The whole dependency graph on this machine's platform, all features on.
pub(crate) fn graph(root: &Path) -> Result<Metadata> {
    let platform = ["--filter-platform", "host-tuple"].map(str::to_owned);
    metadata(root, MetadataCommand::new().features(CargoOpt::AllFeatures).other_options(platform))
}

fn metadata(root: &Path, command: &mut MetadataCommand) -> Result<Metadata> {
    command.current_dir(root).verbose(true).exec().context("failed to run cargo metadata")
}
