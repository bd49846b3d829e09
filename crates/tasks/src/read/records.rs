//! JSON data files record by record, with their place: a list, JSON lines, or values one after another.

mod unique;

use std::io::BufRead;
use std::path::Path;

use serde_json::{Deserializer, Value};

use super::Lines;
use crate::{Error, Origin, Result};
use unique::Unique;

/// The white space of JSON.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// The records of a file and the line on which each begins.
pub(super) type Records = Box<dyn Iterator<Item = Result<(Origin, Value)>> + Send>;

/// The records of `reader`, which messages call `file`: the elements of one list, or else a value a line, or values over several lines each.
///
/// JSON lines are read as they come, and one that is no JSON costs itself alone; the others are read whole, and end with their first fault.
pub(super) fn records<R: BufRead + Send + 'static>(reader: R, file: &Path) -> Result<Records> {
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
        return Ok(Box::new(lines.map(|line| {
            let (at, line) = line?;
            let value: Unique = serde_json::from_str(&line).map_err(|source| json_error(&at, &source))?;
            Ok((at, value.0))
        })));
    }
    let (origin, mut text) = first;
    for line in lines {
        text.push('\n');
        text.push_str(&line?.1);
    }
    let list = text.trim_start_matches(SPACE).starts_with('[');
    Ok(Box::new(Elements { line: origin.line(), text, at: 0, origin, list, first: true, done: false }))
}

/// Whether the first line of a file is one record of several, rather than the beginning of a document.
fn is_record(line: &str) -> bool {
    let line = line.trim_start();
    let whole = |line: &str| !matches!(serde_json::from_str::<Unique>(line), Err(error) if error.is_eof());
    match line.strip_prefix('[') {
        // A list that begins with a text is a record of its own: a text and its annotations.
        Some(list) => list.trim_start().starts_with('"') && whole(line),
        None => whole(line),
    }
}

/// What is wrong with a record that begins at `first`.
fn json_error(first: &Origin, source: &serde_json::Error) -> Error {
    let at = first.at_line(first.line() + source.line().saturating_sub(1));
    // Its own message ends with line and column of the record, of which the place has the line.
    let reason = source.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
    Error::Json { at, column: source.column(), reason }
}

/// The elements of a list, or values one after another.
struct Elements {
    text: String,
    /// How far it is read, in bytes, and the line of that place.
    at: usize,
    line: usize,
    origin: Origin,
    list: bool,
    first: bool,
    done: bool,
}

impl Elements {
    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.skip(rest.len() - rest.trim_start_matches(SPACE).len());
    }

    fn skip(&mut self, bytes: usize) {
        self.line += self.text[self.at..self.at + bytes].matches('\n').count();
        self.at += bytes;
    }

    fn next_is(&mut self, mark: char) -> bool {
        self.skip_space();
        let is = self.text[self.at..].starts_with(mark);
        if is {
            self.skip(mark.len_utf8());
        }
        is
    }

    fn fault(&self, reason: &str) -> Error {
        let column = self.text[..self.at].chars().rev().take_while(|c| *c != '\n').count() + 1;
        Error::Json { at: self.origin.at_line(self.line), column, reason: reason.to_owned() }
    }

    /// Whether another element follows.
    fn follows(&mut self) -> Result<bool> {
        let first = std::mem::take(&mut self.first);
        if !self.list {
            self.skip_space();
            return Ok(self.at < self.text.len());
        }
        let opened = first && self.next_is('[');
        if self.next_is(']') {
            self.skip_space();
            if self.at < self.text.len() {
                return Err(self.fault("expected nothing after the end of the list"));
            }
            return Ok(false);
        }
        if opened || self.next_is(',') {
            return Ok(true);
        }
        Err(self.fault("expected `,` or `]` in the list"))
    }

    fn element(&mut self) -> Result<Option<(Origin, Value)>> {
        if !self.follows()? {
            return Ok(None);
        }
        self.skip_space();
        let at = self.origin.at_line(self.line);
        let mut values = Deserializer::from_str(&self.text[self.at..]).into_iter::<Unique>();
        let value = match values.next() {
            Some(Ok(value)) => value.0,
            Some(Err(source)) => return Err(json_error(&at, &source)),
            None => return Err(self.fault("expected another element of the list")),
        };
        let bytes = values.byte_offset();
        self.skip(bytes);
        Ok(Some((at, value)))
    }
}

impl Iterator for Elements {
    type Item = Result<(Origin, Value)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let element = self.element().transpose();
        self.done = !matches!(element, Some(Ok(_)));
        element
    }
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
            "read f:2, column 1: expected `,` or `]` in the list"
        );
        assert!(read("[{\"a\": 1},\n{\"b\": tru}]")[1].starts_with("read f:2, column"));
        assert!(read("[{\"a\": 1},\n")[1].starts_with("read f:1, column"));
        assert!(read("[1] x")[1].contains("after the end"));
        assert!(read("{\"a\": {\"b\": 1, \"b\": 2}}")[0].contains("the key \"b\" stands twice"));
    }

    #[test]
    fn depth_is_an_error() {
        for open in ["[", "{\"a\":"] {
            assert!(read(&open.repeat(100_000)).concat().contains("recursion limit"));
        }
    }
}
