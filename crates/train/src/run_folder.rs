//! The folder of one run: `config.toml`, `events.jsonl`, `tensorboard/`, `checkpoints/`, `adapter/`, and `.lock`, which the process that writes it holds.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use fishdip_peft::replace_file;
use serde::Serialize;

use crate::digits::write_json_line;
use crate::error::Access;
use crate::event::{Event, Sink, TimedEvent};
use crate::out_file::check_place;
use crate::{Error, RunConfig};

/// The file that one process at a time has locked. The lock ends with the process, however it ends; the file stays, since whoever removed it
/// could take it from one who has just opened it.
pub(crate) const LOCK: &str = ".lock";

/// How long a process waits for a folder that another one may only be looking at.
const AN_INSTANT: Duration = Duration::from_millis(100);

/// What a process leaves that is ended while it writes the config, before there is a run.
const BEGUN: &str = "config.toml.tmp";

/// Where a run is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunPath {
    /// In this folder, which is absent or empty.
    At(PathBuf),
    /// In the first free one of `STEM-1`, `STEM-2` and so on.
    Numbered(PathBuf),
}

/// A run folder being written, and the sink that writes its events.
#[derive(Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
    /// Held as long as the run goes on.
    _lock: File,
    events: File,
    /// Bytes of the events.
    written: u64,
    start: Instant,
    /// Seconds that earlier processes took for it.
    before: f64,
    /// The first failure to write an event; told at the next flush.
    failure: Option<std::io::Error>,
}

impl RunPath {
    /// Refuses a folder that has anything in it, and a place where none can be made.
    pub(crate) fn check_free(&self) -> Result<(), Error> {
        match self {
            Self::At(path) if path.exists() => check_free(path),
            Self::At(path) | Self::Numbered(path) => check_place(path),
        }
    }

    /// Makes the folder this process's own.
    fn claim(&self) -> Result<(PathBuf, File), Error> {
        match self {
            Self::At(path) => Ok((path.clone(), claim(path)?)),
            Self::Numbered(stem) => {
                let mut number = 1_usize;
                loop {
                    let mut path = stem.clone().into_os_string();
                    path.push(format!("-{number}"));
                    let path = PathBuf::from(path);
                    match claim(&path) {
                        Ok(lock) => return Ok((path, lock)),
                        Err(Error::RunExists { .. } | Error::RunHeld { .. }) => number += 1,
                        Err(error) => return Err(error),
                    }
                }
            }
        }
    }
}

fn check_free(path: &Path) -> Result<(), Error> {
    match fs::read_dir(path) {
        // What cannot be looked at is something as well.
        Ok(mut entries) => {
            let is_none = |name: &OsStr| name == LOCK || name == BEGUN;
            let is_free = entries.all(|entry| entry.is_ok_and(|entry| is_none(&entry.file_name())));
            if is_free { Ok(()) } else { Err(Error::RunExists { path: path.into() }) }
        }
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Error::Io { action: Access::Read, path: path.into(), source }),
    }
}

/// Makes the folder where there is none, and locks it. Whether it is free is asked under the lock, so that of two processes that ask in the same
/// instant one has it.
fn claim(path: &Path) -> Result<File, Error> {
    // What is there already needs no lock to be seen.
    check_free(path)?;
    fs::create_dir_all(path).map_err(|source| Error::Io {
        action: Access::Create,
        path: path.into(),
        source,
    })?;
    let lock = lock(path)?;
    check_free(path)?;
    Ok(lock)
}

/// Locks the folder `path`, which is there.
fn lock(path: &Path) -> Result<File, Error> {
    let file = path.join(LOCK);
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    };
    let mut options = File::options();
    let opened = options.read(true).write(true).create(true).truncate(false).open(&file);
    // Nothing is written before the folder is this process's own.
    let mut lock = opened.map_err(failed(Access::Create, &file))?;
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => break,
            // Who asks whether a run is held has it for an instant.
            Err(TryLockError::WouldBlock) if begun.elapsed() < AN_INSTANT => sleep(AN_INSTANT / 10),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::RunHeld { path: path.into(), holder: said_in(&file) });
            }
            Err(TryLockError::Error(source)) => return Err(failed(Access::Write, &file)(source)),
        }
    }
    // For whoever comes next; the lock is what counts.
    let said = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
    said.map_err(failed(Access::Write, &file))?;
    Ok(lock)
}

/// The run folders right below the folder `path`, in order.
pub(crate) fn runs_below(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut runs: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.join(CONFIG).is_file()).collect();
    runs.sort();
    runs
}

/// The number of the process that has the run folder `path` now, if one has. Nothing is written.
pub(crate) fn holder(path: &Path) -> Option<String> {
    let file = path.join(LOCK);
    let lock = File::open(&file).ok()?;
    // Given back at once; a process that wants the folder waits for so long.
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| said_in(&file))
}

/// Whether a process has the run folder `path` now.
pub(crate) fn is_held(path: &Path) -> bool {
    holder(path).is_some()
}

/// What the process that has a lock says of itself.
fn said_in(lock: &Path) -> String {
    fs::read_to_string(lock).unwrap_or_default().trim().to_owned()
}

/// Makes the folder `path` where there is none, and waits until no other process has it: for what is written in an instant.
pub(crate) fn take_turn(path: &Path) -> Result<File, Error> {
    let (folder, file) = (path.to_owned(), path.join(LOCK));
    fs::create_dir_all(path).map_err(|source| Error::Io { action: Access::Create, path: folder, source })?;
    let opened = File::options().write(true).create(true).truncate(false).open(&file);
    let lock = opened.and_then(|lock| lock.lock().map(|()| lock));
    lock.map_err(|source| Error::Io { action: Access::Create, path: file, source })
}

/// The resolved config of the run.
pub(crate) const CONFIG: &str = "config.toml";

/// What happened, a line an event.
pub(crate) const EVENTS: &str = "events.jsonl";

/// The folder of the trained adapter.
pub(crate) const ADAPTER: &str = "adapter";

/// The folder of the files for TensorBoard.
pub(crate) const CURVES: &str = "tensorboard";

impl RunFolder {
    /// Makes the folder, which must be absent or empty, and writes the resolved config.
    pub(crate) fn create(run: &RunPath, config: &RunConfig) -> Result<Self, Error> {
        let toml = config.to_toml()?;
        let (path, lock) = run.claim()?;
        // At once: a run that is ended in this instant has its config or is none.
        replace_file(&path.join(CONFIG), toml.as_bytes())?;
        Self::open(path, lock)
    }

    /// Opens the folder of a run that was ended, for the process that goes on with it, and reads the config that the run began with.
    pub(crate) fn reopen(path: &Path) -> Result<(Self, RunConfig), Error> {
        if !path.exists() {
            return Err(Error::NoRun { path: path.into(), reason: "it does not exist".to_owned() });
        }
        if !path.join(CONFIG).is_file() {
            let reason = match runs_below(path).first() {
                Some(run) => format!(
                    "it is the folder of a study or of folds, whose runs have folders of their own; the command that made them goes on with all of them, and \
                     `--resume {}` with the first",
                    run.display()
                ),
                None => format!("it is no run folder, as there is no {CONFIG} in it"),
            };
            return Err(Error::NoRun { path: path.into(), reason });
        }
        // Before anything is written into a folder that has another program's file of this name.
        let config = RunConfig::load_resolved(&path.join(CONFIG))?;
        Ok((Self::open(path.to_owned(), lock(path)?)?, config))
    }

    fn open(path: PathBuf, lock: File) -> Result<Self, Error> {
        let file = path.join(EVENTS);
        let failed = |source| Error::Io { action: Access::Write, path: file.clone(), source };
        let events = File::options().append(true).create(true).open(&file).map_err(failed)?;
        let written = events.metadata().map_err(failed)?.len();
        Ok(Self { path, _lock: lock, events, written, start: Instant::now(), before: 0.0, failure: None })
    }

    /// Takes the events back to the first `bytes`, which they had when the run had taken `seconds`.
    pub(crate) fn go_back(&mut self, bytes: u64, seconds: f64) -> Result<(), Error> {
        let file = self.path.join(EVENTS);
        if bytes > self.written {
            let reason = format!(
                "{} has {} bytes, and the checkpoint was written behind {bytes} of it: it was cut or removed",
                file.display(),
                self.written
            );
            return Err(Error::NoRun { path: self.path.clone(), reason });
        }
        self.events.set_len(bytes).map_err(|source| Error::Io {
            action: Access::Write,
            path: file,
            source,
        })?;
        (self.written, self.before) = (bytes, seconds);
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn adapter(&self) -> PathBuf {
        self.path.join(ADAPTER)
    }

    /// Where files for TensorBoard go.
    pub(crate) fn curves(&self) -> PathBuf {
        self.path.join(CURVES)
    }

    /// Takes everything back that was told of a run of which there is no checkpoint.
    pub(crate) fn begin_anew(&mut self) -> Result<(), Error> {
        self.go_back(0, 0.0)?;
        let curves = self.curves();
        match fs::remove_dir_all(&curves) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(Error::Io { action: Access::Write, path: curves, source })
            }
            _ => Ok(()),
        }
    }

    /// Seconds that the run took.
    pub(crate) fn seconds(&self) -> f64 {
        self.before + self.start.elapsed().as_secs_f64()
    }

    /// Bytes of the events, all of them where they belong.
    pub(crate) fn synced(&mut self) -> Result<u64, Error> {
        self.flush()?;
        Ok(self.written)
    }

    /// Writes a file with one line of JSON into the folder, for what is long and read by programs alone.
    pub(crate) fn write_json_line(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        self.write(name, serde_json::to_vec(value))
    }

    /// Writes a file with a line of JSON for each of `values` into the folder.
    pub(crate) fn write_json_lines(&self, name: &str, values: &[impl Serialize]) -> Result<(), Error> {
        let path = self.path.join(name);
        let mut lines = Vec::new();
        for value in values {
            write_json_line(&mut lines, value).map_err(|source| Error::Io {
                action: Access::Write,
                path: path.clone(),
                source,
            })?;
        }
        Ok(replace_file(&path, &lines)?)
    }

    /// Writes a file of JSON into the folder.
    pub(crate) fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        self.write(name, serde_json::to_vec_pretty(value))
    }

    fn write(&self, name: &str, json: serde_json::Result<Vec<u8>>) -> Result<(), Error> {
        let path = self.path.join(name);
        let mut json = json.map_err(|error| Error::Io {
            action: Access::Write,
            path: path.clone(),
            source: error.into(),
        })?;
        json.push(b'\n');
        Ok(replace_file(&path, &json)?)
    }
}

impl Sink for RunFolder {
    fn event(&mut self, event: &Event) {
        if !event.is_recorded() || self.failure.is_some() {
            return;
        }
        let mut line = Vec::new();
        let written = write_json_line(&mut line, &TimedEvent { at: self.seconds(), event });
        // At once and whole, for whoever follows the file.
        self.failure = written.and_then(|()| self.events.write_all(&line)).err();
        self.written += line.len() as u64;
    }

    fn flush(&mut self) -> Result<(), Error> {
        // What failed once has left a gap, so that it stays an error.
        let result = match &self.failure {
            Some(error) => Err(std::io::Error::new(error.kind(), error.to_string())),
            None => self.events.sync_data(),
        };
        let path = || self.path.join(EVENTS);
        result.map_err(|source| Error::Io { action: Access::Write, path: path(), source })
    }
}
