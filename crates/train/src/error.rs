//! Why a run did not happen or did not finish.

use std::path::PathBuf;

/// Errors of runs. [`Error::kind`] tells what a caller should make of one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A config file cannot be read.
    #[error("cannot read the config {path}: {source}")]
    ReadConfig {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A config is not valid.
    #[error("{place}: {message}{}", hint.as_ref().map(|h| format!("; did you mean `{h}`?")).unwrap_or_default())]
    Config {
        /// File and line, or the override.
        place: String,
        /// What is wrong.
        message: String,
        /// The nearest known key or value.
        hint: Option<String>,
    },
    /// The run folder is in use.
    #[error("{path} already holds a run; choose another folder with --run, or move it away")]
    RunExists {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the run cannot be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// `read`, `write` or `create`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data do not fit the run.
    #[error("{0}")]
    Data(String),
    /// An example is longer than sources may be, and the config refuses such.
    #[error(
        "{example} has a source of {pieces} pieces, but data.max_source_pieces is {limit}; shorten it, raise the limit, or have it read in \
         windows (data.long_sources = \"window\")"
    )]
    LongSource {
        /// Its file and line.
        example: String,
        /// Pieces of its source, the end mark included.
        pieces: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A part of a long example that windows cannot part is too long itself.
    #[error(
        "{example} is too long, and cannot be read in windows: {part} alone has more pieces than {limits} allow; shorten it, or raise the limit"
    )]
    NoWindow {
        /// Its file and line.
        example: String,
        /// The part.
        part: String,
        /// The limits and their values.
        limits: String,
    },
    /// A caller asked to stop.
    #[error("stopped at step {step}{}", adapter.as_ref().map(|a| format!("; what was trained so far is in {}", a.display())).unwrap_or_default())]
    Interrupted {
        /// Training steps done.
        step: usize,
        /// Where the state was saved, if there was any.
        adapter: Option<PathBuf>,
    },
    /// Training failed part-way.
    #[error("training failed at step {step}: {reason}{}", adapter.as_ref().map(|a| format!("; the state before it is in {}", a.display())).unwrap_or_default())]
    Failed {
        /// Steps that were completed.
        step: usize,
        /// What happened.
        reason: String,
        /// Where the state was saved, if there was any.
        adapter: Option<PathBuf>,
    },
    /// The task or its data.
    #[error("failed to {0}")]
    Tasks(#[from] fishdip_tasks::Error),
    /// The model or its tokenizer.
    #[error(transparent)]
    Model(#[from] fishdip_t5::Error),
    /// Masks or adapter files.
    #[error(transparent)]
    Peft(#[from] fishdip_peft::Error),
}

/// What a caller should make of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Wrong use or bad input; nothing was written.
    BadInput,
    /// Stopped on request.
    Stopped,
    /// Failed part-way.
    PartWay,
}

impl Error {
    /// What a caller should make of it.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Interrupted { .. } => FailureKind::Stopped,
            Self::Failed { .. }
            | Self::Io { action: "write", .. }
            | Self::Peft(
                fishdip_peft::Error::Io { action: "write", .. } | fishdip_peft::Error::NonFinite { .. },
            ) => FailureKind::PartWay,
            _ => FailureKind::BadInput,
        }
    }
}
