//! Our measuring program and the peer's, ready to run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::peer::{self, Packages};
use super::{Measured, Options, backends, build, measure};
use crate::backends::Environment;

/// Both programs, built and installed.
pub(super) struct Programs {
    backend: String,
    environment: Environment,
    /// The folder of fishdip and the programs that measure it.
    ours: PathBuf,
    python: PathBuf,
    /// The folder of the peer's.
    scripts: PathBuf,
}

impl Programs {
    pub(super) fn new(root: &Path, options: &Options) -> Result<Self> {
        let environment = backends::prepare(root, &options.backend.name)?;
        let ours = build(root, &options.backend.name, &environment)?;
        let python = peer::python(root, options.python.as_deref(), Packages::PyTorch)?;
        let scripts = root.join("xtask/peers");
        Ok(Self { backend: options.backend.name.clone(), environment, ours, python, scripts })
    }

    /// The training program of the peer's, on as many threads as ours takes.
    fn theirs(&self, folder: &Path, what: &str) -> Command {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut command = self.script("train.py", &[folder.as_ref(), what.as_ref()]);
        command.arg(format!("threads={threads}"));
        command
    }

    /// A program of the peer's.
    pub(super) fn script(&self, name: &str, arguments: &[&OsStr]) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(self.scripts.join(name)).args(arguments);
        command
    }

    /// A program of ours, `measure-training` or `measure-decoding`, on the backend asked for.
    pub(super) fn program(&self, name: &str, arguments: &[&OsStr]) -> Command {
        let mut command = Command::new(self.ours.join(name));
        command.args(arguments).arg(format!("backend={}", self.backend));
        self.environment.apply(&mut command);
        command
    }

    /// fishdip itself.
    pub(super) fn fishdip(&self, arguments: &[&OsStr]) -> Command {
        let mut command = Command::new(self.ours.join("fishdip"));
        command.args(arguments).args(["--backend", &self.backend]);
        self.environment.apply(&mut command);
        command
    }

    /// The folder of the model `shape`, made if it is absent.
    pub(super) fn model(&self, shape: &str) -> Result<PathBuf> {
        let folder = backends::cache()?.join("models").join(shape);
        if !folder.join("config.json").is_file() {
            let made = self.theirs(&folder, "model").status()?.success();
            anyhow::ensure!(made, "the model {shape} could not be made");
        }
        Ok(folder)
    }

    /// Runs `what` of ours.
    pub(super) fn own(&self, shape: &str, what: &str, settings: &[String]) -> Result<Measured> {
        let mut command = self.program("measure-training", &[self.model(shape)?.as_ref(), what.as_ref()]);
        measure(command.args(settings))
    }

    /// Runs `ours` and `theirs` in turn, `rounds` times, with the same settings: both programs' measurements.
    pub(super) fn side_by_side(
        &self,
        shape: &str,
        ours: &str,
        theirs: &str,
        settings: &[String],
        rounds: u64,
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
