//! JSON that is handed on as it came: a number that no type of ours holds to the last digit, an escape, the order of keys.

use std::fmt;

use serde_json::{Map, Value};

use super::scan::{elements, entries};

/// A JSON value as it was written, but for white space between its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawJson(String);

impl RawJson {
    /// The value that `text` is, which was read as JSON before.
    pub(in crate::read) fn of_valid(text: &str) -> Self {
        let (mut out, mut in_text, mut is_escaped) = (String::with_capacity(text.len()), false, false);
        for c in text.chars() {
            if in_text {
                in_text = is_escaped || c != '"';
                is_escaped = c == '\\' && !is_escaped;
            } else if matches!(c, ' ' | '\t' | '\n' | '\r') {
                continue;
            } else {
                in_text = c == '"';
            }
            out.push(c);
        }
        Self(out)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it means, with numbers as close as they can be held.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// A text without its quotes and escapes, anything else as it was written.
    pub fn plain(&self) -> String {
        match self.0.starts_with('"').then(|| self.value()) {
            Some(Value::String(text)) => text,
            _ => self.0.clone(),
        }
    }

    /// The values of the list that it is; none of anything else.
    pub fn elements(&self) -> Vec<Self> {
        if !self.0.starts_with('[') {
            return Vec::new();
        }
        elements(&self.0).map(|element| Self(element.to_owned())).collect()
    }
}

impl From<&Value> for RawJson {
    fn from(value: &Value) -> Self {
        Self(value.to_string())
    }
}

impl From<&str> for RawJson {
    fn from(text: &str) -> Self {
        Self(Value::from(text).to_string())
    }
}

impl From<&RawFields> for RawJson {
    fn from(fields: &RawFields) -> Self {
        Self(fields.to_string())
    }
}

/// A list of the values.
impl FromIterator<RawJson> for RawJson {
    fn from_iter<I: IntoIterator<Item = Self>>(values: I) -> Self {
        let values: Vec<String> = values.into_iter().map(|value| value.0).collect();
        Self(format!("[{}]", values.join(",")))
    }
}

impl fmt::Display for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The fields of a JSON object in their order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawFields(Vec<(String, RawJson)>);

impl RawFields {
    /// Those of the object that `text` is, which was read as JSON before.
    pub(in crate::read) fn of_valid(text: &str) -> Self {
        entries(text).map(|(key, value)| (key, RawJson::of_valid(value))).collect()
    }

    /// Those of an object that serde writes.
    pub fn of(object: &impl serde::Serialize) -> serde_json::Result<Self> {
        serde_json::to_string(object).map(|text| Self::of_valid(&text))
    }

    /// The value of a field.
    pub fn get(&self, key: &str) -> Option<&RawJson> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Takes a field out.
    pub fn remove(&mut self, key: &str) -> Option<RawJson> {
        let at = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(at).1)
    }

    /// Puts a value in the place of the field's own, or in the end where there is none.
    pub fn insert(&mut self, key: &str, value: RawJson) {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, own)) => *own = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl From<&Map<String, Value>> for RawFields {
    fn from(fields: &Map<String, Value>) -> Self {
        fields.iter().map(|(key, value)| (key.clone(), RawJson::from(value))).collect()
    }
}

/// Of a key that comes twice, the last value counts.
impl FromIterator<(String, RawJson)> for RawFields {
    fn from_iter<I: IntoIterator<Item = (String, RawJson)>>(fields: I) -> Self {
        let mut own = Self::default();
        for (key, value) in fields {
            own.insert(&key, value);
        }
        own
    }
}

impl IntoIterator for RawFields {
    type Item = (String, RawJson);
    type IntoIter = std::vec::IntoIter<(String, RawJson)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The object.
impl fmt::Display for RawFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (number, (key, value)) in self.0.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{}:{value}", Value::from(key.as_str()))?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_no_type_holds_stays_to_the_last_digit() {
        let text = "{ \"n\": [123456789012345678901234567890,\n 0.10, 1E+2, -0],\t\"t\": \"a \\u00e9 \\\" { \\\\\", \"a\": { \"b\": 1.0 } }";
        let fields = RawFields::of_valid(text);
        assert_eq!(
            fields.to_string(),
            r#"{"n":[123456789012345678901234567890,0.10,1E+2,-0],"t":"a \u00e9 \" { \\","a":{"b":1.0}}"#
        );
        assert_eq!(fields.get("t").unwrap().plain(), "a \u{e9} \" { \\");
        assert_eq!(fields.get("n").unwrap().elements()[1].as_str(), "0.10");
        assert_eq!(fields.get("a").unwrap().value(), serde_json::json!({ "b": 1.0 }));
        assert!(fields.get("a").unwrap().elements().is_empty());
    }

    #[test]
    fn a_field_is_replaced_in_its_place() {
        let mut fields = RawFields::of_valid(r#"{"a": 1, "b": 2, "a\"": 3}"#);
        fields.insert("a", RawJson::from("x"));
        assert_eq!(fields.remove("b").unwrap().as_str(), "2");
        fields.insert("c", RawJson::from_iter([RawJson::from("y")]));
        assert_eq!(fields.to_string(), r#"{"a":"x","a\"":3,"c":["y"]}"#);
        assert_eq!((fields.len(), RawFields::default().is_empty()), (3, true));
    }
}
