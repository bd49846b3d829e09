//! LibTorch: the one that the environment names, else one made from the Python package.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Environment, cache};

/// The release that the pinned burn's LibTorch bindings are written for.
const VERSION: &str = "2.9.0";

/// The variables that name a LibTorch.
const NAMED: [&str; 2] = ["LIBTORCH", "LIBTORCH_USE_PYTORCH"];

/// The LibTorch that the environment names, if it does.
pub(super) fn named() -> Option<String> {
    NAMED.iter().find_map(|name| Some(format!("{name}={}", std::env::var(name).ok()?)))
}

/// Where one that was made before lies.
pub(super) fn made() -> Result<PathBuf> {
    Ok(cache()?.join(format!("libtorch-{VERSION}")))
}

pub(super) fn prepare(root: &Path) -> Result<Environment> {
    if let Some(folder) = std::env::var_os("LIBTORCH") {
        return at(PathBuf::from(folder));
    }
    if named().is_some() {
        // The build asks Python where it is; LD_LIBRARY_PATH is left to whoever chose this.
        return Ok(Environment::default());
    }
    let folder = made()?;
    if !folder.join("build-version").is_file() {
        eprintln!(
            "making LibTorch {VERSION} for the processor in {} (a download of 900 MB)",
            folder.display()
        );
        let mut script = Command::new("python3");
        script.arg(root.join("xtask/libtorch.py")).arg(VERSION).arg(&folder);
        // Standard output belongs to what is built.
        let status = script.stdout(Stdio::null()).status().context("failed to run python3")?;
        if !status.success() {
            bail!("LibTorch could not be made; set LIBTORCH to the folder of a LibTorch {VERSION}");
        }
    }
    at(folder)
}

/// The LibTorch in `folder`, found by the build and by what is built.
fn at(folder: PathBuf) -> Result<Environment> {
    let libraries = folder.join("lib");
    let path = match std::env::var_os("LD_LIBRARY_PATH") {
        Some(others) => {
            let others: Vec<PathBuf> = std::env::split_paths(&others).collect();
            std::env::join_paths([libraries].into_iter().chain(others))?.into()
        }
        None => libraries,
    };
    // Its threads would wait for their next work in loops, where the kernels' own threads work in between.
    let waiting = std::env::var_os("OMP_WAIT_POLICY").unwrap_or_else(|| "PASSIVE".into());
    Ok(Environment(vec![
        ("LIBTORCH", folder),
        ("LD_LIBRARY_PATH", path),
        ("OMP_WAIT_POLICY", waiting.into()),
    ]))
}
