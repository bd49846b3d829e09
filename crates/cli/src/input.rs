//! A file, or standard input.

use fishdip_train::{Access, Error};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// Where lines come from, and what messages call it.
pub(crate) struct Input {
    pub(crate) reader: Box<dyn BufRead + Send>,
    pub(crate) name: PathBuf,
    /// Whether the next line may be long in coming.
    pub(crate) waits: bool,
}

impl Input {
    /// Opens `path`, or standard input for `-`.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            let reader = Box::new(BufReader::new(std::io::stdin()));
            return Ok(Self { reader, name: "standard input".into(), waits: true });
        }
        let failed = |source| Error::Io { action: Access::Read, path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let waits = !file.metadata().map_err(failed)?.is_file();
        Ok(Self { reader: Box::new(BufReader::new(file)), name: path.to_owned(), waits })
    }
}
