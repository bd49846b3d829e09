//! Places of files, where the text itself should be.

use serde_json::Value;

use super::columns::unclear;
use super::json::Records;
use super::split_fields::SplitFields;
use crate::{Example, Result};

/// Whether the texts of a file are addresses on the web, which is settled by all of them together: one among
/// sentences is a text, but where there is nothing else they name what should stand there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Addresses {
    all: bool,
}

impl Addresses {
    pub(super) fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut texts = texts.into_iter().peekable();
        Self { all: texts.peek().is_some() && texts.all(is_url) }
    }

    /// What is wrong with `text`, and what to do; nothing where it is a text.
    pub(super) fn problem(self, text: &str) -> Option<&'static str> {
        if is_reference(text) {
            return Some("which names a file instead of its text; put the text itself there");
        }
        (self.all && is_url(text)).then_some(
            "which, as every other text, is an address on the web and names a file instead of its text; put the text itself there, or, where \
             addresses are what is to be read, give the examples the layout jsonl",
        )
    }
}

/// The records, and whether their texts are addresses. `fields` gives the text of a record and its user's own fields;
/// records that these say to be of several splits are refused. Of inputs to predict, which are read as they come
/// (`unlabelled`), neither is asked.
pub(super) fn look_ahead(
    records: Records,
    unlabelled: bool,
    fields: impl Fn(&Value) -> (Option<&str>, Vec<(String, &Value)>),
) -> Result<(Records, Addresses)> {
    if unlabelled {
        return Ok((records, Addresses::default()));
    }
    let records: Vec<_> = records.collect();
    let values = || records.iter().filter_map(|record| record.as_ref().ok());
    let mut splits = SplitFields::default();
    for (at, value) in values() {
        splits.add(at, fields(value).1);
    }
    splits.check()?;
    let addresses = Addresses::of(values().filter_map(|(_, value)| fields(value).0));
    Ok((Box::new(records.into_iter()), addresses))
}

/// The examples of a file of texts with classes; those whose text names a file are refused. Inputs to predict
/// (`unlabelled`) are given as they come.
pub(super) fn without_places(
    examples: impl Iterator<Item = Result<Example>> + Send + 'static,
    unlabelled: bool,
) -> Box<dyn Iterator<Item = Result<Example>> + Send> {
    if unlabelled {
        return Box::new(examples);
    }
    let examples: Vec<_> = examples.collect();
    let texts = examples.iter().filter_map(|example| example.as_ref().ok()?.text.as_deref());
    let addresses = Addresses::of(texts);
    Box::new(examples.into_iter().map(move |example| {
        let example = example?;
        let text = example.text.as_deref().unwrap_or_default();
        match (addresses.problem(text), &example.origin) {
            (Some(problem), Some(at)) => Err(unclear(at, format!("the text is {text:?}, {problem}"))),
            _ => Ok(example),
        }
    }))
}

/// Whether `text` is beyond doubt the place of a file instead of its text, as annotation tools store what
/// they load from elsewhere.
pub(super) fn is_reference(text: &str) -> bool {
    const STORES: [&str; 6] =
        ["s3://", "gs://", "azure-blob://", "file://", "/data/upload/", "/data/local-files/"];
    const ENDS: [&str; 14] = [
        "txt", "text", "html", "htm", "json", "jsonl", "csv", "tsv", "md", "xml", "pdf", "conll", "ann",
        "log",
    ];
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return false;
    }
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let ends = path.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end.to_lowercase().as_str()));
    let drive = text.get(1..3).is_some_and(|mark| mark == ":\\" || mark == ":/");
    let rooted = text.starts_with(['/', '~']) || text.starts_with("./") || text.starts_with("../") || drive;
    STORES.iter().any(|store| text.starts_with(store)) || (ends && (rooted || is_url(text)))
}

/// Whether `text` is an address on the web.
pub(super) fn is_url(text: &str) -> bool {
    let text = text.trim();
    let scheme = text.get(..8).unwrap_or(text).to_lowercase();
    (scheme.starts_with("http://") || scheme.starts_with("https://")) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_settled_by_all_texts_together() {
        let all = Addresses::of(["https://a.b/c", "http://d.e"]);
        assert!(all.problem("https://a.b/c").is_some_and(|problem| problem.contains("jsonl")));
        assert!(all.problem("s3://a/b").is_some_and(|problem| problem.contains("names a file")));
        let some = Addresses::of(["https://a.b/c", "see https://a.b/c"]);
        assert_eq!(some.problem("https://a.b/c"), None);
        assert_eq!(Addresses::of([]).problem("https://a.b/c"), None);
    }

    #[test]
    fn places_of_files_are_no_texts() {
        for text in [
            "/data/upload/3/a-b.txt",
            "s3://bucket/a",
            "https://a.b/c.txt?x=1",
            "C:\\a\\b.html",
            "../notes.md",
        ] {
            assert!(is_reference(text), "{text}");
        }
        for text in ["a.txt", "and/or", "/r/rust", "https://a.b/c", "see /data/upload/x.txt", "", "1/2.5"] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
