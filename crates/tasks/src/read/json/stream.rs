//! The values of a JSON data file one by one, with their place: of a list, of JSON lines, or one after
//! another.

use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

use super::super::Lines;
use super::scan::{Cursor, Parts};
use super::unique::Unique;
use super::words;
use crate::{Error, Origin, ReadError, Result};

/// The records of a file and the line on which each begins.
pub(in crate::read) type Records = Box<dyn Iterator<Item = Result<(Origin, Value)>> + Send>;

/// The same as they were written.
type RecordTexts = Box<dyn Iterator<Item = Result<(Origin, String)>> + Send>;

/// The records of `reader`, which messages call `file`: the elements of one list, or else a value a line, or
/// values over several lines each.
///
/// JSON lines are read as they come, and one that is no JSON costs itself alone. The others are read whole,
/// and end where it cannot be told where a value ends.
pub(in crate::read) fn records<R: BufRead + Send + 'static>(reader: R, file: &Path) -> Result<Records> {
    Ok(Box::new(record_texts(reader, file)?.map(|record| {
        let (at, text) = record?;
        let value = value(&text, &at)?;
        Ok((at, value))
    })))
}

/// As [`records`], each as it was written, which need not be JSON.
pub(in crate::read) fn record_texts<R: BufRead + Send + 'static>(
    reader: R,
    file: &Path,
) -> Result<RecordTexts> {
    let mut lines = Lines::new(reader, file);
    let first = loop {
        match lines.next().transpose()? {
            None => return Ok(Box::new(std::iter::empty())),
            Some((_, line)) if line.trim().is_empty() => {}
            Some(first) => break first,
        }
    };
    if is_record(&first.1) {
        let lines = std::iter::once(Ok(first)).chain(lines);
        let lines = lines.filter(|line| !matches!(line, Ok((_, line)) if line.trim().is_empty()));
        return Ok(Box::new(lines));
    }
    let (origin, mut text) = first;
    for line in lines {
        text.push('\n');
        text.push_str(&line?.1);
    }
    Ok(Box::new(Elements::new(text, origin)))
}

/// Whether the first line of a file is one record of several, rather than the beginning of a document.
fn is_record(line: &str) -> bool {
    let line = line.trim_start();
    // A line that only ends too early, as `{`, begins a document. One that is wrong however it may go on, as
    // `{"a" 1}`, is a record, so that the lines behind it are still read.
    let whole = |line: &str| !matches!(serde_json::from_str::<Unique>(line), Err(error) if error.is_eof());
    match line.strip_prefix('[') {
        // A list that begins with a text is a record of its own: a text and its annotations.
        Some(list) => list.trim_start().starts_with('"') && whole(line),
        None => whole(line),
    }
}

/// The values of a document, one by one.
struct Elements {
    text: String,
    cursor: Cursor,
    /// The line of the byte `counted`.
    line: Origin,
    counted: usize,
}

impl Elements {
    fn new(text: String, line: Origin) -> Self {
        let cursor = Parts::list(&text).cursor();
        Self { text, cursor, line, counted: 0 }
    }

    /// The line of the byte `at`, which is behind those that were asked for before.
    fn line_of(&mut self, at: usize) -> Origin {
        let between = self.text.get(self.counted..at).unwrap_or_default();
        self.line = self.line.at_line(self.line.line() + between.matches('\n').count());
        self.counted = at;
        self.line.clone()
    }
}

impl Iterator for Elements {
    type Item = Result<(Origin, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut parts = Parts::resume(&self.text, self.cursor);
        let part = parts.next()?;
        self.cursor = parts.cursor();
        Some(match part {
            Ok(part) => {
                let at = self.line_of(part.value.start);
                Ok((at, self.text.get(part.value).unwrap_or_default().to_owned()))
            }
            Err(fault) => {
                let at = self.line_of(fault.at);
                Err(Error::Read(ReadError::Item { at, problem: words::fault(&self.text, &fault) }))
            }
        })
    }
}

/// The value that `text`, which begins at `at`, is.
pub(in crate::read) fn value(text: &str, at: &Origin) -> Result<Value> {
    serde_json::from_str::<Unique>(text).map(|value| value.0).map_err(|source| {
        let problem = words::problem(text, at.line(), &source);
        Error::Read(ReadError::Item { at: at.clone(), problem })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let show = |record: Result<(Origin, Value)>| match record {
            Ok((at, value)) => format!("{} {value}", at.line()),
            Err(error) => error.to_string(),
        };
        match records(std::io::Cursor::new(text.to_owned()), Path::new("f")) {
            Ok(found) => found.map(show).collect(),
            Err(error) => vec![error.to_string()],
        }
    }

    #[test]
    fn a_record_is_where_it_begins() {
        let expected = ["2 {\"a\":1}", "4 {\"b\":[2]}"];
        assert_eq!(read("\u{feff}[\r\n{\"a\": 1\r\n},\r\n{\"b\":\n[2]}\n]\n"), expected);
        assert_eq!(read("\n{\"a\": 1}\r\n\n{\"b\": [2]}"), expected);
        assert_eq!(read("\n{\n\"a\": 1}{\"b\": [2]}\n"), ["2 {\"a\":1}", "3 {\"b\":[2]}"]);
        assert_eq!(read("[\"a\", {}]\n[\"b\", {}]\n"), ["1 [\"a\",{}]", "2 [\"b\",{}]"]);
        assert_eq!(read("[[\"a\", {}],\n[\"b\", {}]]\n"), ["1 [\"a\",{}]", "2 [\"b\",{}]"]);
        assert!(read("").is_empty() && read("\u{feff}\n").is_empty() && read("[ ]").is_empty());
    }

    #[test]
    fn faults_are_placed() {
        assert_eq!(read("{\"a\" 1}\n{\"b\": 2}\n")[1], "2 {\"b\":2}");
        assert_eq!(
            read("[{\"a\": 1}\n{\"b\": 2}]")[1],
            "failed to read f:2: no valid JSON: a comma is missing"
        );
        // What is between the commas costs itself alone.
        let found = read("[{\"a\": 1},\n{\"b\": tru},\n3]");
        assert!(
            found[1].starts_with("failed to read f:2: no valid JSON (") && found[2] == "3 3",
            "{found:?}"
        );
        assert!(read("[{\"a\": 1},\n")[1].starts_with("failed to read f:1: no valid JSON"));
        assert!(read("[1] x")[1].contains("after the end"));
        assert!(read("{\"a\": {\"b\": 1, \"b\": 2}}")[0].contains("the key \"b\" stands there twice"));
    }

    #[test]
    fn depth_is_an_error() {
        for open in ["[", "{\"a\":"] {
            assert!(read(&open.repeat(100_000)).concat().contains("recursion limit"));
        }
    }
}
