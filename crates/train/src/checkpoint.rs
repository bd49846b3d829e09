//! Checkpoints: what a run needs to go on, as folders `checkpoints/step-N` of the run folder.
//!
//! A folder holds `state.safetensors` ([`TrainingState`]) and `MANIFEST.json`, which is written last. It is written beside its place, synced, and
//! renamed, so that a folder of that name is whole; what is not, was damaged later, and its hashes show it.

mod manifest;
mod space;

use fishdip_peft::{AtomicFolder, Average, Error as PeftError, TrainingState, read_file};
use fishdip_t5::T5;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub(crate) use manifest::{Identity, Manifest, file_names, not_what_began};

use crate::error::Access;
use crate::event::{Event, Sink};
use crate::{Error, RunConfig, TrainState};
use manifest::{MANIFEST, STATE};

/// The folder of the checkpoints in that of their run.
pub(crate) const CHECKPOINTS: &str = "checkpoints";

/// The checkpoints of one run.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
}

/// A checkpoint whose files are as they were written.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Manifest,
    state: Vec<u8>,
}

impl Checkpoints {
    /// Those of the run folder `run`.
    pub(crate) fn of(run: &Path) -> Self {
        Self { folder: run.join(CHECKPOINTS) }
    }

    /// Makes sure that there is room for those of a run of `config`, which trains `model`.
    pub(crate) fn probe(&self, config: &RunConfig, model: &T5) -> Result<(), Error> {
        space::probe(&self.folder, space::estimate(config, model))
    }

    /// Writes the state of a training of `model`.
    pub(crate) fn save(&self, model: &T5, state: &TrainState, of: &Progress<'_>) -> Result<PathBuf, Error> {
        let target = self.folder_of(state.step);
        let folder = AtomicFolder::replace(&target)?;
        let file = folder.path().join(STATE);
        let recorded: Vec<f32> = state.recorded.iter().map(|loss| loss.unwrap_or(f32::NAN)).collect();
        let masks = [&state.mask, &state.touched];
        TrainingState::write(&file, model, masks, &state.optimizer, &state.average, &recorded)?;
        let manifest = Manifest::new(state, of, &file)?;
        folder.write(MANIFEST, manifest.to_text().as_bytes())?;
        // The library's files can be read by the user alone, those of a run by whom its folder lets.
        let usual = fs::metadata(folder.path().join(MANIFEST));
        usual
            .and_then(|usual| fs::set_permissions(&file, usual.permissions()))
            .map_err(|source| Error::Io { action: Access::Write, path: file, source })?;
        folder.commit()?;
        Ok(target)
    }

    /// The steps that there are folders of, from the last, and these.
    fn list(&self) -> Result<Vec<(usize, PathBuf)>, Error> {
        let failed = |source| Error::Io { action: Access::Read, path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if let Some(step) = step_of(&path) {
                found.push((step, path));
            }
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        Ok(found)
    }

    /// The last checkpoint that is whole. Others are told of; where there are only others, that is an error.
    pub(crate) fn newest(&self, sink: &mut dyn Sink) -> Result<Option<Checkpoint>, Error> {
        let mut last = None;
        for (_, path) in self.list()? {
            match Checkpoint::read(&path) {
                Ok(checkpoint) => return Ok(Some(checkpoint)),
                Err(error @ Error::Checkpoint { is_newer: true, .. }) => return Err(error),
                Err(error) => {
                    sink.event(&Event::Warning { message: format!("{error}; an earlier one is looked for") });
                    last = Some(path);
                }
            }
        }
        let Some(path) = last else { return Ok(None) };
        let reason =
            "no checkpoint of the run is whole; to begin it anew, remove the folder of the checkpoints";
        Err(damaged(&path, reason.to_owned()))
    }

    /// Removes checkpoints but for the `keep` last ones up to that of the step `now` and that of the step `best`, once that of `now` is seen to be
    /// whole; and what writing left that was broken off.
    pub(crate) fn prune(&self, now: usize, keep: usize, best: Option<usize>) -> Result<(), Error> {
        Checkpoint::verify(&self.folder_of(now))?;
        let all = self.list()?.into_iter().filter(|(step, _)| *step <= now);
        for (_, path) in all.skip(keep).filter(|(step, _)| Some(*step) != best) {
            remove(&path)?;
        }
        self.sweep();
        Ok(())
    }

    /// Removes the checkpoints behind `step`.
    pub(crate) fn forget_after(&self, step: usize) -> Result<(), Error> {
        self.list()?.into_iter().filter(|(later, _)| *later > step).try_for_each(|(_, path)| remove(&path))
    }

    /// Removes what was not written to its end, and puts back what was to be replaced and was not. The run folder is this process's own, so that
    /// no other is writing it.
    pub(crate) fn sweep(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let has = |path: &Path, extension| path.extension().is_some_and(|e| e == extension);
        for path in entries.filter(|path| has(path, "tmp") || has(path, "old")) {
            let target = path.with_extension("");
            let is_lost = has(&path, "old") && !target.exists();
            // What stays costs space alone.
            let _ = match is_lost {
                true => fs::rename(&path, &target),
                false if path.is_dir() => fs::remove_dir_all(&path),
                false => fs::remove_file(&path),
            };
        }
    }

    /// The checkpoint of `step`.
    pub(crate) fn at(&self, step: usize) -> Result<Checkpoint, Error> {
        Checkpoint::read(&self.folder_of(step))
    }

    fn folder_of(&self, step: usize) -> PathBuf {
        self.folder.join(format!("step-{step:06}"))
    }
}

/// Removes a checkpoint: its manifest first, so that it is none any more should the rest stay.
fn remove(path: &Path) -> Result<(), Error> {
    let manifest = match fs::remove_file(path.join(MANIFEST)) {
        // An earlier removal that was broken off.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        removed => removed,
    };
    let removed =
        manifest.and_then(|()| if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) });
    removed.map_err(|source| Error::Io { action: Access::Write, path: path.to_owned(), source })
}

/// What a checkpoint keeps beside the state.
pub(crate) struct Progress<'a> {
    pub(crate) identity: &'a Identity,
    /// Where it was computed.
    pub(crate) backend: &'a str,
    /// Bytes of `events.jsonl`.
    pub(crate) events: u64,
    /// Seconds that the run took.
    pub(crate) seconds: f64,
}

/// The step of a checkpoint's folder.
pub(crate) fn step_of(path: &Path) -> Option<usize> {
    let digits = path.file_name()?.to_str()?.strip_prefix("step-")?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// What is said of the checkpoint `path` that cannot be gone on from.
fn damaged(path: &Path, reason: String) -> Error {
    Error::Checkpoint { path: path.to_owned(), reason, is_newer: false }
}

fn read_part(path: &Path, name: &str, at_most: u64) -> Result<Vec<u8>, Error> {
    let read = read_file(&path.join(name), at_most);
    read.map_err(|e| damaged(path, format!("{name} cannot be read: {e}")))
}

impl Checkpoint {
    /// Reads the folder `path` and checks its hashes.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let manifest = Self::manifest(path)?;
        let state = read_part(path, STATE, u64::MAX)?;
        manifest.check(&state).map_err(|reason| damaged(path, reason))?;
        Ok(Self { folder: path.to_owned(), manifest, state })
    }

    /// Checks the hashes of the folder `path`. Of a model that is trained as a whole, what it holds is larger than the model: it is not kept in
    /// memory.
    fn verify(path: &Path) -> Result<(), Error> {
        let manifest = Self::manifest(path)?;
        manifest.check_file(&path.join(STATE)).map_err(|reason| damaged(path, reason))
    }

    fn manifest(path: &Path) -> Result<Manifest, Error> {
        let text = String::from_utf8(read_part(path, MANIFEST, manifest::LARGEST)?)
            .map_err(|_| damaged(path, format!("{MANIFEST} is damaged: it is no text")))?;
        let manifest = Manifest::read(&text).map_err(|(reason, is_newer)| Error::Checkpoint {
            path: path.to_owned(),
            reason,
            is_newer,
        })?;
        if Some(manifest.step) != step_of(path) {
            return Err(damaged(path, format!("{MANIFEST} is of step {}", manifest.step)));
        }
        Ok(manifest)
    }

    /// Writes the values into `model`, which is the base model, and gives the state.
    pub(crate) fn restore(&self, model: &mut T5, config: &RunConfig) -> Result<TrainState, Error> {
        let damaged = |error: PeftError| damaged(&self.folder, error.to_string());
        let read = TrainingState::read(&self.state, &self.folder.join(STATE), model).map_err(damaged)?;
        let optimizer = read.apply(model, config.masked_optimizer()).map_err(damaged)?;
        let recorded = read.numbers.iter().map(|&loss| (!loss.is_nan()).then_some(loss)).collect();
        let average = Average::new(&read.average, model);
        Ok(self.manifest.state(read.mask, read.touched, optimizer, average, recorded))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::Device;
    use fishdip_peft::Adaptable as _;
    use fishdip_t5::Precision;
    use std::path::Path;

    use super::{Checkpoint, step_of};
    use crate::base::Base;

    /// A folder is added when the format changes, and none is ever edited.
    #[test]
    fn checkpoints_of_every_version_stay_readable() {
        let fixtures = Path::new("../../fixtures");
        let checkpoint = Checkpoint::read(&fixtures.join("checkpoints/v1/step-000003")).unwrap();
        let folder = fixtures.join("models/t5-nano");
        let mut model = Base::load(folder, Precision::F32, &Device::flex(), None).unwrap().model;
        // A config with the defaults of the program; it says nothing of the file.
        let config = "[model]\npath = \"m\"\n[data]\ndir = \"d\"\ntrain = \"t\"\n[task]\nname = \"ner\"\n";
        let state = checkpoint.restore(&mut model, &toml::from_str(config).unwrap()).unwrap();
        assert_eq!((state.step, state.recorded.len()), (3, 12));
        assert_eq!(state.mask.entries(&model), 407, "a ten-thousandth of 4,070,976");
        assert_eq!(state.mask, state.touched);
        assert!(state.recorded.iter().flatten().all(|loss| (0.0..10.0).contains(loss)));
        assert_eq!(model.entries(), 4_070_976);
    }

    #[test]
    fn names_of_folders() {
        assert_eq!(step_of(Path::new("run/checkpoints/step-000120")), Some(120));
        for other in ["step-000120.tmp", "step-000120.old", "step-", "step-x", "adapter"] {
            assert_eq!(step_of(Path::new(other)), None, "{other}");
        }
    }
}
