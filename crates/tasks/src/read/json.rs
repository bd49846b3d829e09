//! JSON documents and JSON lines, with their place.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::de::DeserializeOwned;

use super::Lines;
use crate::{Error, Origin, Result};

/// Opens a file.
pub(super) fn open(file: &Path) -> Result<BufReader<File>> {
    File::open(file).map(BufReader::new).map_err(|source| Error::Io { file: file.to_owned(), source })
}

/// The whole of `reader` as one JSON document; messages call it `file`.
pub(super) fn document<T: DeserializeOwned>(mut reader: impl Read, file: &Path) -> Result<T> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|source| Error::Io { file: file.to_owned(), source })?;
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|source| json_error(&Origin::new(file, 1), &source))
}

/// Each line that is not blank as a JSON document.
pub(crate) fn lines<T: DeserializeOwned, R: BufRead>(
    reader: R,
    file: &Path,
) -> impl Iterator<Item = Result<(Origin, T)>> + use<T, R> {
    Lines::new(reader, file).filter(|line| !matches!(line, Ok((_, line)) if line.trim().is_empty())).map(
        |line| {
            let (at, line) = line?;
            let value = serde_json::from_str(&line).map_err(|source| json_error(&at, &source))?;
            Ok((at, value))
        },
    )
}

fn json_error(first: &Origin, source: &serde_json::Error) -> Error {
    let at = first.at_line(first.line() + source.line().saturating_sub(1));
    // Its own message ends with line and column of the document, which the place already says.
    let reason = source.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
    Error::Json { at, column: source.column(), reason }
}
