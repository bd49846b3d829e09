//! JSON documents and JSON lines, with their place.
//!
//! A reader of a layout says which [`Keys`] its objects have and turns each [`Item`] into examples: [`each`]
//! reads a whole file, a list or an object a line, [`each_line`] a stream of lines. An item knows the line
//! where it begins and its own id, and every error made with [`Item::at`] names both; an item that is wrong
//! costs itself alone.
//!
//! What annotation tools write differs from one object to the next, and some of it only looks like what it is.
//! Their readers take the values one by one ([`records`]) and look at each through [`Fields`](fields::Fields).

pub(super) mod fields;
mod in_order;
mod item;
mod keys;
pub(super) mod layouts;
mod raw;
pub(super) mod recognize;
mod scan;
mod stream;
mod unique;
mod words;

pub(crate) use in_order::InOrder;
pub(crate) use item::Item;
pub(crate) use keys::Keys;
pub use raw::{RawFields, RawJson};
pub(super) use recognize::Is;
pub(super) use scan::{Parts, Shape, beginnings, entry_beginnings};
pub(super) use stream::{Records, record_texts, records, value};

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::Lines;
use crate::{Error, Origin, ReadError, Result};
use unique::Unique;

/// Opens a file. A pipe or a device, which need not end and may wait for ever, is refused.
pub(crate) fn open(file: &Path) -> Result<BufReader<File>> {
    let failed = |source| Error::Io { file: file.to_owned(), source };
    let kind = std::fs::metadata(file).map_err(failed)?.file_type();
    if !kind.is_file() && !kind.is_dir() {
        return Err(Error::Read(ReadError::NoFile { file: file.to_owned(), what: what(kind) }));
    }
    File::open(file).map(BufReader::new).map_err(failed)
}

#[cfg(unix)]
fn what(kind: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match kind {
        kind if kind.is_fifo() => "a pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn what(_: std::fs::FileType) -> &'static str {
    "a device"
}

/// The whole of `reader`, which messages call `file`, without a byte order mark.
pub(super) fn text(mut reader: impl Read, file: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|source| Error::Io { file: file.to_owned(), source })?;
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let line = valid.matches('\n').count() + 1;
        Error::Read(ReadError::Utf8 { at: Origin::new(file, line) })
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// That the value at `at` is not as it should be.
pub(super) fn bad_value(at: &Origin, error: &serde_json::Error) -> Error {
    Error::Read(ReadError::Item { at: at.clone(), problem: words::of_value(error) })
}

/// What `read` makes of every object of a file: of the objects of its list, or of those that stand in it one
/// after another.
pub(super) fn each<T>(
    reader: impl Read,
    file: &Path,
    keys: &'static Keys,
    mut read: impl FnMut(&Item<'_>) -> Result<T>,
) -> Result<Vec<Result<T>>> {
    let text = text(reader, file)?;
    let whole = Item::whole(&text, file);
    Ok(whole.items(keys).map(|item| read(&item?)).collect())
}

/// What `read` makes of every line that is not blank, line by line as they come.
pub(super) fn each_line<R: BufRead, T, F: FnMut(&Item<'_>) -> Result<T>>(
    reader: R,
    file: &Path,
    keys: &'static Keys,
    mut read: F,
) -> impl Iterator<Item = Result<T>> + use<R, T, F> {
    let lines =
        Lines::new(reader, file).filter(|line| !matches!(line, Ok((_, line)) if line.trim().is_empty()));
    lines.enumerate().map(move |(number, line)| {
        let (at, line) = line?;
        read(&Item::line(&line, &at, number, keys))
    })
}

/// Items that gave several examples each, one after another.
pub(super) fn flat<T, I: IntoIterator<Item = Result<Vec<T>>>>(
    items: I,
) -> impl Iterator<Item = Result<T>> + use<T, I> {
    items.into_iter().flat_map(|item| match item {
        Ok(examples) => examples.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    })
}

/// The objects of JSON lines, each also as it was written. An object with a key that stands there twice is an error.
pub(super) fn objects<R: BufRead>(
    reader: R,
    file: &Path,
) -> impl Iterator<Item = Result<(Origin, Map<String, Value>, RawFields)>> + use<R> {
    Lines::new(reader, file).filter(|line| !matches!(line, Ok((_, line)) if line.trim().is_empty())).map(
        |line| {
            let (at, line) = line?;
            let Object(map) = serde_json::from_str(&line).map_err(|source| {
                let problem = words::problem(&line, at.line(), &source);
                Error::Read(ReadError::Item { at: at.clone(), problem })
            })?;
            Ok((at, map, RawFields::of_valid(&line)))
        },
    )
}

/// An object without a repeated key, at any depth.
struct Object(Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        match Unique::deserialize(deserializer)?.0 {
            Value::Object(map) => Ok(Self(map)),
            // Said by the library, as of any other type.
            other => Map::deserialize(other).map(Self).map_err(D::Error::custom),
        }
    }
}
