//! The folder of one run: `config.toml`, `events.jsonl`, `adapter/`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::digits::write_json_line;
use crate::error::Access;
use crate::event::{Event, Sink, TimedEvent};
use crate::{Error, RunConfig};

/// A run folder being written, and the sink that writes its events.
#[derive(Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
    events: File,
    start: Instant,
    /// The first failure to write an event; told at the next flush.
    failure: Option<std::io::Error>,
}

/// Refuses a folder that has anything in it.
pub(crate) fn check_free(path: &Path) -> Result<(), Error> {
    match fs::read_dir(path) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(Error::RunExists { path: path.into() }),
            None => Ok(()),
        },
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Error::Io { action: Access::Read, path: path.into(), source }),
    }
}

impl RunFolder {
    /// Makes the folder, which must be absent or empty, and writes the resolved config.
    pub(crate) fn create(path: &Path, config: &RunConfig) -> Result<Self, Error> {
        check_free(path)?;
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { action, path, source }
        };
        let toml = config.to_toml()?;
        fs::create_dir_all(path).map_err(failed(Access::Create, path))?;
        let file = path.join("config.toml");
        fs::write(&file, toml).map_err(failed(Access::Write, &file))?;
        let file = path.join("events.jsonl");
        let events = File::create_new(&file).map_err(failed(Access::Write, &file))?;
        Ok(Self { path: path.into(), events, start: Instant::now(), failure: None })
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
