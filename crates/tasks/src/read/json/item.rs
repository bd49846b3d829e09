//! An object of a JSON file.

use std::ops::Range;
use std::path::Path;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::scan::{Parts, Shape};
use super::{Keys, recognize, words};
use crate::{Error, Origin, ReadError, Result};

/// A value in a JSON file, and how messages name it: the line where it begins, and its id if it has one.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    text: &'a str,
    at: Origin,
    number: usize,
    /// The keys of an object, and where their values are.
    fields: Vec<(String, Range<usize>)>,
    id: Option<String>,
    keys: &'static Keys,
}

/// What a whole file has to say for itself: nothing.
const NO_KEYS: &Keys = &Keys { format: "JSON", item: "", id: &[], needed: &[], read: &[], ignored: &[] };

impl<'a> Item<'a> {
    /// All of a file.
    pub(crate) fn whole(text: &'a str, file: &Path) -> Self {
        Self::new(text, Origin::new(file, 1), 0, NO_KEYS)
    }

    /// A line, `at`, that is the object of the number `number`, from 0. It is named if it has an id of its
    /// own.
    pub(super) fn line(text: &'a str, at: &Origin, number: usize, keys: &'static Keys) -> Self {
        let item = Self::new(text, at.clone(), number, keys);
        let Some(id) = &item.id else { return item };
        Self { at: at.of(&name(keys, id)), ..item }
    }

    fn new(text: &'a str, at: Origin, number: usize, keys: &'static Keys) -> Self {
        // What stands before a fault is enough to name the item; the fault is told when the item is read.
        let parts = Parts::object(text).into_iter().flatten().map_while(std::result::Result::ok);
        let fields: Vec<_> = parts
            .filter_map(|part| Some((serde_json::from_str(text.get(part.key?)?).ok()?, part.value)))
            .collect();
        let id = keys.id.iter().find_map(|key| {
            let (_, value) = fields.iter().find(|(name, _)| name == key)?;
            scalar(text.get(value.clone())?)
        });
        Self { text, at, number, fields, id, keys }
    }

    /// Where it is, for messages: file, line and name.
    pub(crate) fn at(&self) -> &Origin {
        &self.at
    }

    /// Its own id, else its number, from 0.
    pub(crate) fn id(&self) -> String {
        self.id.clone().unwrap_or_else(|| self.number.to_string())
    }

    /// Its own id, if it has one.
    pub(crate) fn own_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The same as an object of another layout.
    pub(crate) fn as_layout(&self, keys: &'static Keys) -> Self {
        Self::new(self.text, self.at.clone(), self.number, keys)
    }

    /// The same at the place `at`.
    pub(crate) fn at_place(self, at: Origin) -> Self {
        Self { at, ..self }
    }

    /// The keys of the object that it is, as they stand there.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        self.fields.iter().map(|(key, _)| key.as_str())
    }

    /// Its values, if it is a list; itself, and what stands behind it, if it is none. Ends after an error,
    /// which makes the rest unreadable.
    pub(crate) fn items(&self, keys: &'static Keys) -> impl Iterator<Item = Result<Item<'a>>> {
        let parts = Parts::list(self.text);
        let several = parts.shape() == Shape::List;
        self.parts(parts).enumerate().map(move |(number, part)| {
            let (_, text, at) = part?;
            if several {
                let item = Item::new(text, at, number, keys);
                let at = item.at.of(&name(keys, &item.id()));
                return Ok(Item { at, ..item });
            }
            Ok(Item::line(text, &at, number, keys))
        })
    }

    /// Its entries, if it is an object: the key, and the value as an item of `keys` that is called `name` and
    /// the key.
    pub(crate) fn entries(
        &self,
        name: &str,
        keys: &'static Keys,
    ) -> Result<impl Iterator<Item = Result<(String, Item<'a>)>>> {
        let parts = Parts::object(self.text)
            .ok_or_else(|| self.problem(format!("{} stands where an object is expected", self.shown())))?;
        Ok(self.parts(parts).enumerate().map(move |(number, part)| {
            let (key, text, at) = part?;
            let at = at.of(&format!("{name} {key:?}"));
            Ok((key, Item::new(text, at, number, keys)))
        }))
    }

    /// Parts as key, text and place.
    fn parts(&self, parts: Parts<'a>) -> impl Iterator<Item = Result<(String, &'a str, Origin)>> {
        let (text, whole) = (self.text, self.at.clone());
        let (mut line, mut counted) = (whole.line(), 0);
        let mut line_of = move |byte: usize| {
            line += text.get(counted..byte).map_or(0, |between| between.matches('\n').count());
            counted = byte;
            line
        };
        parts.map(move |part| {
            // Another line of the same item: `at_line` forgets its name.
            let place = |line: usize| match whole.item() {
                Some(name) => whole.at_line(line).of(name),
                None => whole.at_line(line),
            };
            match part {
                Ok(part) => {
                    let key = part.key.and_then(|key| serde_json::from_str(text.get(key)?).ok());
                    let at = place(line_of(part.value.start));
                    Ok((key.unwrap_or_default(), text.get(part.value).unwrap_or_default(), at))
                }
                Err(fault) => Err(Error::Read(ReadError::Item {
                    at: place(line_of(fault.at)),
                    problem: words::fault(text, &fault),
                })),
            }
        })
    }

    /// Whether it is an object.
    pub(crate) fn is_object(&self) -> bool {
        self.text.trim_start().starts_with('{')
    }

    /// The object as a `T`, after a look at its keys: each must be one of the layout's.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T> {
        self.read_beside(None)
    }

    /// As [`Item::read`]; `key` may be there as well.
    pub(crate) fn read_beside<T: DeserializeOwned>(&self, key: Option<&str>) -> Result<T> {
        self.check_keys_beside(key)?;
        self.value()
    }

    /// Refuses keys that are none of the layout's.
    pub(crate) fn check_keys(&self) -> Result<()> {
        self.check_keys_beside(None)
    }

    fn check_keys_beside(&self, key: Option<&str>) -> Result<()> {
        let problem = if self.is_object() {
            self.keys.problem(&self.keys().filter(|there| Some(*there) != key))
        } else {
            Some(format!("{} stands where an object is expected", self.shown()))
        };
        let Some(problem) = problem else { return Ok(()) };
        // Of what is no JSON at all that is said, not that a key is missing.
        self.value::<IgnoredAny>()?;
        let seems = self.seems();
        // What it is as a whole says more than a key that is near.
        let problem = if seems.is_empty() {
            &problem
        } else {
            problem.split("; did you mean").next().unwrap_or(&problem)
        };
        Err(self.problem(format!("{problem}{seems}")))
    }

    /// What it is like, if not of this layout, as the end of a message.
    fn seems(&self) -> String {
        serde_json::from_str(self.text)
            .map(|value| recognize::seems(&value, self.keys.format))
            .unwrap_or_default()
    }

    /// The value as a `T`, whatever its keys are.
    pub(crate) fn value<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.text)
            .map_err(|error| self.problem(words::problem(self.text, self.at.line(), &error)))
    }

    /// That something is wrong with it.
    pub(crate) fn problem(&self, problem: impl Into<String>) -> Error {
        Error::Read(ReadError::Item { at: self.at.clone(), problem: problem.into() })
    }

    /// The beginning of it, for messages.
    fn shown(&self) -> String {
        match self.text.trim_start().as_bytes().first() {
            Some(b'[') => "a list".to_owned(),
            Some(b'{') => "an object".to_owned(),
            _ => {
                let short: String = self.text.trim().chars().take(40).collect();
                format!("{short:?}")
            }
        }
    }
}

/// How messages call the object of an id.
fn name(keys: &Keys, id: &str) -> String {
    format!("{} {}", keys.item, id.escape_debug())
}

/// A text or a number as an id.
fn scalar(text: &str) -> Option<String> {
    match serde_json::from_str(text).ok()? {
        serde_json::Value::String(id) if !id.is_empty() => Some(id),
        serde_json::Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}
