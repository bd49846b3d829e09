//! Where an example was read from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A line of a file, for error messages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    file: Arc<Path>,
    line: usize,
}

impl Origin {
    /// The line `line`, counted from 1, of `file`.
    pub fn new(file: impl Into<PathBuf>, line: usize) -> Self {
        Self { file: file.into().into(), line }
    }

    /// The same file, another line.
    #[must_use]
    pub fn at_line(&self, line: usize) -> Self {
        Self { file: Arc::clone(&self.file), line }
    }

    /// The file as the caller named it.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}
