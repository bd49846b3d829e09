//! Where the values of a JSON text begin and end. What is inside of them is read by serde.

use std::ops::Range;

/// What follows one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The values of a list.
    List,
    /// The entries of an object.
    Object,
    /// Values without anything around them, such as an object a line.
    Values,
}

/// A part of a text.
#[derive(Debug)]
pub(in crate::read) struct Part {
    /// Its key, as written, quotes included.
    pub(in crate::read) key: Option<Range<usize>>,
    pub(in crate::read) value: Range<usize>,
}

/// Why the rest of a text cannot be taken apart.
#[derive(Debug)]
pub(in crate::read) struct Fault {
    /// The byte that it is about.
    pub(super) at: usize,
    pub(super) problem: &'static str,
}

/// The parts of the list or object that a text is, one by one; ends after the first fault. Nesting costs no
/// stack.
#[derive(Debug)]
pub(in crate::read) struct Parts<'a> {
    text: &'a [u8],
    cursor: Cursor,
}

/// How far the parts of a text are read, for who owns the text and cannot keep what borrows from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    at: usize,
    shape: Shape,
    first: bool,
    done: bool,
}

impl<'a> Parts<'a> {
    /// The parts of the list that `text` is; of the values that stand in it one after another if it is none.
    pub(in crate::read) fn list(text: &'a str) -> Self {
        let mut parts = Self::new(text, Shape::List);
        if parts.peek() == Some(b'[') {
            parts.cursor.at += 1;
        } else {
            parts.cursor.shape = Shape::Values;
        }
        parts
    }

    /// The entries of the object that `text` is; nothing if it is none.
    pub(in crate::read) fn object(text: &'a str) -> Option<Self> {
        let mut parts = Self::new(text, Shape::Object);
        (parts.peek() == Some(b'{')).then(|| {
            parts.cursor.at += 1;
            parts
        })
    }

    fn new(text: &'a str, shape: Shape) -> Self {
        Self { text: text.as_bytes(), cursor: Cursor { at: 0, shape, first: true, done: false } }
    }

    /// The parts of the same text behind those that were read.
    pub(super) fn resume(text: &'a str, cursor: Cursor) -> Self {
        Self { text: text.as_bytes(), cursor }
    }

    pub(super) fn cursor(&self) -> Cursor {
        self.cursor
    }

    pub(super) fn shape(&self) -> Shape {
        self.cursor.shape
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.text.get(self.cursor.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.cursor.at += 1;
        }
        self.text.get(self.cursor.at).copied()
    }

    fn part(&mut self) -> Result<Option<Part>, Fault> {
        let close = match self.cursor.shape {
            Shape::List => b']',
            Shape::Object => b'}',
            Shape::Values => return if self.peek().is_none() { Ok(None) } else { self.entry().map(Some) },
        };
        match self.peek() {
            Some(byte) if byte == close => {
                self.cursor.at += 1;
                return match self.peek() {
                    None => Ok(None),
                    Some(_) => Err(self.fault("text goes on after the end of the JSON")),
                };
            }
            Some(b',') if !self.cursor.first => self.cursor.at += 1,
            Some(_) if self.cursor.first => {}
            None => return Err(self.fault("the file ends before the JSON does; is it complete?")),
            Some(_) => return Err(self.fault("a comma is missing")),
        }
        self.cursor.first = false;
        self.entry().map(Some)
    }

    fn entry(&mut self) -> Result<Part, Fault> {
        let mut key = None;
        if self.cursor.shape == Shape::Object {
            if self.peek() != Some(b'"') {
                return Err(self.fault("a key in quotes is missing"));
            }
            key = Some(self.value()?);
            if self.peek() != Some(b':') {
                return Err(self.fault("a colon is missing after a key"));
            }
            self.cursor.at += 1;
        }
        Ok(Part { key, value: self.value()? })
    }

    /// Steps over a value.
    fn value(&mut self) -> Result<Range<usize>, Fault> {
        let first = self.peek();
        let start = self.cursor.at;
        let open = Fault { at: start, problem: "what begins here never ends; is the file complete?" };
        match first {
            Some(b'{' | b'[') => {
                let mut depth = 0_usize;
                loop {
                    match self.text.get(self.cursor.at) {
                        None => return Err(open),
                        Some(b'"') => self.string().ok_or(open.at).map_err(|at| Fault { at, ..open })?,
                        Some(byte) => {
                            // Brackets of both kinds count alike: whether `{"a": 1]` is JSON is for serde to
                            // say, here only where it ends is asked. The first byte opens, so the depth is
                            // never below 1 here.
                            depth = match byte {
                                b'{' | b'[' => depth + 1,
                                b'}' | b']' => depth - 1,
                                _ => depth,
                            };
                            self.cursor.at += 1;
                        }
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            Some(b'"') => self.string().ok_or(open)?,
            _ => {
                // A number, `true`, or what is none of these, such as `tru`; serde tells which.
                let end = |byte: &u8| b" \t\r\n,]}:\"".contains(byte);
                let length = self.text[start..].iter().position(end).unwrap_or(self.text.len() - start);
                if length == 0 {
                    return Err(Fault { at: start, problem: "a value is missing" });
                }
                self.cursor.at += length;
            }
        }
        Ok(start..self.cursor.at)
    }

    /// Steps over a text in quotes; nothing if it never ends.
    fn string(&mut self) -> Option<()> {
        self.cursor.at += 1;
        loop {
            match self.text.get(self.cursor.at)? {
                // Bytes will do: in UTF-8 no part of a longer character is a quote or a backslash.
                b'\\' => self.cursor.at += 2,
                b'"' => {
                    self.cursor.at += 1;
                    return Some(());
                }
                _ => self.cursor.at += 1,
            }
        }
    }

    fn fault(&self, problem: &'static str) -> Fault {
        Fault { at: self.cursor.at, problem }
    }
}

impl Iterator for Parts<'_> {
    type Item = Result<Part, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.cursor.done {
            return None;
        }
        let part = self.part().transpose();
        self.cursor.done = !matches!(part, Some(Ok(_)));
        part
    }
}

/// The first values of a text that may be cut, at most `most` of them. The last of those that do not stand in
/// a list may be the beginning of one that goes on.
pub(crate) fn beginnings(text: &str, most: usize) -> (Shape, Vec<&str>) {
    let parts = Parts::list(text);
    let shape = parts.shape();
    let part = |part: Result<Part, Fault>| match part {
        Ok(part) => text.get(part.value),
        Err(fault) => text.get(fault.at..).filter(|_| shape == Shape::Values),
    };
    (shape, parts.take(most).map_while(part).collect())
}

/// The values of the list that `text` is; those that stand in it one after another if it is none.
pub(super) fn elements(text: &str) -> impl Iterator<Item = &str> {
    Parts::list(text).map_while(Result::ok).filter_map(|part| text.get(part.value))
}

/// The keys and the values, as written, of the object that `text` is; nothing of anything else.
pub(super) fn entries(text: &str) -> impl Iterator<Item = (String, &str)> {
    let parts = Parts::object(text).into_iter().flatten().map_while(Result::ok);
    parts.filter_map(|part| Some((serde_json::from_str(text.get(part.key?)?).ok()?, text.get(part.value)?)))
}

/// Key and value of the first entry of the object that `text` is; the value may be the beginning of one that
/// goes on.
pub(crate) fn entry_beginnings(text: &str) -> Option<(&str, &str)> {
    let mut parts = Parts::object(text)?;
    match parts.next()? {
        Ok(part) => Some((text.get(part.key?)?, text.get(part.value)?)),
        Err(fault) => Some(("", text.get(fault.at..)?)),
    }
}

/// The way to the value at the byte `end` of a JSON text, such as `entities[1].start`; empty for the text
/// itself.
pub(super) fn path(text: &str, end: usize) -> String {
    /// A list with the index that is read, or an object with the key.
    enum Frame {
        List(usize),
        Object { key: Option<Range<usize>>, last: Option<Range<usize>> },
    }
    let mut parts = Parts::new(text, Shape::Values);
    let mut frames: Vec<Frame> = Vec::new();
    while parts.cursor.at < end.min(text.len()) {
        let Some(byte) = parts.peek().filter(|_| parts.cursor.at < end) else { break };
        let start = parts.cursor.at;
        match (byte, frames.last_mut()) {
            (b'"', frame) => {
                if parts.string().is_none() {
                    break;
                }
                if let Some(Frame::Object { last, .. }) = frame {
                    *last = Some(start..parts.cursor.at);
                }
                continue;
            }
            (b'[', _) => frames.push(Frame::List(0)),
            (b'{', _) => frames.push(Frame::Object { key: None, last: None }),
            (b']' | b'}', Some(_)) => drop(frames.pop()),
            (b',', Some(Frame::List(index))) => *index += 1,
            (b',', Some(Frame::Object { key, .. })) => *key = None,
            // Only the colon behind it shows that a text was a key.
            (b':', Some(Frame::Object { key, last })) => *key = last.take(),
            _ => {}
        }
        parts.cursor.at += 1;
    }
    let mut path = String::new();
    for frame in frames {
        match frame {
            Frame::List(index) => path.extend(["[", index.to_string().as_str(), "]"]),
            Frame::Object { key: Some(key), .. } => {
                let key = text.get(key).unwrap_or_default().trim_matches('"');
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(key);
            }
            Frame::Object { .. } => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn values(text: &str) -> (Vec<&str>, Option<(usize, &'static str)>) {
        let (mut found, mut fault) = (Vec::new(), None);
        for part in Parts::list(text) {
            match part {
                Ok(part) => found.push(&text[part.value]),
                Err(why) => fault = Some((why.at, why.problem)),
            }
        }
        (found, fault)
    }

    #[test]
    fn values_of_a_list_or_of_lines() {
        assert_eq!(values(" [1, {\"a\": \"]\\\"\"},\n[2] ]\n").0, ["1", "{\"a\": \"]\\\"\"}", "[2]"]);
        assert_eq!(values("{\"a\": 1}\n\n{\"a\": 2}").0, ["{\"a\": 1}", "{\"a\": 2}"]);
        for empty in ["", "[]", " [ ] "] {
            assert_eq!(values(empty), (vec![], None));
        }
    }

    #[test]
    fn what_stands_before_a_fault_is_found() {
        assert_eq!(
            values("[1, {\"a\": "),
            (vec!["1"], Some((4, "what begins here never ends; is the file complete?")))
        );
        assert_eq!(values("[1").1.unwrap().0, 2);
        assert_eq!(values("[1 2]"), (vec!["1"], Some((3, "a comma is missing"))));
        assert_eq!(values("[1,]"), (vec!["1"], Some((3, "a value is missing"))));
        assert_eq!(values("[1] x").1.unwrap().0, 4);
        assert_eq!(values("[\"a").1.unwrap().0, 1);
        let deep = "[".repeat(1 << 20);
        assert_eq!(values(&deep).1.unwrap().0, 1);
    }

    #[test]
    fn entries_of_an_object() {
        let text = "{\"a\": 1, \"b\" : [2]}";
        let entries: Vec<_> = Parts::object(text).unwrap().map(Result::unwrap).collect();
        let shown: Vec<_> =
            entries.iter().map(|p| (&text[p.key.clone().unwrap()], &text[p.value.clone()])).collect();
        assert_eq!(shown, [("\"a\"", "1"), ("\"b\"", "[2]")]);
        assert!(Parts::object("[1]").is_none());
        assert!(Parts::object("{1: 2}").unwrap().next().unwrap().is_err());
    }

    #[test]
    fn the_way_to_a_value() {
        let text = r#"{"a": 1, "b": [{"c": 2}, {"c": "x,]"}]}"#;
        for (found, expected) in [("1", "a"), ("2", "b[0].c"), ("\"x,]\"", "b[1].c"), ("}, {", "b[0].c")] {
            let end = text.find(found).unwrap()
                + usize::from(found.len() > 1 && found.starts_with('"')) * found.len();
            assert_eq!(path(text, end), expected, "{found}");
        }
        assert_eq!(path(text, text.find("}, {").unwrap() + 1), "b[0]");
        assert_eq!((path(text, 0).as_str(), path(text, text.len()).as_str()), ("", ""));
    }
}
