//! Fields of JSON records that say of which split of a data set a record is, as [columns](super::columns::splits) do.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::columns::splits::Splits;
use super::columns::unclear;
use crate::{Origin, Result};

/// What the users' own fields of a file's records say about splits, by their names.
#[derive(Debug, Default)]
pub(super) struct SplitFields {
    fields: BTreeMap<String, Field>,
    /// How many records there were.
    records: usize,
}

#[derive(Debug)]
struct Field {
    splits: Splits,
    first: String,
    /// The first record that says something else, and what it says.
    other: Option<(Origin, String)>,
}

impl SplitFields {
    /// Looks at the record at `at`, whose own fields are `own`, under the names that messages give them. A field
    /// that another record has and this one has not is an empty cell.
    pub(super) fn add<'v>(&mut self, at: &Origin, own: impl IntoIterator<Item = (String, &'v Value)>) {
        let mut cells: BTreeMap<String, String> =
            own.into_iter().filter_map(|(name, value)| Some((name, cell(value)?))).collect();
        for (name, field) in &mut self.fields {
            field.see(at, cells.remove(name).unwrap_or_default());
        }
        for (name, cell) in cells {
            let last = name.rsplit('.').next();
            let mut field = Field { splits: Splits::of_column(last), first: cell.clone(), other: None };
            if self.records > 0 {
                field.first = String::new();
                _ = field.splits.add("");
            }
            field.see(at, cell);
            self.fields.insert(name, field);
        }
        self.records += 1;
    }

    /// Refuses records of several splits, which would be read as one.
    pub(super) fn check(&self) -> Result<()> {
        for (name, field) in &self.fields {
            if let (Some(_), Some((at, second))) = (field.splits.several(), &field.other) {
                let first = &field.first;
                let problem = format!(
                    "the field {name:?} says that records are of several splits ({first:?} before, {second:?} here); write each split into a file of its own, or take the field out if it says something else"
                );
                return Err(unclear(at, problem));
            }
        }
        Ok(())
    }
}

impl Field {
    fn see(&mut self, at: &Origin, cell: String) {
        if self.splits.add(&cell) && self.other.is_none() && cell != self.first {
            self.other = Some((at.clone(), cell));
        }
    }
}

/// A single value as the cell of a table; nothing for what no cell holds.
fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(value) => Some(value.trim().to_lowercase()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// The fields of `record` that its user put there: those at the top that are `own`, and all of `objects`, which are
/// called `meta.split` and the like.
pub(super) fn own<'v>(
    record: &'v Map<String, Value>,
    own: impl Fn(&str) -> bool,
    objects: &[&str],
) -> Vec<(String, &'v Value)> {
    let top = record.iter().filter(|(key, _)| own(key)).map(|(key, value)| (key.clone(), value));
    let inner = objects.iter().filter_map(|name| Some((name, record.get(*name)?.as_object()?)));
    let inner =
        inner.flat_map(|(name, map)| map.iter().map(move |(key, value)| (format!("{name}.{key}"), value)));
    top.chain(inner).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use crate::Result;
    use crate::read::{Format, ReadOptions};
    use crate::tags::TagScheme;

    fn read(format: Format, text: &str, options: &ReadOptions) -> Result<usize> {
        let reader = std::io::Cursor::new(text.as_bytes().to_vec());
        format.read_from(reader, Path::new("f"), options)?.collect::<Result<Vec<_>>>().map(|read| read.len())
    }

    /// Two texts, without spans, of an annotation tool, with what the user put beside each.
    fn files(first: &str, second: &str) -> [(Format, String); 5] {
        let lines = |line: &dyn Fn(&str) -> String| format!("{}\n{}\n", line(first), line(second));
        let task =
            |meta: &str| format!(r#"{{"data": {{"text": "a b"{meta}}}, "annotations": [{{"result": []}}]}}"#);
        let in_meta = |own: &str| own.trim_start_matches(", ").to_owned();
        [
            (Format::Doccano, lines(&|own| format!(r#"{{"text": "a b", "label": [[0, 1, "X"]]{own}}}"#))),
            (
                Format::Prodigy,
                lines(&|own| format!(r#"{{"text": "a b", "spans": [], "answer": "accept"{own}}}"#)),
            ),
            (
                Format::Spacy,
                lines(&|own| format!(r#"{{"text": "a b", "ents": [], "meta": {{{}}}}}"#, in_meta(own))),
            ),
            (
                Format::JsonSpans,
                lines(&|own| format!(r#"{{"text": "a b", "spans": [], "meta": {{{}}}}}"#, in_meta(own))),
            ),
            (Format::LabelStudio, format!("[{},\n{}]", task(first), task(second))),
        ]
    }

    #[test]
    fn records_of_several_splits_are_refused_where_the_second_one_begins() {
        for (first, second) in [
            (r#", "split": "train""#, r#", "split": "test""#),
            (r#", "fold": 0"#, r#", "fold": 1"#),
            (r#", "is_test": false"#, r#", "is_test": true"#),
            (r#", "split": "Train""#, ""),
            ("", r#", "is_test": true"#),
            // Whatever it is called.
            (r#", "group": "train""#, r#", "group": "dev""#),
        ] {
            for (format, text) in files(first, second) {
                let message = read(format, &text, &ReadOptions::default()).unwrap_err().to_string();
                assert!(message.starts_with("failed to read f:2: the field "), "{format}: {message}");
                assert!(message.contains("several splits"), "{format}: {message}");
            }
        }
    }

    #[test]
    fn what_says_nothing_of_splits_is_the_users() {
        for (first, second) in [
            (r#", "split": "train""#, r#", "split": "train""#),
            (r#", "set": "red""#, r#", "set": "blue""#),
            (r#", "fold": "TIM barrel""#, r#", "fold": "jelly roll""#),
            (r#", "group": "train""#, r#", "group": "bus""#),
            ("", ""),
        ] {
            for (format, text) in files(first, second) {
                assert_eq!(read(format, &text, &ReadOptions::default()).ok(), Some(2), "{format}: {text}");
            }
        }
    }

    #[test]
    fn input_to_predict_may_be_of_several() {
        let options = ReadOptions { scheme: TagScheme::Unlabelled, ..ReadOptions::default() };
        for (format, text) in files(r#", "split": "train""#, r#", "split": "test""#) {
            assert_eq!(read(format, &text, &options).ok(), Some(2), "{format}");
        }
    }

    #[test]
    fn the_meta_of_a_task_counts_as_its_data_do() {
        let task = |split: &str| {
            format!(
                r#"{{"data": {{"text": "a"}}, "meta": {{"split": "{split}"}}, "annotations": [{{"result": []}}]}}"#
            )
        };
        let text = format!("[{},\n{}]", task("train"), task("dev"));
        let message = read(Format::LabelStudio, &text, &ReadOptions::default()).unwrap_err().to_string();
        assert!(message.contains(r#"the field "meta.split""#) && message.contains("f:2"), "{message}");
        let line =
            |split: &str| format!(r#"{{"text": "a", "label": ["X"], "meta": {{"split": "{split}"}}}}"#);
        let text = format!("{}\n{}\n", line("train"), line("dev"));
        let message = read(Format::Doccano, &text, &ReadOptions::default()).unwrap_err().to_string();
        assert!(message.contains(r#"("train" before, "dev" here)"#), "{message}");
    }
}
