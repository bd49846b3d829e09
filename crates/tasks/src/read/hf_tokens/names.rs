//! The names of tags that are numbers.

use std::path::Path;

use serde_json::Value;

use super::Item;
use crate::read::{NoteKind, Notes};
use crate::{Error, Origin, Result};

/// Where the `datasets` library keeps what it knows of a data set.
const INFO: &str = "dataset_info.json";

/// What a data set declares of its columns.
pub(super) struct Names {
    features: Option<Value>,
    /// Where they are from, until it was told.
    from: Option<(Origin, Notes)>,
    missing: Option<Error>,
}

impl Names {
    /// Those that stand beside `file`, if there are any.
    pub(super) fn beside(file: &Path, notes: &Notes) -> Self {
        let info = file.with_file_name(INFO);
        // A stream has a name as well, but nothing beside it.
        let text = file.is_file().then(|| std::fs::read_to_string(&info).ok()).flatten();
        let features =
            text.and_then(|text| serde_json::from_str::<Value>(&text).ok()?.get("features").cloned());
        let from = features.is_some().then(|| (Origin::new(info, 1), notes.clone()));
        Self { features, from, missing: None }
    }

    /// Those that the file itself begins with, as `{"features": …}`.
    pub(super) fn declare(&mut self, object: &Value) {
        self.features = object.get("features").cloned();
        self.from = None;
    }

    /// That tags are numbers without names; told once for a file.
    pub(super) fn missing(&mut self) -> Option<Error> {
        self.missing.take()
    }

    /// The name of a tag in the column `key`.
    pub(super) fn tag(&mut self, item: &Item<'_>, key: &str, tag: Value) -> Result<String> {
        let number = match tag {
            Value::String(name) => return Ok(name),
            Value::Number(number) => number,
            other => return Err(item.problem(format!("{key}: {other} stands where a tag is expected"))),
        };
        let column = self.features.as_ref().and_then(|features| features.get(key));
        let Some(names) = column.and_then(class_names) else {
            let problem = format!(
                "{key} holds numbers, and nothing says which labels they stand for; put the data set's {INFO} beside the file, or write tags as names"
            );
            self.missing = Some(item.problem(&problem));
            return Err(item.problem(problem));
        };
        if let Some((at, notes)) = self.from.take() {
            notes.add(
                NoteKind::Assumed,
                Some(&at),
                format!("the names of the numbers in {key} are those of {INFO}"),
            );
        }
        let name = number.as_u64().and_then(|number| names.get(usize::try_from(number).ok()?)?.as_str());
        let beyond = || {
            item.problem(format!(
                "{key}: there is no name for the number {number}; there are {}",
                names.len()
            ))
        };
        name.map(str::to_owned).ok_or_else(beyond)
    }
}

/// The names of a column of classes:
/// `{"feature": {"names": […], "_type": "ClassLabel"}, "_type": "Sequence"}`, or a list of the inner one.
fn class_names(column: &Value) -> Option<&Vec<Value>> {
    match column {
        Value::Array(inner) => class_names(inner.first()?),
        Value::Object(fields) => match fields.get("names") {
            Some(names) => names.as_array(),
            None => class_names(fields.get("feature")?),
        },
        _ => None,
    }
}
