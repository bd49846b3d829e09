//! Our measuring program and the peer's, ready to run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{Measured, Options, backends, build, measure, peer};
use crate::backends::Environment;

/// Both programs, built and installed.
pub(super) struct Programs {
    backend: String,
    environment: Environment,
    ours: PathBuf,
    python: PathBuf,
    script: PathBuf,
}

impl Programs {
    pub(super) fn new(root: &Path, options: &Options) -> Result<Self> {
        let environment = backends::prepare(root, &options.backend)?;
        let ours = build(root, &options.backend, &environment)?;
        let python = peer::python(root, options.python.as_deref())?;
        let script = root.join("xtask/peers/train.py");
        Ok(Self { backend: options.backend.clone(), environment, ours, python, script })
    }

    fn theirs(&self, folder: &Path, what: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(&self.script).arg(folder).arg(what);
        command
    }

    /// The folder of the model `shape`, made if it is absent.
    fn model(&self, shape: &str) -> Result<PathBuf> {
        let folder = backends::cache()?.join("models").join(shape);
        if !folder.join("config.json").is_file() {
            let made = self.theirs(&folder, "model").status()?.success();
            anyhow::ensure!(made, "the model {shape} could not be made");
        }
        Ok(folder)
    }

    /// Runs `what` of ours.
    pub(super) fn own(&self, shape: &str, what: &str, settings: &[String]) -> Result<Measured> {
        let mut command = Command::new(&self.ours);
        command.arg(self.model(shape)?).arg(what).arg(format!("backend={}", self.backend)).args(settings);
        self.environment.apply(&mut command);
        measure(&mut command)
    }

    /// Runs `ours` and `theirs` in turn, `rounds` times, with the same settings: both programs' measurements.
    pub(super) fn side_by_side(
        &self,
        shape: &str,
        ours: &str,
        theirs: &str,
        settings: &[String],
        rounds: usize,
    ) -> Result<[Vec<Measured>; 2]> {
        let folder = self.model(shape)?;
        let (mut own, mut other) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            own.push(self.own(shape, ours, settings)?);
            other.push(measure(self.theirs(&folder, theirs).args(settings))?);
        }
        Ok([own, other])
    }
}
