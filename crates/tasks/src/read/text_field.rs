//! Which field of a record is its text: one rule for training, checks and predictions.

use serde_json::{Map, Value};

use super::json::fields::Fields;
use super::reference::Addresses;
use super::{NoteKind, Notes};
use crate::Result;

/// Where the records of a layout have their text.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextRule {
    /// The keys that hold it, the first first.
    pub(super) usual: &'static [&'static str],
    /// The layout's other keys, which never hold it.
    pub(super) own: &'static [&'static str],
}

/// The rule where every field is the user's own.
pub(super) const OF_USER: TextRule = TextRule { usual: &["text"], own: &[] };

impl TextRule {
    /// The key of the text among `fields`: the one that was `asked` for, else the usual one, else the only
    /// one that holds a text and whose name does not say that it holds something else.
    pub(super) fn key<'f>(self, fields: &'f Map<String, Value>, asked: Option<&'f str>) -> Option<&'f str> {
        let usual = || self.usual.iter().copied().find(|key| fields.get(*key).is_some_and(|v| !v.is_null()));
        let only = || {
            let is_text = |(key, value): &(&String, &Value)| {
                value.is_string() && !self.own.contains(&key.as_str()) && !is_no_text(key)
            };
            let mut texts = fields.iter().filter(is_text).map(|(key, _)| key.as_str());
            texts.next().filter(|_| texts.next().is_none())
        };
        asked.or_else(usual).or_else(only)
    }

    /// The text among `fields`, if there is one.
    pub(super) fn of<'f>(self, fields: &'f Map<String, Value>, asked: Option<&str>) -> Option<&'f str> {
        fields.get(self.key(fields, asked)?)?.as_str()
    }

    /// The key of the text of a record, and the text. What was taken without being asked for is noted.
    pub(super) fn text<'f>(
        self,
        fields: &Fields<'f>,
        asked: Option<&'f str>,
        notes: &Notes,
    ) -> Result<(&'f str, &'f str)> {
        let key = self.key(fields.map(), asked).unwrap_or("text");
        let Some(text) = fields.text(key)? else {
            let keys: Vec<_> = fields.map().keys().map(|key| format!("{key:?}")).collect();
            let keys = if keys.is_empty() { "no key at all".to_owned() } else { keys.join(", ") };
            let what = fields
                .other_layout()
                .unwrap_or("name the field that holds the text with --text-key (data.text_key)");
            return Err(fields.wrong(format!("has no {key:?}, but {keys}; {what}")));
        };
        if asked.is_none() && !self.usual.contains(&key) {
            notes.add_once(NoteKind::Assumed, format!("texts are read from the field {key:?}"));
        }
        Ok((key, text))
    }
}

/// Refuses the text of `fields` in `key` where it names a file instead, unless what is annotated quotes it.
pub(super) fn refuse_place(
    fields: &Fields<'_>,
    (key, text): (&str, &str),
    addresses: Addresses,
    spans: &str,
) -> Result<()> {
    let quotes = |span: &Value| {
        span.get("text").and_then(Value::as_str).is_some_and(|own| !own.is_empty() && text.contains(own))
    };
    let is_quoted =
        || fields.get(spans).and_then(Value::as_array).is_some_and(|list| list.iter().any(quotes));
    match addresses.problem(text) {
        Some(problem) if !is_quoted() => Err(fields.wrong(format!("has {text:?} in {key:?}, {problem}"))),
        _ => Ok(()),
    }
}

/// Whether a field of this name identifies something or tells where it is from.
pub(super) fn is_no_text(name: &str) -> bool {
    const NAMES: [&str; 22] = [
        "id", "uid", "uuid", "guid", "key", "index", "idx", "hash", "url", "uri", "link", "href", "file",
        "filename", "filepath", "path", "image", "audio", "video", "date", "lang", "language",
    ];
    let parts = name.to_lowercase();
    let last = parts.rsplit(['_', '-', '.', ' ']).next().unwrap_or_default();
    NAMES.contains(&last)
        || name.ends_with("Id")
        || name.ends_with("ID")
        || (parts.ends_with("name") && parts.starts_with("file"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key(record: &str, asked: Option<&str>) -> Option<String> {
        let rule = TextRule { usual: &["text", "data"], own: &["label"] };
        let Value::Object(fields) = serde_json::from_str(record).unwrap() else { panic!("an object") };
        rule.key(&fields, asked).map(str::to_owned)
    }

    #[test]
    fn the_text_is_asked_for_or_usual_or_the_only_one() {
        let found = |record: &str| key(record, None);
        assert_eq!(found(r#"{"body": "a", "text": "b"}"#).as_deref(), Some("text"));
        assert_eq!(found(r#"{"body": "a", "text": null, "data": "b"}"#).as_deref(), Some("data"));
        assert_eq!(found(r#"{"body": "a", "label": "b", "doc_id": "c", "n": 1}"#).as_deref(), Some("body"));
        assert_eq!(key(r#"{"body": "a", "text": "b"}"#, Some("body")).as_deref(), Some("body"));
        for none in [r#"{"body": "a", "title": "b"}"#, r#"{"label": "a", "id": "b"}"#, "{}"] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
