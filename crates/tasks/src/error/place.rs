//! Where an error is.

use std::path::Path;

use super::{Error, ExampleError, ReadError, SchemaError};
use crate::Origin;

impl ReadError {
    /// The line of a file that it is about, where it is one.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Utf8 { at }
            | Self::LongLine { at, .. }
            | Self::Text { at, .. }
            | Self::NoText { at, .. }
            | Self::Item { at, .. }
            | Self::Layout { at, .. }
            | Self::Unclear { at, .. }
            | Self::BadCharSpan { at, .. }
            | Self::Record { at, .. }
            | Self::NoToken { at, .. }
            | Self::NoTag { at, .. }
            | Self::Tag { at, .. } => Some(at),
            _ => None,
        }
    }

    /// What its message says it is about: a line, a file or an example.
    fn place(&self) -> Option<String> {
        match self {
            Self::NoFile { file, .. }
            | Self::Utf16 { file }
            | Self::NoExample { file, .. }
            | Self::Empty { file, .. }
            | Self::NoSentence { file }
            | Self::UnknownLayout { file, .. } => Some(file.display().to_string()),
            Self::UnclearDataSet { folder, .. } => Some(folder.display().to_string()),
            Self::NoMention { example, .. } => Some(example.clone()),
            _ => self.origin().map(ToString::to_string),
        }
    }
}

impl ExampleError {
    /// The example that it is about, as its message names it.
    fn place(&self) -> Option<&str> {
        match self {
            Self::BadToken { example, .. }
            | Self::BadSpan { example, .. }
            | Self::BadRelation { example, .. }
            | Self::BadArgument { example, .. }
            | Self::BadLabel { example, .. }
            | Self::NoField { example, .. }
            | Self::UnknownLabel { example, .. }
            | Self::NoName { example, .. }
            | Self::SameId { example }
            | Self::NoWindow { example, .. } => Some(example),
            Self::TooFew { .. } | Self::TooFewShots { .. } => None,
        }
    }
}

impl Error {
    /// The line of a file that it is about, where it is one.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Read(error) => error.origin(),
            _ => None,
        }
    }

    /// What its message says it is about: a line, a file or an example.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::Io { file, .. } | Self::Write { file, .. } => Some(file.display().to_string()),
            Self::Read(error) => error.place(),
            Self::Example(error) => error.place().map(str::to_owned),
            Self::Schema(SchemaError::BadSchema { file, .. }) => Some(file.clone()),
            _ => None,
        }
    }

    /// As [`Error::origin`], in `file`: an error about an example tells its place in words alone.
    pub(crate) fn origin_in(&self, file: &Path) -> Option<Origin> {
        self.origin().cloned().or_else(|| {
            let place = self.place()?;
            let behind = place.strip_prefix(&format!("{}:", file.display()))?;
            let line = behind.split(|c: char| !c.is_ascii_digit()).next()?;
            Some(Origin::new(file, line.parse().ok()?))
        })
    }

    /// What is wrong, for a reader who has been told `place` already: the message without what it does there.
    pub fn reason(&self, place: &str) -> String {
        let message = self.to_string();
        let behind = |(at, _): (usize, &str)| message.get(at + place.len()..);
        let mut rests = message.match_indices(place).filter_map(behind);
        match rests.find(|rest| !place.is_empty() && rest.starts_with([':', ',', ' '])) {
            Some(rest) => rest.trim_start_matches([':', ',', ' ']).to_owned(),
            None => message,
        }
    }
}
