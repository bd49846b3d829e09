//! Tokens and tags as JSON, as the Hugging Face hub's data sets have them.

mod names;

use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::json::{self, Item, layouts};
use super::{Column, NoteKind, Notes, ReadOptions};
use crate::counted::counted;
use crate::tags::{Evidence, TagScheme, spans};
use crate::{Error, Example, Origin, ReadError, Result};
use names::Names;

/// A sentence whose tags are not yet spans.
struct Sentence {
    id: String,
    at: Origin,
    tokens: Vec<String>,
    tags: Vec<String>,
}

/// `{"tokens": [word, …], "ner_tags": [tag, …]}`, an object a line or a list of them. Tags are names, or
/// numbers whose names stand in the first object, `{"features": …}`, or in the `dataset_info.json` beside the
/// file. The tags stand under one key in all of the file; where several could be meant,
/// [`ReadOptions::tag_column`] names it. Which key is taken is noted, and so is the tag scheme that is found.
pub(super) fn sentences(
    reader: impl Read,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<Vec<Result<Example>>> {
    let text = json::text(reader, file)?;
    let mut names = Names::beside(file, notes);
    let items: Vec<Result<Item<'_>>> = Item::whole(&text, file).items(&layouts::HF_TOKENS).collect();
    let key = tag_key(items.iter().flatten(), options)?;
    let mut sentences = Vec::new();
    for item in items {
        match item {
            Ok(item) if sentences.is_empty() && is_features(&item) => names.declare(&item.value()?),
            Ok(item) => sentences.push(sentence(&item, key.as_deref(), &mut names)),
            Err(error) => sentences.push(Err(error)),
        }
        // What holds for one number holds for all of them.
        if let Some(error) = names.missing() {
            return Err(error);
        }
    }
    let mut scheme = options.scheme;
    if scheme == TagScheme::Auto {
        let mut evidence = Evidence::default();
        sentences.iter().flatten().for_each(|sentence| evidence.observe(&sentence.tags));
        scheme = evidence.scheme();
        if evidence.is_labelled() {
            notes.add(NoteKind::Assumed, None, format!("tags are read as {}", scheme.name()));
        }
    }
    if let Some(key) = key.filter(|_| options.tag_column.is_none()) {
        notes.add(NoteKind::Assumed, None, format!("tags are read from the key {key:?}"));
    }
    Ok(sentences.into_iter().map(|sentence| example(sentence?, scheme)).collect())
}

fn is_features(item: &Item<'_>) -> bool {
    item.keys().eq(["features"])
}

fn sentence(item: &Item<'_>, key: Option<&str>, names: &mut Names) -> Result<Sentence> {
    let mut fields: serde_json::Map<String, Value> = item.read_beside(key)?;
    let tokens = fields.remove("tokens").unwrap_or_default();
    let not_texts = || item.problem("tokens: expected a list of texts");
    let tokens = Vec::<String>::deserialize(tokens).map_err(|_| not_texts())?;
    let mut tags = Vec::new();
    if let Some(key) = key {
        let Some(Value::Array(found)) = fields.remove(key) else {
            return Err(item.problem(format!("{key}: expected a list of tags")));
        };
        for tag in found {
            tags.push(names.tag(item, key, tag)?);
        }
        if tags.len() != tokens.len() {
            return Err(item.problem(format!(
                "{} in {key:?} beside {}; there should be one for each",
                counted(tags.len(), "tag"),
                counted(tokens.len(), "token")
            )));
        }
    }
    Ok(Sentence { id: item.id(), at: item.at().clone(), tokens, tags })
}

/// The key of the tags of a file; none for the input of a prediction.
fn tag_key<'i>(
    items: impl Iterator<Item = &'i Item<'i>> + Clone,
    options: &ReadOptions,
) -> Result<Option<String>> {
    let sentences = items.filter(|item| !is_features(item));
    match (&options.tag_column, options.scheme, sentences.clone().next()) {
        (_, TagScheme::Unlabelled, _) | (None | Some(Column::Number(_)), _, None) => return Ok(None),
        (Some(Column::Name(key)), ..) => return Ok(Some(key.clone())),
        (Some(Column::Number(_)), _, Some(first)) => {
            return Err(first.problem(
                "JSON has no column numbers; name the key of the tags in --tag-column (data.tag_column)",
            ));
        }
        (None, _, Some(_)) => {}
    }
    let mut found: Vec<&str> = Vec::new();
    for item in sentences.clone() {
        let there = layouts::HF_TAGS.into_iter().filter(|tags| item.keys().any(|key| key == *tags));
        for key in there {
            if !found.contains(&key) {
                found.push(key);
            }
        }
        if found.len() > 1 {
            return Err(item.problem(format!(
                "the keys {} could all hold the tags; name one in --tag-column (data.tag_column)",
                found.join(", ")
            )));
        }
    }
    match (found.first(), sentences.clone().next()) {
        (None, Some(first)) => Err(first.problem(format!(
            "no key holds tags ({}); name it in --tag-column (data.tag_column)",
            layouts::HF_TAGS.join(", ")
        ))),
        (key, _) => Ok(key.map(|key| (*key).to_owned())),
    }
}

fn example(sentence: Sentence, scheme: TagScheme) -> Result<Example> {
    let Sentence { id, at, tokens, tags } = sentence;
    let entities = spans(&tags, scheme).map_err(|(i, problem)| {
        Error::Read(ReadError::Tag { at: at.of(&format!("token {i}")), tag: tags[i].clone(), problem })
    })?;
    Ok(Example { id, entities, origin: Some(at), ..Example::new(tokens) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Entity;

    fn read(text: &str, options: &ReadOptions) -> Result<Vec<Example>> {
        sentences(text.as_bytes(), Path::new("no/such/train.json"), options, &Notes::default())?
            .into_iter()
            .collect()
    }

    fn message(text: &str) -> String {
        read(text, &ReadOptions::default()).unwrap_err().to_string()
    }

    #[test]
    fn tags_are_names_or_numbers_with_names() {
        let named = r#"{"id": "7", "tokens": ["Ann", "Lee", "left"], "ner_tags": ["B-PER", "I-PER", "O"], "pos_tags": [1, 1, 2]}"#;
        let features = r#"{"features": {"tokens": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"},
            "ner_tags": {"feature": {"names": ["O", "B-PER", "I-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}}}"#;
        let numbered = format!("{features}\n{}", named.replace(r#"["B-PER", "I-PER", "O"]"#, "[1, 2, 0]"));
        for text in [named, &format!("[{named}]"), &numbered] {
            let examples = read(text, &ReadOptions::default()).unwrap();
            assert_eq!(examples[0].entities, [Entity::new("PER", 0, 2)], "{text}");
            assert_eq!(examples[0].id, "7");
        }
    }

    #[test]
    fn names_stand_beside_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let info =
            r#"{"features": {"labels": [{"names": ["O", "B-LOC"], "_type": "ClassLabel"}], "tokens": []}}"#;
        std::fs::write(folder.path().join("dataset_info.json"), info).unwrap();
        let file = folder.path().join("train.jsonl");
        let text = r#"{"tokens": ["Oslo"], "labels": [1]}"#;
        std::fs::write(&file, text).unwrap();
        let notes = Notes::default();
        let examples = sentences(text.as_bytes(), &file, &ReadOptions::default(), &notes).unwrap();
        assert_eq!(examples[0].as_ref().unwrap().entities, [Entity::new("LOC", 0, 1)]);
        assert!(notes.take()[0].detail.contains("dataset_info.json"));
    }

    #[test]
    fn the_key_and_the_scheme_are_told() {
        let notes = Notes::default();
        let text = r#"{"tokens": ["Ann", "left"], "labels": ["S-PER", "O"]}"#;
        let read = |options: &ReadOptions| {
            let file = Path::new("no/such/train.json");
            assert!(sentences(text.as_bytes(), file, options, &notes).unwrap()[0].is_ok());
            notes.take().into_iter().map(|note| note.detail).collect::<Vec<_>>()
        };
        assert_eq!(
            read(&ReadOptions::default()),
            ["tags are read as iobes", "tags are read from the key \"labels\""]
        );
        let asked = ReadOptions {
            tag_column: Some(Column::Name("labels".to_owned())),
            scheme: TagScheme::Iobes,
            ..ReadOptions::default()
        };
        assert!(read(&asked).is_empty());
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        let cases = [
            (
                r#"{"tokens": ["a"], "ner_tags": [3]}"#,
                "example 0: ner_tags holds numbers, and nothing says which labels they stand for",
            ),
            (
                r#"{"tokens": ["a"], "tags": ["O"], "labels": ["O"]}"#,
                "the keys tags, labels could all hold the tags",
            ),
            (
                r#"{"tokens": ["a"], "ner_tags": ["O"], "fine_ner_tags": ["O"]}"#,
                "the keys ner_tags, fine_ner_tags could all hold the tags",
            ),
            (
                r#"{"tokens": ["a"], "tags": ["O"]}, {"id": 8, "tokens": ["a"], "ner_tags": ["O"]}"#,
                "example 8: the keys tags, ner_tags could all hold the tags",
            ),
            (r#"{"tokens": ["a"]}"#, "no key holds tags"),
            (r#"{"tokens": ["a"], "ner_tags": ["O", "O"]}"#, "2 tags in \"ner_tags\" beside 1 token;"),
            (
                r#"{"tokens": ["a"], "ner_tags": ["O"], "nertags": []}"#,
                "the key \"nertags\" is not known; did you mean \"ner_tags\"?",
            ),
            (
                r#"{"id": 9, "tokens": ["a", "b"], "ner_tags": ["O", "B-"]}"#,
                "train.json:1, example 9, token 1: the tag \"B-\"",
            ),
        ];
        for (text, expected) in cases {
            let text = format!("[{text}]");
            assert!(message(&text).contains(expected), "{}", message(&text));
        }
        let other =
            ReadOptions { tag_column: Some(Column::Name("fine".to_owned())), ..ReadOptions::default() };
        let examples = read(r#"{"tokens": ["a"], "ner_tags": ["O"], "fine": ["B-X"]}"#, &other).unwrap();
        assert_eq!(examples[0].entities, [Entity::new("X", 0, 1)]);
    }
}
