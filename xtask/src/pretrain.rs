//! `cargo xtask pretrain STAGE`: runs the Python programs that make the bundled model.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::backends;

/// What to run, and what it is given.
#[derive(Args, Debug)]
pub(crate) struct Options {
    stage: Stage,
    /// Arguments of the program; `--help` tells which it has
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    arguments: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Stage {
    /// Sentences with silver spans, and the tokenizer, of `--texts FILE...`
    Prepare,
    /// The teacher's states ahead, which `train` computes otherwise as it needs them
    Teach,
    /// Trains until it is stopped, and goes on where it was
    Train,
    /// A finished model of the newest state
    Cooldown,
    /// A model of the newest state as it is
    Export,
}

impl Stage {
    fn program(self) -> &'static str {
        match self {
            Self::Prepare => "prepare.py",
            Self::Teach => "teacher.py",
            Self::Train => "train.py",
            Self::Cooldown => "cooldown.py",
            Self::Export => "export.py",
        }
    }
}

/// Runs a stage at the lowest priority; its exit code is the program's.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let folder = root.join("xtask/pretrain");
    let python = python(&folder)?;
    let mut command = niced(&python);
    command.arg(folder.join(options.stage.program())).args(&options.arguments);
    let status = command.status().with_context(|| format!("failed to run {}", python.display()))?;
    Ok(status
        .code()
        .map_or(ExitCode::FAILURE, |code| u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)))
}

/// `python` behind `nice`, where there is one.
fn niced(python: &Path) -> Command {
    let has = Command::new("nice").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        return Command::new(python);
    }
    let mut command = Command::new("nice");
    command.args(["-n", "19"]).arg(python);
    command
}

/// The Python in `FISHDIP_PYTHON`, else one in a virtual environment made for it.
fn python(folder: &Path) -> Result<PathBuf> {
    if let Some(python) = std::env::var_os("FISHDIP_PYTHON") {
        return Ok(python.into());
    }
    let environment = backends::cache()?.join("pretrain/venv");
    let (python, ready) = (environment.join("bin/python"), environment.join("ready"));
    let requirements = folder.join("requirements.txt");
    let wanted =
        std::fs::read(&requirements).with_context(|| format!("failed to read {}", requirements.display()))?;
    if std::fs::read(&ready).ok().as_ref() == Some(&wanted) {
        return Ok(python);
    }
    eprintln!(
        "installing PyTorch and word lists into {} (a download of some gigabytes)",
        environment.display()
    );
    std::fs::create_dir_all(&environment)
        .with_context(|| format!("failed to make {}", environment.display()))?;
    install(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    install(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&requirements))?;
    std::fs::write(&ready, wanted).with_context(|| format!("failed to write {}", ready.display()))?;
    Ok(python)
}

fn install(command: &mut Command) -> Result<()> {
    let status = command.stdout(Stdio::null()).status();
    if !status.with_context(|| format!("failed to run {}", command.get_program().display()))?.success() {
        bail!("the packages could not be installed; give a Python that has them in FISHDIP_PYTHON");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::{Parser as _, ValueEnum as _};

    use super::{Options, Stage};

    #[derive(clap::Parser)]
    struct Pretrain {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn every_stage_has_its_program() {
        let root = crate::cargo::root();
        for stage in Stage::value_variants() {
            let path = root.join("xtask/pretrain").join(stage.program());
            assert!(path.exists(), "{}", path.display());
        }
    }

    #[test]
    fn what_stands_behind_the_stage_is_the_programs() -> Result<(), clap::Error> {
        let line = "pretrain prepare --texts a.txt b.txt.gz --pieces 100";
        let options = Pretrain::try_parse_from(line.split(' '))?.options;
        assert_eq!(options.arguments, ["--texts", "a.txt", "b.txt.gz", "--pieces", "100"]);
        assert!(Pretrain::try_parse_from(["pretrain", "bake"]).is_err());
        Ok(())
    }
}
