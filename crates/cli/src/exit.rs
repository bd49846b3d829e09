//! Exit codes: 0 done, 2 wrong use or bad input, 3 stopped, 4 failed part-way.

use fishdip::backend::UnknownBackend;
use fishdip_train::{Error, FailureKind};
use std::io::Write;
use std::process::ExitCode;

use crate::shown::shown;

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Wrong use.
    #[error("{0}")]
    Use(String),
    /// The run.
    #[error(transparent)]
    Run(#[from] Error),
    /// A download.
    #[cfg(feature = "hub")]
    #[error(transparent)]
    Fetch(#[from] fishdip_train::FetchError),
    /// Standard output is gone.
    #[error("failed to write to standard output: {0}")]
    Output(#[from] std::io::Error),
}

impl From<UnknownBackend> for Failure {
    fn from(error: UnknownBackend) -> Self {
        Self::Use(error.to_string())
    }
}

impl Failure {
    /// What the system said, where it refused to read or write.
    fn io(&self) -> Option<&std::io::Error> {
        match self {
            Self::Output(source) => Some(source),
            Self::Run(error) => error.io(),
            _ => None,
        }
    }

    /// Where a file was looked for that is not there, if its name does not tell.
    fn looked_for_in(&self) -> String {
        let Self::Run(error) = self else { return String::new() };
        match (error.not_found(), std::env::current_dir()) {
            (Some(path), Ok(folder)) if path.is_relative() => {
                format!("; relative paths start from {}", shown(&folder.display().to_string()))
            }
            _ => String::new(),
        }
    }
}

/// Reports a failure on standard error and gives the exit code.
pub(crate) fn code(outcome: Result<(), Failure>) -> ExitCode {
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    let code = match &failure {
        // The reader of a pipe has what it wanted.
        failure if failure.io().is_some_and(|said| said.kind() == std::io::ErrorKind::BrokenPipe) => {
            return ExitCode::SUCCESS;
        }
        Failure::Use(_) => 2,
        #[cfg(feature = "hub")]
        Failure::Fetch(e) => {
            if e.is_part_way() {
                4
            } else {
                2
            }
        }
        Failure::Output(_) => 4,
        Failure::Run(e) => match e.kind() {
            FailureKind::BadInput => 2,
            FailureKind::Stopped => 3,
            FailureKind::PartWay => 4,
        },
    };
    // Nobody is left to tell if this fails.
    let message = with_short_words(&failure.to_string());
    let _ = writeln!(std::io::stderr(), "error: {}{}", shown(&message), failure.looked_for_in());
    ExitCode::from(code)
}

/// The same; of a word with more characters than a path that people use, it has the beginning.
fn with_short_words(message: &str) -> String {
    const LONGEST: usize = 300;
    let short = |word: &str| match word.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word.to_owned(),
    };
    message.split(' ').map(short).collect::<Vec<_>>().join(" ")
}
