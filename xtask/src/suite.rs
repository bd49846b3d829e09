//! `cargo xtask test`: every test of the workspace, and how many checks were skipped.

use std::fs;
use std::io::{BufRead as _, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::backends::{self, Environment};
use crate::{cargo, skips};

/// Where nextest leaves its report, as `xtask/nextest.toml` asks.
const REPORT: &str = "target/nextest/default/junit.xml";

/// The variable that tells tests the root of their snapshots. Without it they use that of the clone that compiled them, which another clone
/// with the same target folder may have been.
const SNAPSHOTS: &str = "INSTA_WORKSPACE_ROOT";

/// The variable that tells tests which of the backends in their build they are to use.
const BACKEND: &str = "FISHDIP_TEST_BACKEND";

/// What is built for tests.
const TARGETS: [&str; 3] = ["--lib", "--bins", "--tests"];

/// What the tests of the default backend are built with.
const USUAL: [&str; 5] = [
    "--release",
    "--workspace",
    "--no-default-features",
    "--features",
    "fishdip/flex,fishdip/hub,fishdip/parquet",
];

/// What came out of a run of the tests.
pub(crate) struct Outcome {
    pub(crate) passed: bool,
    pub(crate) skipped: Vec<String>,
}

pub(crate) fn run(root: &Path, backend: &str) -> Result<ExitCode> {
    let outcome = all(root, backend)?;
    println!("{}", skips::summary(&outcome.skipped));
    Ok(if outcome.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every test of the workspace on the default backend; on another one the tests of the kernels, and a short training beside the
/// default backend.
fn all(root: &Path, backend: &str) -> Result<Outcome> {
    if backend == "flex" {
        return usual(root);
    }
    let environment = backends::prepare(root, backend)?;
    other(root, backend, environment)
}

/// Every test of the workspace, on the default backend.
pub(crate) fn usual(root: &Path) -> Result<Outcome> {
    let usual: Vec<String> = USUAL.iter().map(|&word| word.to_owned()).collect();
    let mut outcome = tests(root, &usual, &Environment::default())?;
    let documentation = cargo::command(root).arg("test").args(USUAL).arg("--doc").status();
    outcome.passed &= documentation.context("failed to run cargo test --doc")?.success();
    Ok(outcome)
}

/// What the tests of `backend`, which is not the default one, are built with.
fn build_of(backend: &str) -> Vec<String> {
    let features = format!("fishdip-train/flex,fishdip-train/{backend}");
    ["--release", "-p", "fishdip-kernels", "-p", "fishdip-train", "--features", &features]
        .map(str::to_owned)
        .to_vec()
}

fn other(root: &Path, backend: &str, mut environment: Environment) -> Result<Outcome> {
    environment.set(BACKEND, backend);
    tests(root, &build_of(backend), &environment)
}

/// What [`other_within`] found of a backend.
pub(crate) enum Tested {
    Ran(Outcome),
    /// Why it was not tested.
    Skipped(String),
}

/// The tests of [`all`] for a backend that is not the default one, where they are built within `limit`. A build that is not done by then
/// is left for the next run, which goes on with what this one compiled.
pub(crate) fn other_within(root: &Path, backend: &str, limit: Duration) -> Result<Tested> {
    let environment = match backends::prepare(root, backend) {
        Ok(environment) => environment,
        Err(error) => return Ok(Tested::Skipped(format!("{error:#}"))),
    };
    let mut compile = cargo::command_within(root, limit);
    compile.args(["test", "--no-run"]).args(build_of(backend)).args(TARGETS);
    environment.apply(&mut compile);
    let status = compile.status().context("failed to run cargo test")?;
    if cargo::ended(status) {
        return Ok(Tested::Skipped("no time was left to build its tests; the next run goes on".to_owned()));
    }
    if !status.success() {
        return Ok(Tested::Ran(Outcome { passed: false, skipped: Vec::new() }));
    }
    other(root, backend, environment).map(Tested::Ran)
}

/// Has the test that compares the generated pages write them.
pub(crate) fn write_docs(root: &Path) -> Result<ExitCode> {
    let mut test = cargo::command(root);
    test.arg("test").args(USUAL).args(["--test", "it", "config_page"]).env("UPDATE_DOCS", "1");
    let passed = test.status().context("failed to run cargo test")?.success();
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tests(root: &Path, features: &[String], environment: &Environment) -> Result<Outcome> {
    if cargo::has(root, "nextest") {
        nextest(root, features, environment)
    } else {
        libtest(root, features, environment)
    }
}

/// A process for each test; what the tests print goes into a report.
fn nextest(root: &Path, features: &[String], environment: &Environment) -> Result<Outcome> {
    let report = root.join(REPORT);
    // A report of an earlier run must not count.
    let _ = fs::remove_file(&report);
    let config = format!("xtask:{}", root.join("xtask/nextest.toml").display());
    let mut tests = cargo::command(root);
    tests.args(["nextest", "run"]).args(features).args(["--no-fail-fast", "--tool-config-file", &config]);
    environment.apply(&mut tests);
    tests.env(SNAPSHOTS, root);
    let passed = tests.status().context("failed to run cargo nextest")?.success();
    let skipped = match fs::read_to_string(&report) {
        Ok(xml) => skips::in_report(&xml),
        // Nothing was run, which the exit status has told.
        Err(_) if !passed => Vec::new(),
        Err(error) => return Err(error).with_context(|| format!("failed to read {}", report.display())),
    };
    Ok(Outcome { passed, skipped })
}

/// Cargo's own runner; what the tests print is read on its way to the terminal.
fn libtest(root: &Path, features: &[String], environment: &Environment) -> Result<Outcome> {
    let mut tests = cargo::command(root);
    tests.arg("test").args(features).args(TARGETS).args(["--no-fail-fast", "--", "--show-output"]);
    environment.apply(&mut tests);
    tests.env(SNAPSHOTS, root);
    echo(&mut tests, std::io::stdout()).context("failed to run cargo test")
}

/// Runs `command`, hands its standard output on and collects the skips in it.
fn echo(command: &mut Command, mut terminal: impl Write) -> Result<Outcome> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut skipped = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            writeln!(terminal, "{line}")?;
            skipped.extend(skips::reason(&line).map(str::to_owned));
        }
    }
    Ok(Outcome { passed: child.wait()?.success(), skipped })
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::echo;

    #[test]
    fn skips_are_read_from_output_on_its_way() -> anyhow::Result<()> {
        let script = "printf 'running 1 test\\nskipped: no data\\n'; exit 3";
        let mut terminal = Vec::new();
        let outcome = echo(Command::new("sh").args(["-c", script]), &mut terminal)?;
        assert!(!outcome.passed);
        assert_eq!(outcome.skipped, ["no data"]);
        assert_eq!(terminal, b"running 1 test\nskipped: no data\n");
        Ok(())
    }
}
