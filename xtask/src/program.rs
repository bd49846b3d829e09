//! The binary, built as all verbs have it: they share a build, which takes minutes.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::backends::{self, Environment};
use crate::cargo;

/// What is built. Of the whole workspace and with a test, the smallest, as `cargo xtask test` has it: only then cargo gives shared dependencies
/// the features that tests ask for, so that burn is compiled once for both commands.
pub(crate) const WHAT: [&str; 5] = ["--workspace", "--bin", "fishdip", "--test", "keys"];

/// The features of the binary on the default backend.
pub(crate) const USUAL: &str = "fishdip/flex,fishdip/hub,fishdip/parquet";

/// The binary, and what it needs to run.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) file: PathBuf,
    pub(crate) environment: Environment,
}

/// Builds the binary with the backend of this name, what `fetch` and tables in Parquet need, and the features `more`, each behind a comma.
pub(crate) fn build(root: &Path, backend: &str, more: &str) -> Result<Program> {
    let features = format!("fishdip/{backend},fishdip/hub,fishdip/parquet{more}");
    let environment = backends::prepare(root, backend)?;
    if !cargo::build(root, &WHAT, &features, &environment)? {
        bail!("fishdip could not be built with the features {features}");
    }
    let name = format!("fishdip{}", std::env::consts::EXE_SUFFIX);
    Ok(Program { file: cargo::built(root)?.join(name), environment })
}
