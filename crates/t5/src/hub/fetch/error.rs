//! Why a model was not fetched.

use std::path::PathBuf;
use std::time::Duration;

/// Why a model was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// What was asked for has no name of the hub.
    #[error(
        "{0} is no name of a model on the hub; such a name is OWNER/NAME or NAME, of letters, digits, `-`, `_` and `.`"
    )]
    Name(String),
    /// The hub's address cannot be used.
    #[error(
        "{0} is no address of a hub; it begins with https:// (or http://) and a host, as https://huggingface.co does"
    )]
    Endpoint(String),
    /// The token cannot be sent.
    #[error("the hub's token holds characters that no token has; log in again, or set HF_TOKEN")]
    Token,
    /// The hub does not answer, or not about this model.
    #[error(
        "failed to ask {endpoint} about {name}: {source}; the cache {cache} has no whole copy of it. A model's folder from elsewhere can be used as well"
    )]
    Unreachable {
        /// The address.
        endpoint: String,
        /// The model.
        name: String,
        /// The folder of the cache.
        cache: PathBuf,
        /// What went wrong.
        source: RequestError,
    },
    /// The hub names a file and does not answer about it.
    #[error("failed to ask about {file} of {name}: {source}; nothing was downloaded")]
    File {
        /// The model.
        name: String,
        /// The file.
        file: String,
        /// What went wrong.
        source: RequestError,
    },
    /// The hub says something that no hub says.
    #[error(
        "failed to trust what is said of {about}: {what} {given} is not {expected}; is HF_ENDPOINT the address of a hub?"
    )]
    Announced {
        /// The model, or a file of it.
        about: String,
        /// What is said.
        what: &'static str,
        /// Its value, shortened.
        given: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The hub announces more than a model has.
    #[error(
        "{about} would have {size} bytes, which is more than the {limit} that such a file can have; nothing was downloaded"
    )]
    Large {
        /// A file of the model.
        about: String,
        /// The announced size.
        size: u64,
        /// The largest that is taken.
        limit: u64,
    },
    /// The hub holds something else under this name.
    #[error("{name} on the hub holds no {lacks}: it is no T5 model that can be read")]
    NoModel {
        /// The name.
        name: String,
        /// Which file is not there.
        lacks: &'static str,
    },
    /// A download broke off.
    #[error("failed to download {file} of {name}: {source}; the same command goes on from there")]
    Download {
        /// The model.
        name: String,
        /// The file.
        file: String,
        /// What went wrong.
        source: RequestError,
    },
    /// What came is not what the hub announced.
    #[error(
        "{file} of {name} is not what the hub announced (its hash is {found}, not {expected}); it was removed, fetch it again"
    )]
    Damaged {
        /// The model.
        name: String,
        /// The file.
        file: String,
        /// The hash of what came.
        found: String,
        /// The announced one.
        expected: String,
    },
    /// Another process downloads the same file, and its download does not grow.
    #[error(
        "failed to lock {lock}: another process downloads the same file and does not go on; end it, and fetch again"
    )]
    Busy {
        /// The file that is locked.
        lock: PathBuf,
    },
    /// A file of the cache.
    #[error("failed to {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl FetchError {
    /// True where something was written.
    pub fn is_part_way(&self) -> bool {
        matches!(self, Self::Download { .. } | Self::Damaged { .. } | Self::Busy { .. } | Self::Io { .. })
    }
}

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There is no connection, or it broke.
    #[error("{0}")]
    Connection(Box<ureq::Error>),
    /// The connection is there, and nothing comes.
    #[error("the connection stalled, no byte came for {0:?}")]
    Stalled(Duration),
    /// The connection ended too early.
    #[error("the connection ended after {came} of {size} bytes")]
    Ended {
        /// How much is there.
        came: u64,
        /// How much was announced.
        size: u64,
    },
    /// It is refused.
    #[error("the answer is status {0}{hint}", hint = hint(*.0))]
    Status(u16),
    /// The answer leads to where no request goes.
    #[error(
        "it is redirected to {0}, where no request goes (http:// or https:// alone, and never from https:// to http://)"
    )]
    Redirect(String),
    /// The answers lead on and on.
    #[error("it is redirected more than {0} times")]
    Redirects(usize),
    /// Another part of the file than the one that was asked for.
    #[error("the bytes from {from} of {size} were asked for, and the answer is {given}")]
    Range {
        /// The first byte that was asked for.
        from: u64,
        /// The file's size.
        size: u64,
        /// What came, as the server calls it.
        given: String,
    },
    /// A file that is longer than announced.
    #[error("more than the announced {0} bytes came; they were removed")]
    Long(u64),
    /// The description of the model is too long for one.
    #[error("the answer has more than {0} bytes, or takes too long")]
    Endless(u64),
    /// The description of the model is none.
    #[error("the answer is not the JSON of a hub ({0})")]
    Json(#[from] serde_json::Error),
}

impl RequestError {
    /// What a request or a connection says, where `stall` is how long it waits for a byte.
    pub(super) fn from_ureq(error: ureq::Error, stall: Duration) -> Self {
        use std::io::ErrorKind::{TimedOut, WouldBlock};
        match error {
            ureq::Error::Timeout(
                ureq::Timeout::PerRead | ureq::Timeout::PerWrite | ureq::Timeout::RecvResponse,
            ) => Self::Stalled(stall),
            ureq::Error::Io(error) if matches!(error.kind(), TimedOut | WouldBlock) => Self::Stalled(stall),
            error => Self::Connection(Box::new(error)),
        }
    }

    /// Whether the same request may come to something later. What was refused will be refused again.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Connection(error) => matches!(
                **error,
                ureq::Error::Io(_)
                    | ureq::Error::Timeout(_)
                    | ureq::Error::HostNotFound
                    | ureq::Error::ConnectionFailed
            ),
            Self::Stalled(_) | Self::Ended { .. } => true,
            Self::Status(status) => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }
}

fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => ", as for a model that wants a token: set HF_TOKEN",
        404 => ", as for a name that is not there, or wants a token",
        _ => "",
    }
}

/// What a server said, for a message: its beginning, with everything that a terminal obeys escaped.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
