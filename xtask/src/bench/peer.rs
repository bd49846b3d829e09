//! The Pythons that run the peers.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::backends;

/// What a Python has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Packages {
    /// PyTorch and the libraries of transformers.
    PyTorch,
    /// Taggers that need neither.
    Taggers,
}

impl Packages {
    /// The folder of the environment in the cache, the file in `xtask/peers` that lists the packages, and what they are.
    fn told(self) -> [&'static str; 3] {
        match self {
            Self::PyTorch => [
                "peers",
                "requirements.txt",
                "PyTorch and what the peer needs (a download of some gigabytes)",
            ],
            Self::Taggers => ["taggers", "requirements-taggers.txt", "python-crfsuite and spaCy"],
        }
    }
}

/// A Python with these packages: `asked`, or one in a virtual environment made for it.
pub(crate) fn python(root: &Path, asked: Option<&str>, packages: Packages) -> Result<PathBuf> {
    if let Some(python) = asked {
        return Ok(python.into());
    }
    let [name, requirements, what] = packages.told();
    let folder = backends::cache()?.join(name);
    let (python, ready) = (folder.join("bin/python"), folder.join("ready"));
    let requirements = root.join("xtask/peers").join(requirements);
    let wanted =
        std::fs::read(&requirements).with_context(|| format!("failed to read {}", requirements.display()))?;
    if std::fs::read(&ready).ok().as_ref() == Some(&wanted) {
        return Ok(python);
    }
    eprintln!("installing {what} into {}", folder.display());
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
