//! cargo-deny: licences, sources and known flaws of everything that the workspace depends on.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{backends, cargo};

/// The version that is made where none is installed, and that `deny.toml` was written for.
const VERSION: &str = "0.20.2";

/// How long making it may take. What is compiled by then is there for the next run.
const WITHIN: Duration = Duration::from_mins(15);

/// Checks what `deny.toml` asks for, as far as that is had here, and gives the reasons of what was left out. An error is a finding.
pub(crate) fn run(root: &Path) -> Result<Vec<String>> {
    let program = match program(root) {
        Ok(program) => program,
        Err(error) => return Ok(vec![skipped(format!("cargo-deny is not there: {error:#}"))]),
    };
    // It reads the licences in the sources of all platforms.
    if !succeeds(cargo::command(root).args(["fetch", "--locked"]))? {
        return Ok(vec![skipped("cargo-deny: not every dependency could be downloaded".to_owned())]);
    }
    check(root, &program, &["licenses", "bans", "sources"])?;
    if !succeeds(Command::new(&program).current_dir(root).args(["fetch", "db"]))? {
        let reason = "cargo-deny's advisories: the advisory database could not be downloaded";
        return Ok(vec![skipped(reason.to_owned())]);
    }
    check(root, &program, &["advisories"])?;
    Ok(Vec::new())
}

/// Says so at once, and gives the reason for the summary.
fn skipped(reason: String) -> String {
    println!("skipped: {reason}");
    reason
}

fn check(root: &Path, program: &Path, what: &[&str]) -> Result<()> {
    println!("cargo deny check {}", what.join(" "));
    let mut check = Command::new(program);
    // That two versions of a crate are there is told by `cargo tree -d` in a few lines.
    check.current_dir(root).args(["--log-level", "error", "check"]).args(what);
    if !succeeds(&mut check)? {
        bail!("`cargo deny check {}` failed, see above", what.join(" "));
    }
    Ok(())
}

fn succeeds(command: &mut Command) -> Result<bool> {
    let program = command.get_program().to_owned();
    let status = command.status();
    Ok(status.with_context(|| format!("failed to run {}", program.display()))?.success())
}

/// The program that is installed, else the one in the cache, which is made if need be.
fn program(root: &Path) -> Result<PathBuf> {
    if cargo::has(root, "deny") {
        return Ok("cargo-deny".into());
    }
    let folder = backends::cache()?.join(format!("cargo-deny-{VERSION}"));
    let program = folder.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        make(root, &folder)?;
    }
    Ok(program)
}

/// Compiles it into `folder`, without optimization, since it has little to do.
fn make(root: &Path, folder: &Path) -> Result<()> {
    let build = folder.join("build");
    std::fs::create_dir_all(&build).with_context(|| format!("failed to make {}", build.display()))?;
    println!("making cargo-deny {VERSION} in {} (once, some minutes)", folder.display());
    let mut install = cargo::command_within(root, WITHIN);
    // Outside the clone, whose settings are not meant for it.
    install.current_dir(folder).args([
        "install",
        "--quiet",
        "--locked",
        "--debug",
        "cargo-deny",
        "--version",
    ]);
    install.arg(VERSION).arg("--root").arg(folder).arg("--target-dir").arg(&build);
    let status = install.status().context("failed to run cargo install")?;
    if cargo::ended(status) {
        bail!("no time was left to make it; the next run goes on");
    }
    if !status.success() {
        bail!("it could not be made; install it with `cargo install --locked cargo-deny`");
    }
    // Some hundred megabytes that nobody needs again.
    let _ = std::fs::remove_dir_all(build);
    Ok(())
}
