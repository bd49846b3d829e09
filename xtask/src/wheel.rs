//! The wheel for `PyPI`: made by maturin, installed into a fresh environment, and run there.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::program;
use crate::python::{self, Tool};

const MATURIN: Tool = Tool { package: "maturin", version: "1.16.0", program: "maturin" };

/// An example, and how its source begins.
const EXAMPLE: &str =
    r#"{"id": "1", "tokens": ["Ann", "left", "Rome"], "entities": [{"type": "LOC", "start": 2, "end": 3}]}"#;

/// Checks the wheel; gives the reason where that cannot be done here.
pub(crate) fn run(root: &Path) -> Result<Option<String>> {
    let maturin = match MATURIN.program()? {
        Ok(maturin) => maturin,
        Err(reason) => return Ok(Some(format!("the wheel: {reason}"))),
    };
    let folder = tempfile::tempdir().context("failed to make a folder for the wheel")?;
    let cargo = folder.path().join("cargo");
    fs::write(&cargo, as_tests_build()).context("failed to write for maturin what cargo is")?;
    make_executable(&cargo)?;
    let wheels = folder.path().join("wheels");
    println!("maturin build");
    let mut build = Command::new(maturin);
    build.current_dir(root).args(["build", "--release", "--compatibility", "linux", "--out"]).arg(&wheels);
    build.env("REAL_CARGO", std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    ensure!(
        build.env("CARGO", &cargo).status().context("failed to run maturin")?.success(),
        "maturin failed"
    );
    let found = fs::read_dir(&wheels).context("maturin has made no wheel")?;
    let wheel = found
        .filter_map(|file| Some(file.ok()?.path()))
        .find(|file| file.extension() == Some("whl".as_ref()));
    let Some(wheel) = wheel else { bail!("maturin has made no wheel") };
    let environment = folder.path().join("environment");
    let installed = python::environment(&environment);
    let installed = installed.and_then(|()| python::install(&environment, &wheel.to_string_lossy()));
    if let Err(reason) = installed {
        bail!("the wheel cannot be installed: {reason}");
    }
    let program = environment.join("bin/fishdip");
    // Away from the clone, so that nothing of it is found.
    let version = python::said(Command::new(&program).current_dir(&folder).arg("--version"))?;
    ensure!(version.starts_with("fishdip ") && version.contains("flex"), "it says of itself: {version}");
    fs::write(folder.path().join("examples.jsonl"), EXAMPLE).context("failed to write an example")?;
    let input = fs::File::open(folder.path().join("examples.jsonl")).context("failed to read it")?;
    let mut encode = Command::new(&program);
    let source = python::said(encode.current_dir(&folder).args(["encode", "--task", "ner"]).stdin(input))?;
    ensure!(source.contains("Ann left [ Rome | "), "it encodes an example as {source}");
    Ok(None)
}

/// What maturin takes for cargo: where that is asked for the program, it builds it together with what the tests are built with, so that nothing
/// is compiled a second time with other features.
fn as_tests_build() -> String {
    format!(
        "#!/bin/sh\nif [ \"$1\" = rustc ]; then\n  exec \"$REAL_CARGO\" build --release --locked {} --no-default-features \
         --features {} --message-format json-render-diagnostics\nfi\nexec \"$REAL_CARGO\" \"$@\"\n",
        program::WHAT.join(" "),
        program::USUAL
    )
}

#[cfg(unix)]
fn make_executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).context("failed to make it a program")
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<()> {
    Ok(())
}
