//! Input, read on a thread of its own, so that waiting for it keeps nobody from answering or stopping.

use std::fmt;
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::mpsc::{self, SyncSender};

use fishdip_tasks::TaskKind;
use fishdip_tasks::read::{Note, PredictionInput, PredictionInputs, ReadOptions, UnreadInput, texts};

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

/// Sends everything of `source`; false when there is no use in going on.
fn send_all(
    source: Source,
    format: InputFormat,
    options: &ReadOptions,
    kind: TaskKind,
    sender: &SyncSender<Item>,
) -> bool {
    let Source { name, reader, .. } = source;
    let questions: Result<PredictionInputs, _> = match format {
        InputFormat::Text => Ok(texts(reader, &name)),
        InputFormat::Data(format) => format.prediction_inputs(reader, &name, options, kind),
    };
    let mut questions = match questions {
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
        Err(UnreadInput { error, .. }) if matches!(*error, fishdip_tasks::Error::Io { .. }) => {
            (Item::Failed((*error).into()), false)
        }
        Err(UnreadInput { at, error }) => {
            let line = at.map(|at| at.line());
            (Item::Bad { line, error: Error::from(*error).to_string() }, true)
        }
    };
    sender.send(item).is_ok() && go_on
}
