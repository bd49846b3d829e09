//! `cargo xtask pretrain STAGE`: runs the Python programs that make the bundled model.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::backends;

/// A program of the recipe.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Stage {
    /// Text files of clones of the sources
    Gather,
    /// Sentences with silver spans, and the tokenizer, of `--texts FILE...`
    Prepare,
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
            Self::Gather => "gather.py",
            Self::Prepare => "prepare.py",
            Self::Train => "train.py",
            Self::Cooldown => "cooldown.py",
            Self::Export => "export.py",
        }
    }
}

/// The stage that stands behind the verb, the first of `words`. Without one the verb is fishdip's own, which trains on a task's texts and takes nothing
/// but options.
pub(crate) fn stage(words: &[OsString]) -> Result<Option<Stage>> {
    let Some(word) = words.get(1).map(|word| word.to_string_lossy()).filter(|word| !word.starts_with('-'))
    else {
        return Ok(None);
    };
    if let Ok(stage) = Stage::from_str(&word, false) {
        return Ok(Some(stage));
    }
    let stages = Stage::value_variants().iter().filter_map(Stage::to_possible_value);
    let names: Vec<String> = stages.map(|stage| stage.get_name().to_owned()).collect();
    bail!(
        "`{word}` is no stage of making the bundled model; these are {}. To train on texts without labels, give options alone: `cargo xtask \
         pretrain --help`",
        names.join(", ")
    )
}

/// Runs a stage at the lowest priority; its exit code is the program's.
pub(crate) fn run(root: &Path, stage: Stage, arguments: &[OsString]) -> Result<ExitCode> {
    let folder = root.join("xtask/pretrain");
    let python = python(&folder)?;
    let mut command = niced(&python);
    command.arg(folder.join(stage.program())).args(arguments);
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
    use std::ffi::OsString;

    use clap::ValueEnum as _;

    use super::{Stage, stage};

    #[test]
    fn every_stage_has_its_program() {
        let root = crate::cargo::root();
        for stage in Stage::value_variants() {
            let path = root.join("xtask/pretrain").join(stage.program());
            assert!(path.exists(), "{}", path.display());
        }
    }

    #[test]
    fn a_stage_is_told_from_options_of_fishdip() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert!(matches!(stage(&words("pretrain prepare --texts a.txt")), Ok(Some(Stage::Prepare))));
        for line in ["pretrain", "pretrain --config a.toml"] {
            assert!(matches!(stage(&words(line)), Ok(None)), "{line}");
        }
        let error = stage(&words("pretrain prepar")).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("`prepar`") && error.contains("gather, prepare, train"), "{error}");
    }
}
