//! The folder of one run: `config.toml`, `events.jsonl`, `adapter/`, and `.lock`, which the process that writes it holds.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::digits::write_json_line;
use crate::error::Access;
use crate::event::{Event, Sink, TimedEvent};
use crate::{Error, RunConfig};

/// The file that one process at a time has locked. The lock ends with the process, however it ends; the file stays, since whoever removed it
/// could take it from one who has just opened it.
const LOCK: &str = ".lock";

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
    start: Instant,
    /// The first failure to write an event; told at the next flush.
    failure: Option<std::io::Error>,
}

impl RunPath {
    /// Refuses a folder that has anything in it.
    pub(crate) fn check_free(&self) -> Result<(), Error> {
        match self {
            Self::At(path) => check_free(path),
            Self::Numbered(_) => Ok(()),
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
            let is_free = entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == LOCK));
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
    let file = path.join(LOCK);
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    };
    fs::create_dir_all(path).map_err(failed(Access::Create, path))?;
    let mut options = File::options();
    let opened = options.read(true).write(true).create(true).truncate(false).open(&file);
    let mut lock = opened.map_err(failed(Access::Write, &file))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(&file).unwrap_or_default().trim().to_owned();
            return Err(Error::RunHeld { path: path.into(), holder });
        }
        Err(TryLockError::Error(source)) => return Err(failed(Access::Write, &file)(source)),
    }
    check_free(path)?;
    // For whoever comes next; the lock is what counts.
    let said = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
    said.map_err(failed(Access::Write, &file))?;
    Ok(lock)
}

impl RunFolder {
    /// Makes the folder, which must be absent or empty, and writes the resolved config.
    pub(crate) fn create(run: &RunPath, config: &RunConfig) -> Result<Self, Error> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { action: Access::Write, path, source }
        };
        let toml = config.to_toml()?;
        let (path, lock) = run.claim()?;
        let file = path.join("config.toml");
        fs::write(&file, toml).map_err(failed(&file))?;
        let file = path.join("events.jsonl");
        let events = File::create_new(&file).map_err(failed(&file))?;
        Ok(Self { path, _lock: lock, events, start: Instant::now(), failure: None })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn adapter(&self) -> PathBuf {
        self.path.join("adapter")
    }

    /// Seconds since the folder was made.
    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}

impl Sink for RunFolder {
    fn event(&mut self, event: &Event) {
        // Progress of an evaluation is for the eye only.
        if matches!(event, Event::Evaluating { .. }) || self.failure.is_some() {
            return;
        }
        let line = TimedEvent { at: self.seconds(), event };
        // At once, for whoever follows the file.
        self.failure = write_json_line(&mut self.events, &line).err();
    }

    fn flush(&mut self) -> Result<(), Error> {
        let result = self.failure.take().map_or_else(|| self.events.sync_data(), Err);
        let path = || self.path.join("events.jsonl");
        result.map_err(|source| Error::Io { action: Access::Write, path: path(), source })
    }
}
