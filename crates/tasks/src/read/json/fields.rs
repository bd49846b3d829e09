//! Objects of a JSON data file, looked at strictly: what is not known is refused, with the record's own id.

use serde_json::{Map, Value};

use super::recognize;
use crate::{Error, Origin, ReadError, Result};

/// The record that messages name: where it begins, and what it is called.
#[derive(Clone, Debug)]
pub(in crate::read) struct Record {
    /// Where it begins.
    pub(in crate::read) at: Origin,
    /// What it is and its id, such as `task 7`.
    pub(in crate::read) name: String,
}

/// An object of a record.
pub(in crate::read) struct Fields<'a> {
    record: &'a Record,
    /// Which object it is, such as `region "a"`; empty for the record itself.
    part: String,
    map: &'a Map<String, Value>,
    /// The record itself, and the layout that it should be of.
    root: &'a Map<String, Value>,
    layout: &'static str,
}

impl Record {
    /// A record at `at` that is called `kind` and its id.
    pub(in crate::read) fn new(at: Origin, kind: &str, id: &str) -> Self {
        Self { at, name: format!("{kind} {id}") }
    }

    /// An error about it.
    pub(in crate::read) fn wrong(&self, problem: impl Into<String>) -> Error {
        Error::Read(ReadError::Record {
            at: self.at.clone(),
            record: self.name.clone(),
            problem: problem.into(),
        })
    }

    /// `value` as the record's own object.
    pub(in crate::read) fn fields<'a>(
        &'a self,
        value: &'a Value,
        layout: &'static str,
    ) -> Result<Fields<'a>> {
        match value {
            Value::Object(map) => Ok(Fields { record: self, part: String::new(), map, root: map, layout }),
            other => Err(self.wrong(format!(
                "is {}, but a record of {layout} is an object; {}",
                kind(other),
                recognize::other_tool(other, layout).unwrap_or("check the format")
            ))),
        }
    }
}

/// The id of a record in `map`: what `id` holds, else its `number` in the file.
pub(in crate::read) fn id(map: &Value, number: usize) -> String {
    map.get("id").and_then(name).unwrap_or_else(|| number.to_string())
}

/// A text, or a number as one.
pub(in crate::read) fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What a JSON value is, in words.
pub(in crate::read) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl<'a> Fields<'a> {
    /// An error about this object.
    pub(in crate::read) fn wrong(&self, problem: impl AsRef<str>) -> Error {
        let problem = problem.as_ref();
        self.record.wrong(match self.part.as_str() {
            "" => problem.to_owned(),
            part => format!("{part} {problem}"),
        })
    }

    /// The keys and values.
    pub(in crate::read) fn map(&self) -> &'a Map<String, Value> {
        self.map
    }

    /// Refuses keys other than `known`.
    pub(in crate::read) fn only(&self, known: &[&str]) -> Result<()> {
        let unknown = || self.map.iter().filter(|(key, _)| !known.contains(&key.as_str()));
        // A key that holds much is more telling than one that holds little.
        let holds_much = |value: &Value| match value {
            Value::Array(list) => !list.is_empty(),
            other => other.is_object(),
        };
        match unknown().find(|(_, value)| holds_much(value)).or_else(|| unknown().next()) {
            Some((key, _)) => Err(self.unknown(key, known)),
            None => Ok(()),
        }
    }

    /// The error about a key that is not among the `known` ones.
    pub(in crate::read) fn unknown(&self, key: &str, known: &[&str]) -> Error {
        let near = known.iter().filter(|known| is_near(key, known)).min_by_key(|known| distance(key, known));
        let what = match (self.other_layout(), near) {
            (Some(other), _) => other.to_owned(),
            (None, Some(near)) => format!("did you mean {near:?}?"),
            (None, None) => "remove it if it tells nothing about the annotation".to_owned(),
        };
        self.wrong(format!("has the key {key:?}, which {} does not know; {what}", self.layout))
    }

    /// What the record seems to be instead and what to do, where it shows the marks of another layout.
    pub(in crate::read) fn other_layout(&self) -> Option<&'static str> {
        recognize::other_tool_of(self.root, self.layout)
    }

    /// What `key` holds; nothing for null.
    pub(in crate::read) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn expect<T>(&self, key: &str, what: &str, take: impl Fn(&'a Value) -> Option<T>) -> Result<Option<T>> {
        self.get(key)
            .map(|value| {
                let wrong = || {
                    let other = self.other_layout().map(|other| format!("; {other}")).unwrap_or_default();
                    self.wrong(format!("has {} in {key:?}, which should be {what}{other}", kind(value)))
                };
                take(value).ok_or_else(wrong)
            })
            .transpose()
    }

    /// A text.
    pub(in crate::read) fn text(&self, key: &str) -> Result<Option<&'a str>> {
        self.expect(key, "a text", Value::as_str)
    }

    /// A text or a number, as a text.
    pub(in crate::read) fn name(&self, key: &str) -> Result<Option<String>> {
        self.expect(key, "a text or a number", name)
    }

    /// A whole number from 0.
    pub(in crate::read) fn count(&self, key: &str) -> Result<Option<usize>> {
        let count = |value: &Value| value.as_u64().and_then(|count| usize::try_from(count).ok());
        self.expect(key, "a whole number from 0", count)
    }

    /// True or false; absent is false.
    pub(in crate::read) fn flag(&self, key: &str) -> Result<bool> {
        Ok(self.expect(key, "true or false", Value::as_bool)?.unwrap_or(false))
    }

    /// A list; absent is empty.
    pub(in crate::read) fn list(&self, key: &str) -> Result<&'a [Value]> {
        Ok(self.expect(key, "a list", |value| value.as_array().map(Vec::as_slice))?.unwrap_or_default())
    }

    /// A list of texts; absent is empty.
    pub(in crate::read) fn texts(&self, key: &str) -> Result<Vec<String>> {
        let texts = |list: &Vec<Value>| {
            list.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<_>>()
        };
        let texts = self.expect(key, "a list of texts", |value| value.as_array().and_then(texts))?;
        Ok(texts.unwrap_or_default())
    }

    /// An object within this one, called `part` in messages.
    pub(in crate::read) fn object(&self, key: &str, part: &str) -> Result<Option<Fields<'a>>> {
        let map = self.expect(key, "an object", Value::as_object)?;
        Ok(map.map(|map| Fields {
            record: self.record,
            part: self.within(part),
            map,
            root: self.root,
            layout: self.layout,
        }))
    }

    /// The objects of a list, each called `part` and its id, or its number from 0, in messages.
    pub(in crate::read) fn objects(&self, key: &str, part: &str) -> Result<Vec<Fields<'a>>> {
        let object = |(number, value): (usize, &'a Value)| {
            let name = format!("{part} {}", id(value, number));
            let map = value.as_object().ok_or_else(|| {
                self.wrong(format!("has {} in {key:?}, which should be a list of objects", kind(value)))
            })?;
            Ok(Fields {
                record: self.record,
                part: self.within(&name),
                map,
                root: self.root,
                layout: self.layout,
            })
        };
        self.list(key)?.iter().enumerate().map(object).collect()
    }

    fn within(&self, part: &str) -> String {
        if self.part.is_empty() { part.to_owned() } else { format!("{}, {part}", self.part) }
    }
}

/// Whether `key` is `known` with a slip of the hand.
pub(in crate::read) fn is_near(key: &str, known: &str) -> bool {
    distance(key, known) <= if known.len() > 4 { 2 } else { 1 }
}

fn distance(key: &str, known: &str) -> usize {
    strsim::damerau_levenshtein(&key.to_lowercase(), &known.to_lowercase())
}
