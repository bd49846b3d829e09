//! A file, or standard input.

use fishdip_train::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::exit::Failure;

/// Where lines come from, and what messages call it.
pub(crate) struct Input<'a> {
    pub(crate) reader: Box<dyn BufRead>,
    pub(crate) name: &'a Path,
}

impl<'a> Input<'a> {
    /// Opens `path`, or standard input for `-`.
    pub(crate) fn open(path: &'a Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self { reader: Box::new(std::io::stdin().lock()), name: Path::new("standard input") });
        }
        let file =
            File::open(path).map_err(|source| Error::Io { action: "read", path: path.to_owned(), source })?;
        Ok(Self { reader: Box::new(BufReader::new(file)), name: path })
    }
}
