//! Lines of a text file, with their place.

use std::io::{self, BufRead, Read as _};
use std::path::PathBuf;

use crate::{Error, Origin, ReadError, Result};

/// The most bytes of one line. A novel has about a million.
const MOST_BYTES: usize = 4 << 20;

/// What goes on for so many bytes more without a line end is no text.
const MOST_SKIPPED: usize = 64 * MOST_BYTES;

/// The lines of a UTF-8 file without their line ends, each with where it is; a byte order mark is skipped.
///
/// A line that is not UTF-8, or longer than [`Lines::MOST_BYTES`], is an error in its place. Ends where the
/// file cannot be read on, and at once where it seems to be UTF-16.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    origin: Origin,
    latin1: bool,
    guessed: usize,
    done: bool,
}

impl<R: BufRead> Lines<R> {
    /// The most bytes of one line, its end included; what is longer is not kept in memory.
    pub const MOST_BYTES: usize = MOST_BYTES;

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
        // One byte more tells a line that is too long.
        let most = MOST_BYTES as u64 + 1;
        self.reader
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut bytes)
            .map_err(|source| self.failed(source))?;
        if bytes.is_empty() {
            self.done = true;
            return Ok(None);
        }
        self.origin = self.origin.at_line(self.origin.line() + 1);
        if self.origin.line() == 1 && is_utf16(&bytes) {
            self.done = true;
            return Err(Error::Read(ReadError::Utf16 { file: self.origin.file().to_owned() }));
        }
        if bytes.len() > MOST_BYTES {
            if bytes.last() != Some(&b'\n') {
                self.skip_line().map_err(|source| self.failed(source))?;
            }
            return Err(Error::Read(ReadError::LongLine { at: self.origin.clone(), limit: MOST_BYTES }));
        }
        let mut line = match String::from_utf8(bytes) {
            Ok(line) => line,
            Err(bytes) if self.latin1 => {
                self.guessed += 1;
                bytes.into_bytes().into_iter().map(char::from).collect()
            }
            Err(_) => return Err(Error::Read(ReadError::Utf8 { at: self.origin.clone() })),
        };
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        if self.origin.line() == 1 && line.starts_with('\u{feff}') {
            line.remove(0);
        }
        Ok(Some(line))
    }

    fn failed(&mut self, source: io::Error) -> Error {
        self.done = true;
        Error::Io { file: self.origin.file().to_owned(), source }
    }

    /// Skips the rest of a line; all the rest if there is no end to it.
    fn skip_line(&mut self) -> io::Result<()> {
        let mut skipped = 0;
        while skipped <= MOST_SKIPPED {
            let bytes = match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                bytes => bytes?,
            };
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let count = end.map_or(bytes.len(), |end| end + 1);
            if end.is_some() || count == 0 {
                self.reader.consume(count);
                return Ok(());
            }
            self.reader.consume(count);
            skipped += count;
        }
        self.done = true;
        Ok(())
    }
}

/// Whether these first bytes of a file are UTF-16: it begins with the byte order mark of this encoding, or a
/// zero stands beside its first character.
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

    /// What is read of `bytes`: the lines, and `None` in the place of an error about that line.
    fn read(reader: impl BufRead) -> Vec<Option<String>> {
        let mut lines = Vec::new();
        for (number, line) in Lines::new(reader, "f.txt").enumerate() {
            match line {
                Ok((at, line)) => {
                    assert_eq!(at.line(), number + 1);
                    lines.push(Some(line));
                }
                Err(error) => {
                    assert_eq!(error.origin().unwrap().to_string(), format!("f.txt:{}", number + 1));
                    lines.push(None);
                }
            }
        }
        lines
    }

    #[test]
    fn a_bad_line_costs_itself_alone() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read(&b"a\n\xff\nb\n"[..]), [some("a"), None, some("b")]);

        let fits = "x".repeat(MOST_BYTES - 1);
        let long = format!("{fits}\n{fits}y\n{fits}yz\nb");
        assert_eq!(read(long.as_bytes()), [some(&fits), None, None, some("b")]);
        assert_eq!(read(format!("a\n{fits}yy").as_bytes()), [some("a"), None]);
    }

    #[test]
    fn what_never_ends_ends() {
        assert_eq!(read(io::BufReader::with_capacity(1 << 20, io::repeat(0))), [None]);
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
