//! Which field of a task's data is the text.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::Notes;
use super::super::json::fields::kind;
use super::super::reference::Addresses;
use super::super::text_field::is_no_text;
use super::offsets::CountedText;
use super::region::Body;
use super::task::Task;
use super::{assume, quoted};
use crate::Result;

/// The field that holds the text of every task.
pub(super) struct TextField(String);

impl TextField {
    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

/// The field that was `asked` for; else the only one that can be the text. Of several, the one whose text the
/// regions quote, or that the labels name (`to_name`), or that is called `text`.
pub(super) fn key<'a>(
    tasks: &(impl Iterator<Item = &'a Task> + Clone),
    asked: Option<&str>,
    notes: &Notes,
) -> Result<TextField> {
    // How many tasks have each field as a text.
    let mut fields: BTreeMap<&str, usize> = BTreeMap::new();
    for task in tasks.clone() {
        for (name, _) in task.data.iter().filter(|(_, value)| value.is_string()) {
            *fields.entry(name).or_default() += 1;
        }
    }
    let Some(first) = tasks.clone().next() else { return Ok(TextField(asked.unwrap_or("text").to_owned())) };
    if let Some(asked) = asked {
        if fields.contains_key(asked) {
            return Ok(TextField(asked.to_owned()));
        }
        return Err(first.record.wrong(format!(
            "like every other task has no text in the field {asked:?} of its data; {}",
            texts(fields.keys().copied())
        )));
    }
    let likely: Vec<&str> = fields.keys().copied().filter(|name| !is_no_text(name)).collect();
    let (found, why) = match (likely.as_slice(), fields.len()) {
        ([], 1) => return Ok(TextField(fields.keys().copied().collect())),
        ([], _) => {
            return Err(first
                .record
                .wrong(format!("has no text in its data; {}", texts(fields.keys().copied()))));
        }
        ([only], 1) => return Ok(TextField((*only).to_owned())),
        ([only], _) => (*only, "the other fields look like names of things"),
        (several, _) => {
            if let Some(quoted) = quoted_field(tasks.clone(), several) {
                (quoted, "the regions quote it")
            } else if let Some(labelled) = labelled_field(tasks.clone(), several) {
                (labelled, "the labels are for it (to_name)")
            } else if several.contains(&"text") {
                ("text", "it is called so")
            } else {
                return Err(first.record.wrong(format!(
                    "has several fields that can be the text ({}); name it, such as data.text_key = {:?} (--text-key)",
                    quoted(several),
                    several[several.len() - 1]
                )));
            }
        }
    };
    assume(notes, format!("of {}, the text is {found:?}: {why}", quoted(fields.keys())));
    Ok(TextField(found.to_owned()))
}

fn texts<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() {
        return "no field of its data is a text".to_owned();
    }
    format!("its texts are {}; name one with --text-key (data.text_key)", quoted(names))
}

/// The only one of `names` that has, at every region with a text of its own, that text.
fn quoted_field<'a>(tasks: impl Iterator<Item = &'a Task>, names: &[&'a str]) -> Option<&'a str> {
    let mut able = names.to_vec();
    let mut asked = false;
    for task in tasks {
        let regions: Vec<_> = task.annotations.iter().flat_map(|annotation| &annotation.regions).collect();
        let quotes = regions.iter().filter_map(|region| match &region.body {
            Body::Span { place, own: Some(own), .. } => Some((*place, own)),
            _ => None,
        });
        let quotes: Vec<_> = quotes.collect();
        asked |= !quotes.is_empty();
        able.retain(|name| {
            let text = task.data.get(*name).and_then(Value::as_str).map(CountedText::new);
            quotes.iter().all(|(place, own)| text.as_ref().is_some_and(|text| text.can_hold(*place, own)))
        });
    }
    match able.as_slice() {
        [only] if asked => Some(only),
        _ => None,
    }
}

/// The one of `names` that is the name of what is labelled.
fn labelled_field<'a>(tasks: impl Iterator<Item = &'a Task>, names: &[&'a str]) -> Option<&'a str> {
    let objects = tasks.flat_map(|task| &task.annotations).flat_map(|annotation| &annotation.regions);
    let mut found: Vec<&str> = Vec::new();
    for object in objects.filter_map(|region| region.object.as_deref()) {
        if let Some(name) = names.iter().copied().find(|name| *name == object)
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    match found.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// Whether every text is an address on the web, so that they are hardly the texts themselves.
pub(super) fn addresses<'a>(tasks: impl Iterator<Item = &'a Task>, key: &TextField) -> Addresses {
    Addresses::of(tasks.filter_map(|task| task.data.get(key.name()).and_then(Value::as_str)))
}

/// Whether a region quotes `text`, which therefore is what was labelled.
fn is_quoted(task: &Task, text: &str) -> bool {
    let text = CountedText::new(text);
    let mut regions = task.annotations.iter().flat_map(|annotation| &annotation.regions);
    regions.any(|region| match &region.body {
        Body::Span { place, own: Some(own), .. } => text.can_hold(*place, own),
        _ => false,
    })
}

impl Task {
    /// Its text; a place of a file is none.
    pub(super) fn text(&self, key: &TextField, addresses: Addresses) -> Result<&str> {
        let name = key.name();
        let text = match self.data.get(name) {
            Some(Value::String(text)) => text,
            Some(other) => {
                return Err(self
                    .record
                    .wrong(format!("has {} in the field {name:?} of its data, not a text", kind(other))));
            }
            None => {
                return Err(self
                    .record
                    .wrong(format!("has no field {name:?} in its data, which holds the text")));
            }
        };
        if let Some(problem) = addresses.problem(text).filter(|_| !is_quoted(self, text)) {
            return Err(self.record.wrong(format!(
                "has {text:?} in data.{name}, {problem} (valueType=\"url\" makes such exports)"
            )));
        }
        Ok(text)
    }
}
