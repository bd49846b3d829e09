//! Input, read on a thread of its own, so that waiting for it keeps nobody from answering or stopping.

use std::fmt;
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::mpsc::{self, SyncSender};

use fishdip_tasks::read::{Note, PredictionInput, ReadOptions, UnreadInput};
use fishdip_tasks::{Task, TaskKind};

use super::{InputFormat, PredictOptions};
use crate::Error;
use crate::error::Access;

/// Something to read.
pub struct Source {
    /// What messages call it.
    pub name: PathBuf,
    /// What is read.
    pub reader: Box<dyn BufRead + Send>,
    /// Whether the next line may be long in coming, as from a pipe or a terminal.
    pub waits: bool,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).field("waits", &self.waits).finish_non_exhaustive()
    }
}

/// What was read.
pub(super) enum Item {
    Question(PredictionInput),
    /// How something is read that leaves a choice.
    Note(String),
    /// What the reader tells of single inputs.
    Told(PathBuf, Note),
    /// A line, or a whole source, that is no input.
    Bad {
        line: Option<usize>,
        error: String,
    },
    /// Nothing can be read any more.
    Failed(Error),
}

pub(super) type Receiver = mpsc::Receiver<Item>;

/// How many items are read before they are asked for, when `batch` are answered together.
pub(super) fn ahead(batch: usize) -> usize {
    2 * batch
}

/// Starts to read `sources`, one after another, for the task `kind`. The thread ends with them, or soon after nobody receives any more; where it waits for
/// input, with the process.
pub(super) fn read(
    sources: Vec<Source>,
    options: &PredictOptions,
    kind: TaskKind,
    batch: usize,
) -> Result<Receiver, Error> {
    // Bounded, so that a large file is not in memory as a whole while the model is still at its beginning.
    let (sender, receiver) = mpsc::sync_channel(ahead(batch));
    let PredictOptions { format, read, .. } = options.clone();
    let run = move || {
        for source in sources {
            if !send_all(source, format, &read, kind, &sender) {
                break;
            }
        }
    };
    let started = std::thread::Builder::new().name("input".to_owned()).spawn(run);
    let failed = |source| Error::Io { action: Access::Read, path: "the input".into(), source };
    started.map(|_| receiver).map_err(failed)
}

/// How many answers `sources` have: one for each example that `task` is asked about, one for an input in which there is none, and one for what is no
/// input.
pub(super) fn count(sources: Vec<Source>, options: &PredictOptions, task: &Task) -> usize {
    let mut count = 0;
    for Source { name, reader, .. } in sources {
        let questions = match options.format.inputs(reader, &name, &options.read, task.kind()) {
            Ok(questions) => questions,
            Err(error) if is_end(&error) => return count,
            Err(_) => {
                count += 1;
                continue;
            }
        };
        for question in questions {
            match question {
                Ok(question) => count += task.instances(&question.example).len().max(1),
                Err(unread) if is_end(&unread.error) => return count,
                Err(_) => count += 1,
            }
        }
    }
    count
}

/// Sends everything of `source`; false when there is no use in going on.
fn send_all(
    source: Source,
    format: InputFormat,
    options: &ReadOptions,
    kind: TaskKind,
    sender: &SyncSender<Item>,
) -> bool {
    let Source { name, reader, .. } = source;
    let mut questions = match format.inputs(reader, &name, options, kind) {
        Ok(questions) => questions,
        Err(error) => return send(Err(error.into()), sender),
    };
    let notes = questions.notes().clone();
    loop {
        // Asking for a question may bring notes, also where there is no other one: they are sent before it.
        let question = questions.next();
        for note in notes.take() {
            let item = if note.is_of_file() {
                Item::Note(format!("{}: {}", name.display(), note.detail))
            } else {
                Item::Told(name.clone(), note)
            };
            if sender.send(item).is_err() {
                return false;
            }
        }
        let Some(question) = question else { return true };
        if !send(question, sender) {
            return false;
        }
    }
}

/// Sends what was read; false when there is no use in going on.
fn send(question: Result<PredictionInput, UnreadInput>, sender: &SyncSender<Item>) -> bool {
    let (item, go_on) = match question {
        Ok(question) => (Item::Question(question), true),
        Err(UnreadInput { error, .. }) if is_end(&error) => (Item::Failed((*error).into()), false),
        Err(UnreadInput { at, error }) => {
            let line = at.map(|at| at.line());
            (Item::Bad { line, error: Error::from(*error).to_string() }, true)
        }
    };
    sender.send(item).is_ok() && go_on
}

/// Whether nothing can be read any more.
fn is_end(error: &fishdip_tasks::Error) -> bool {
    matches!(error, fishdip_tasks::Error::Io { .. })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Cursor;

    use fishdip_tasks::read::Format;
    use fishdip_tasks::{Mode, Schema};

    use super::super::{OutputFormat, Thresholds};
    use super::*;

    fn counted(format: InputFormat, kind: TaskKind, texts: &[&str]) -> usize {
        let options = PredictOptions {
            format,
            read: ReadOptions::default(),
            thresholds: Thresholds::default(),
            output: OutputFormat::Jsonl,
            total: None,
        };
        let source = |text: &&str| Source {
            name: "a".into(),
            reader: Box::new(Cursor::new((*text).to_owned())),
            waits: false,
        };
        count(texts.iter().map(source).collect(), &options, &Task::new(kind, Schema::open(), Mode::Fixed))
    }

    /// As many as there are lines of output: one a line of text, also of an empty one and of one that cannot be read, and one a sentence.
    #[test]
    fn answers_are_counted_before_they_are_given() {
        for format in [InputFormat::Text, InputFormat::Words] {
            assert_eq!(counted(format, TaskKind::Ner, &["Ann\n\nmet Bob\n", "alone"]), 4);
        }
        let lines = "{\"text\": \"Ann\"}\nno JSON\n{\"page\": 3}\n{\"text\": \"Bob\"}\n";
        assert_eq!(counted(InputFormat::Data(Format::JsonSpans), TaskKind::Ner, &[lines]), 4);
        let sentences = "Ann O\nleft O\n\nBob O\n";
        assert_eq!(counted(InputFormat::Data(Format::Conll), TaskKind::Ner, &[sentences, sentences]), 4);
    }
}
