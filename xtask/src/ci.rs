//! `cargo xtask ci`: everything that must hold, as CI runs it.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::{book, browser, cargo, deny, fixtures, guide, layers, skips, studies, suite, wheel};

/// Tools that check more where they are installed, and how each is called.
const OPTIONAL: &[(&str, &[&str])] = &[("typos", &[]), ("cargo-machete", &["machete"])];

/// Backends beside the default one whose tests are run.
const OTHERS: [&str; 2] = ["tch", "wgpu"];

/// After how long the tests of other backends must have been built.
const OTHERS_WITHIN: Duration = Duration::from_mins(50);

const FORMAT: &[&str] = &["fmt", "--all", "--check"];
/// With the backends that need a GPU of their own: they are compiled here and not run.
const LINTS: &[&str] = &[
    "clippy",
    "--workspace",
    "--all-targets",
    "--features",
    "fishdip-bench/criterion,fishdip/hub,fishdip/parquet,fishdip/wgpu,fishdip/vulkan,fishdip/metal,fishdip/cuda,fishdip/rocm",
    "--",
    "-D",
    "warnings",
];

/// The crate that other programs build on, as it is by itself: in the workspace it has the features that fishdip asks for.
const TASKS_ALONE: &[&str] = &["clippy", "-p", "fishdip-tasks", "--all-targets", "--", "-D", "warnings"];

const FUZZ_TARGETS: &[&str] = &["check", "--manifest-path", "fuzz/Cargo.toml", "--locked"];

/// Runs every check, also after one has failed, and says at the end which did.
pub(crate) fn run(root: &Path) -> Result<ExitCode> {
    let start = Instant::now();
    let mut failed = Vec::new();
    let mut skipped = Vec::new();
    let mut check = |name: &'static str, result: Result<()>| {
        if let Err(error) = result {
            eprintln!("error: {name}: {error:#}");
            failed.push(name);
        }
    };
    check("format", step(root, "cargo", FORMAT));
    // `DOCS_RS` leaves out the toolkits of GPU backends that only linking needs.
    check("lints", step_with(root, "cargo", LINTS, &[("DOCS_RS", "1")]));
    check("fishdip-tasks alone", step(root, "cargo", TASKS_ALONE));
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
    match book::run(root) {
        Ok(reason) => skipped.extend(reason.inspect(|reason| println!("skipped: {reason}"))),
        Err(error) => check("book", Err(error)),
    }
    browser::provide();
    let usual = suite::usual(root)?;
    skipped.extend(usual.skipped);
    check("tests", if usual.passed { Ok(()) } else { Err(anyhow!("see above")) });
    check("newcomer", step(root, "bash", &[".ci/newcomer"]));
    check("guide", guide::run(root));
    check("studies", studies::run(root));
    match wheel::run(root) {
        Ok(reason) => skipped.extend(reason.inspect(|reason| println!("skipped: {reason}"))),
        Err(error) => check("wheel", Err(error)),
    }
    for backend in OTHERS {
        match suite::other_within(root, backend, OTHERS_WITHIN.saturating_sub(start.elapsed()))? {
            suite::Tested::Ran(tests) => {
                skipped.extend(tests.skipped);
                check(backend, if tests.passed { Ok(()) } else { Err(anyhow!("tests failed, see above")) });
            }
            suite::Tested::Skipped(why) => {
                println!("skipped: backend {backend}: {why}");
                skipped.push(format!("backend {backend}: {why}"));
            }
        }
    }
    // Last, since making the tool takes minutes on a new machine, which the backends' tests shall not lack.
    match deny::run(root) {
        Ok(reasons) => skipped.extend(reasons),
        Err(error) => check("cargo-deny", Err(error)),
    }
    println!("{}", skips::summary(&skipped));
    if failed.is_empty() {
        println!("all checks passed");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("error: failed checks: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

fn step(root: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    step_with(root, program, arguments, &[])
}

fn step_with(root: &Path, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    println!("{program} {}", arguments.join(" "));
    let mut command = if program == "cargo" { cargo::command(root) } else { Command::new(program) };
    let status = command.current_dir(root).args(arguments).envs(environment.iter().copied()).status();
    if !status.with_context(|| format!("failed to run {program}"))?.success() {
        bail!("`{program} {}` failed", arguments.join(" ").trim_end());
    }
    Ok(())
}
