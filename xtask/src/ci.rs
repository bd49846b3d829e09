//! `cargo xtask ci`: everything that must hold, as CI runs it.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::{backends, cargo, fixtures, layers, skips, suite};

/// Tools that check more where they are installed, and how each is called.
const OPTIONAL: &[(&str, &[&str])] =
    &[("cargo-deny", &["deny", "check"]), ("typos", &[]), ("cargo-machete", &["machete"])];

/// Backends that are tested.
const BACKENDS: &[&str] = &["flex", "tch", "wgpu"];

/// Backends that are compiled and not run.
const UNRUN: &[&str] = &["vulkan", "metal", "cuda", "rocm"];

const FORMAT: &[&str] = &["fmt", "--all", "--check"];
const LINTS: &[&str] =
    &["clippy", "--workspace", "--all-targets", "--features", "fishdip/hub", "--", "-D", "warnings"];

const FUZZ_TARGETS: &[&str] = &["check", "--manifest-path", "fuzz/Cargo.toml", "--locked"];

/// Runs every check, also after one has failed, and says at the end which did.
pub(crate) fn run(root: &Path) -> Result<ExitCode> {
    let mut failed = Vec::new();
    let mut skipped = Vec::new();
    let mut check = |name: &'static str, result: Result<()>| {
        if let Err(error) = result {
            eprintln!("error: {name}: {error:#}");
            failed.push(name);
        }
    };
    check("format", step(root, "cargo", FORMAT));
    check("lints", step(root, "cargo", LINTS));
    check("layers", layers::run(root));
    check("fixtures", fixtures::run(root, true));
    for &(name, arguments) in OPTIONAL {
        let program = if arguments.is_empty() { name } else { "cargo" };
        let there = match arguments.first() {
            Some(verb) => cargo::has(root, verb),
            None => {
                Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
            }
        };
        if there {
            check(name, step(root, program, arguments));
        } else {
            println!("skipped: {name} is not installed");
            skipped.push(format!("{name} is not installed"));
        }
    }
    // The compiler of LibFuzzer's part is one for C++.
    if Command::new("c++").arg("--version").output().is_ok_and(|output| output.status.success()) {
        check("fuzz targets", step(root, "cargo", FUZZ_TARGETS));
    } else {
        println!("skipped: the fuzz targets need c++");
        skipped.push("the fuzz targets need c++".to_owned());
    }
    check("unrun backends", unrun(root));
    for backend in BACKENDS {
        // The default backend needs nothing; what another one needs may not be had here.
        if let Err(error) = backends::prepare(root, backend) {
            println!("skipped: backend {backend}: {error:#}");
            skipped.push(format!("backend {backend}: {error:#}"));
            continue;
        }
        let tests = suite::all(root, backend)?;
        if !tests.passed {
            check(backend, Err(anyhow::anyhow!("tests failed, see above")));
        }
        skipped.extend(tests.skipped);
    }
    println!("{}", skips::summary(&skipped));
    if failed.is_empty() {
        println!("all checks passed");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("error: failed checks: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

/// Whether the backends that need a GPU of their own compile. `DOCS_RS` leaves out the toolkits that only linking needs.
fn unrun(root: &Path) -> Result<()> {
    let features = UNRUN.join(",");
    println!("cargo check --features {features}");
    let mut check = cargo::command(root);
    check
        .args(["check", "-p", "fishdip", "--no-default-features", "--features", &features])
        .env("DOCS_RS", "1");
    if !check.status().context("failed to run cargo check")?.success() {
        bail!("one of {features} does not compile");
    }
    Ok(())
}

fn step(root: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    println!("{program} {}", arguments.join(" "));
    let mut command = if program == "cargo" { cargo::command(root) } else { Command::new(program) };
    let status = command.current_dir(root).args(arguments).status();
    if !status.with_context(|| format!("failed to run {program}"))?.success() {
        bail!("`{program} {}` failed", arguments.join(" ").trim_end());
    }
    Ok(())
}
