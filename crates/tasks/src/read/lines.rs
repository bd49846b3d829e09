//! Lines of a text file, with their place.

use std::io::BufRead;
use std::path::PathBuf;

use crate::{Error, Origin, Result};

/// The lines of a UTF-8 file without their line ends, each with where it is; a byte order mark is skipped.
///
/// A line that is not UTF-8 is an error, behind which the next lines come. Ends after an error of the system, and at once where the
/// whole file seems to be UTF-16.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    origin: Origin,
    latin1: bool,
    guessed: usize,
    done: bool,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `reader`, which messages call `file`.
    pub fn new(reader: R, file: impl Into<PathBuf>) -> Self {
        Self { reader, origin: Origin::new(file, 0), latin1: false, guessed: 0, done: false }
    }

    /// Reads a line that is not UTF-8 as Latin-1, in which some older corpora are written.
    #[must_use]
    pub fn or_latin1(mut self) -> Self {
        self.latin1 = true;
        self
    }

    /// How many lines were read as Latin-1 since it was last asked.
    pub(super) fn take_guessed(&mut self) -> usize {
        std::mem::take(&mut self.guessed)
    }

    /// The line that was read last; line 0 before the first.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    fn read(&mut self) -> Result<Option<String>> {
        let mut bytes = Vec::new();
        let count = self.reader.read_until(b'\n', &mut bytes).map_err(|source| {
            self.done = true;
            Error::Io { file: self.origin.file().to_owned(), source }
        })?;
        if count == 0 {
            self.done = true;
            return Ok(None);
        }
        self.origin = self.origin.at_line(self.origin.line() + 1);
        if self.origin.line() == 1 && is_utf16(&bytes) {
            self.done = true;
            return Err(Error::Utf16 { file: self.origin.file().to_owned() });
        }
        let mut line = match String::from_utf8(bytes) {
            Ok(line) => line,
            Err(bytes) if self.latin1 => {
                self.guessed += 1;
                bytes.into_bytes().into_iter().map(char::from).collect()
            }
            Err(_) => return Err(Error::Utf8 { at: self.origin.clone() }),
        };
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        if self.origin.line() == 1 && line.starts_with('\u{feff}') {
            line.remove(0);
        }
        Ok(Some(line))
    }
}

/// Whether these first bytes of a file are UTF-16: it begins with the byte order mark of this encoding, or a zero stands beside its first
/// character.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, second, ..] => (*first == 0) != (*second == 0),
        _ => false,
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<(Origin, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let line = self.read().transpose();
        line.map(|line| line.map(|line| (self.origin.clone(), line)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn line_ends_and_byte_order_mark_are_removed() {
        let lines = Lines::new("\u{feff}a\r\n\nb".as_bytes(), "f");
        let lines: Vec<_> =
            lines.map(|line| line.map(|(at, text)| (at.to_string(), text)).unwrap()).collect();
        let expected = [("f:1", "a"), ("f:2", ""), ("f:3", "b")];
        assert_eq!(lines, expected.map(|(at, text)| (at.to_owned(), text.to_owned())));
    }

    #[test]
    fn invalid_utf8_is_placed_and_costs_its_line_alone() {
        let mut lines = Lines::new(&b"a\n\xff\nb\n"[..], "f.txt");
        assert!(lines.next().unwrap().is_ok());
        assert!(lines.next().unwrap().unwrap_err().to_string().contains("f.txt:2"));
        assert_eq!(lines.next().unwrap().unwrap().1, "b");
        assert!(lines.next().is_none());
    }

    #[test]
    fn utf16_is_told_once() {
        for bytes in [&b"\xff\xfea\0\n\0b\0"[..], b"\xfe\xff\0a\0\n", b"a\0\n\0b\0\n\0"] {
            let mut lines = Lines::new(bytes, "f.txt");
            assert!(lines.next().unwrap().unwrap_err().to_string().contains("UTF-16"));
            assert!(lines.next().is_none());
        }
    }
}
