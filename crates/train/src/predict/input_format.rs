//! What the input of a prediction looks like, and how it is read.

use std::io::BufRead;
use std::path::Path;

use fishdip_tasks::read::{Format, PredictionInputs, ReadOptions, texts, texts_in_words};
use fishdip_tasks::{Error, TaskKind};

/// What the input looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// One text a line, which is cut into words.
    Text,
    /// One text a line, whose words stand between blanks: as the words of a training file that was cut otherwise.
    Words,
    /// A layout of data, whose annotations are not looked at but for what the task is asked about (a predicate, a pair of mentions, a
    /// trigger). The text of an example without one is its tokens with single spaces.
    Data(Format),
}

impl InputFormat {
    /// The inputs in `reader`, which messages call `name`, for a prediction of the task `kind`.
    pub(crate) fn inputs(
        self,
        reader: impl BufRead + Send + 'static,
        name: &Path,
        options: &ReadOptions,
        kind: TaskKind,
    ) -> Result<PredictionInputs, Error> {
        match self {
            Self::Text => Ok(texts(reader, name)),
            Self::Words => Ok(texts_in_words(reader, name)),
            Self::Data(format) => format.prediction_inputs(reader, name, options, kind),
        }
    }
}
