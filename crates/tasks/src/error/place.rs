//! Where an error is.

use std::path::Path;

use super::{Error, ReadError};
use crate::Origin;

impl ReadError {
    /// The line of a file that it is about, where it is one.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Utf8 { at }
            | Self::LongLine { at, .. }
            | Self::Text { at, .. }
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
}

impl Error {
    /// The line of a file that it is about, where it is one.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Read(error) => error.origin(),
            _ => None,
        }
    }

    /// As [`Error::origin`], in `file`: an error about an example tells its place in its message alone.
    pub(crate) fn origin_in(&self, file: &Path) -> Option<Origin> {
        self.origin().cloned().or_else(|| {
            let message = self.to_string();
            let (_, behind) = message.split_once(&format!("{}:", file.display()))?;
            let line = behind.split(|c: char| !c.is_ascii_digit()).next()?;
            Some(Origin::new(file, line.parse().ok()?))
        })
    }

    /// What is wrong, for a reader who has been told `place` already: the message without what it does there.
    pub fn reason(&self, place: &str) -> String {
        let message = self.to_string();
        let behind = |rest: &str| rest.trim_start_matches([':', ',', ' ']).to_owned();
        match message.split_once(' ').and_then(|(_, rest)| rest.strip_prefix(place)) {
            Some(rest) if !place.is_empty() && rest.starts_with([':', ',', ' ']) => behind(rest),
            _ => message,
        }
    }
}
