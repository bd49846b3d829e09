//! The Python that runs the peer.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::backends;

/// A Python with the packages of `xtask/peers/requirements.txt`: `asked`, or one in a virtual environment made for it.
pub(super) fn python(root: &Path, asked: Option<&str>) -> Result<PathBuf> {
    if let Some(python) = asked {
        return Ok(python.into());
    }
    let folder = backends::cache()?.join("peers");
    let (python, ready) = (folder.join("bin/python"), folder.join("ready"));
    let requirements = root.join("xtask/peers/requirements.txt");
    let wanted =
        std::fs::read(&requirements).with_context(|| format!("failed to read {}", requirements.display()))?;
    if std::fs::read(&ready).ok().as_ref() == Some(&wanted) {
        return Ok(python);
    }
    eprintln!(
        "installing PyTorch and what the peer needs into {} (a download of some gigabytes)",
        folder.display()
    );
    std::fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&requirements))?;
    std::fs::write(&ready, wanted).with_context(|| format!("failed to write {}", ready.display()))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.stdout(Stdio::null()).status();
    if !status.with_context(|| format!("failed to run {}", command.get_program().display()))?.success() {
        bail!("the peer's packages could not be installed; give a Python that has them with --python");
    }
    Ok(())
}
