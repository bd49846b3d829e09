//! Curves for TensorBoard: a file of its own format, `events.out.tfevents.*`, with the numbers of a run's events.

mod proto;
mod record;
mod scalars;

use prost::Message as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Error;
use crate::error::Access;
use crate::event::{Event, Sink};
use proto::{FILE_VERSION, SessionLog, Summary, Value};
use record::record;
use scalars::scalars;

/// A file for TensorBoard being written. Each process that writes curves of a run has a file of its own in the run's `tensorboard/`; the reader
/// joins them in the order of their names.
#[derive(Debug)]
pub(crate) struct TensorBoard {
    path: PathBuf,
    file: File,
    /// The first failure to write; told at the next flush.
    failure: Option<io::Error>,
}

impl TensorBoard {
    /// Begins a file in `folder`, which is made where there is none. A run that goes on from a step, which another process may have gone beyond
    /// before it ended, has the reader forget what that process wrote of later steps.
    pub(crate) fn create(folder: &Path, resumed_at: Option<u64>) -> Result<Self, Error> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { action: Access::Write, path, source }
        };
        fs::create_dir_all(folder).map_err(failed(folder))?;
        let path = folder.join(file_name());
        let file = File::create_new(&path).map_err(failed(&path))?;
        let mut board = Self { path, file, failure: None };
        let version = proto::Event { file_version: Some(FILE_VERSION.to_owned()), ..proto::Event::default() };
        let start = resumed_at.map(|step| proto::Event {
            // The reader forgets this step as well as those behind it.
            step: step as i64 + 1,
            session_log: Some(SessionLog::START),
            ..proto::Event::default()
        });
        let begun = [Some(version), start].into_iter().flatten().try_for_each(|event| board.write(event));
        begun.map_err(failed(&board.path))?;
        Ok(board)
    }

    /// Writes a record at once and in one piece, for whoever follows the file. Where the process ends in the middle of it, the reader stops before it.
    fn write(&mut self, event: proto::Event) -> io::Result<()> {
        let event = proto::Event { wall_time: since_1970().as_secs_f64(), ..event };
        self.file.write_all(&record(&event.encode_to_vec()))
    }
}

impl Sink for TensorBoard {
    fn event(&mut self, event: &Event) {
        let Some((step, scalars)) = scalars(event) else { return };
        if self.failure.is_some() {
            return;
        }
        let values = scalars.into_iter().map(|(tag, value)| Value { tag, simple_value: Some(value as f32) });
        let summary = Some(Summary { value: values.collect() });
        self.failure =
            self.write(proto::Event { step: step as i64, summary, ..proto::Event::default() }).err();
    }

    fn flush(&mut self) -> Result<(), Error> {
        let result = self.failure.take().map_or_else(|| self.file.sync_data(), Err);
        result.map_err(|source| Error::Io { action: Access::Write, path: self.path.clone(), source })
    }
}

/// A name that no other file has, and that comes behind those of earlier files.
fn file_name() -> String {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let (now, process, number) = (since_1970(), std::process::id(), FILES.fetch_add(1, Ordering::Relaxed));
    format!("events.out.tfevents.{:010}.{:09}.{process}.{number}", now.as_secs(), now.subsec_nanos())
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn step(step: usize) -> Event {
        Event::Step { step, loss: 0.5, gradient_norm: 0.0, learning_rate: 0.25, seconds: 2.0 }
    }

    /// The events in a file.
    fn read(path: &Path) -> Vec<proto::Event> {
        let (bytes, mut events) = (fs::read(path).unwrap(), Vec::new());
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
            let (whole, others) = rest.split_at(12 + length + 4);
            let data = &whole[12..12 + length];
            assert_eq!(whole, record(data));
            events.push(proto::Event::decode(data).unwrap());
            rest = others;
        }
        events
    }

    #[test]
    fn a_file_has_its_version_and_a_record_for_each_event_with_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let mut board = TensorBoard::create(&folder.path().join("a/b"), None).unwrap();
        board.event(&Event::Note { message: "nothing".into() });
        board.event(&step(1));
        board.event(&step(2));
        board.flush().unwrap();
        let events = read(&board.path);
        assert_eq!(events.len(), 3);
        assert_eq!(events[0].file_version.as_deref(), Some("brain.Event:2"));
        assert_eq!(events.iter().map(|event| event.step).collect::<Vec<_>>(), [0, 1, 2]);
        let summary = events[2].summary.as_ref().unwrap();
        let values: Vec<(&str, f32)> =
            summary.value.iter().map(|value| (value.tag.as_str(), value.simple_value.unwrap())).collect();
        assert_eq!(values[..2], [("train/loss", 0.5), ("train/gradient_norm", 0.0)]);
        assert!(events[0].wall_time > 1.6e9);
    }

    #[test]
    fn a_run_that_goes_on_has_a_file_behind_the_others_and_keeps_its_step() {
        let folder = tempfile::tempdir().unwrap();
        let first = TensorBoard::create(folder.path(), None).unwrap();
        let second = TensorBoard::create(folder.path(), Some(5)).unwrap();
        assert!(first.path < second.path);
        let events = read(&second.path);
        assert_eq!(events[1].session_log, Some(SessionLog::START));
        assert_eq!(events[1].step, 6, "step 5 was made before");
    }

    #[test]
    fn a_failure_is_told_once_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut board = TensorBoard::create(folder.path(), None).unwrap();
        // Opened to be read alone.
        board.file = File::open(&board.path).unwrap();
        board.event(&step(1));
        board.event(&step(2));
        let error = board.flush().unwrap_err().to_string();
        assert!(error.starts_with(&format!("failed to write {}: ", board.path.display())), "{error}");
        assert!(board.failure.is_none());
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(TensorBoard::create(&folder.path().join("file/in"), None).is_err());
    }
}
