//! What a model is to be asked: texts and examples as they come, whatever else is in them.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::json::layouts;
use super::{Format, Lines, ReadOptions, json};
use crate::tags::TagScheme;
use crate::words::words;
use crate::{Error, Example, Origin, Result};

/// Something that a model is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// What the model reads. Annotations of what is asked for may be there; nobody looks at them.
    pub example: Example,
    /// The fields of the JSON object that it came in, or its id alone.
    pub fields: Map<String, Value>,
}

/// What should be a question and is none.
#[derive(Debug)]
pub struct Unread {
    /// Where it is, if that is known.
    pub at: Option<Origin>,
    /// What is wrong with it.
    pub error: Box<Error>,
}

/// Questions in the order of the file; a bad one costs itself alone where the layout allows to read on.
pub type Questions = Box<dyn Iterator<Item = Result<Question, Unread>> + Send>;

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self { at: error.origin().cloned(), error: Box::new(error) }
    }
}

impl Question {
    /// A text, cut into [words](words).
    fn of_text(text: String, at: Origin, fields: Map<String, Value>) -> Self {
        let mut example = Example::new(words(&text).into_iter().map(|word| word.text));
        example.origin = Some(at);
        // What tasks that do not look at words read.
        (example.text, example.history) = (Some(text.clone()), Some(text));
        Self { example, fields }
    }
}

/// A text a line.
pub fn texts(reader: impl BufRead + Send + 'static, file: &Path) -> Questions {
    Box::new(Lines::new(reader, file).map(|line| {
        let (at, text) = line?;
        Ok(Question::of_text(text, at, Map::new()))
    }))
}

impl Format {
    /// As [`Format::read_from`], for someone who asks what is annotated: of layouts that hold texts, only the text counts, and every text does,
    /// annotated or not.
    pub fn questions(
        self,
        mut reader: impl BufRead + Send + 'static,
        file: &Path,
        options: &ReadOptions,
    ) -> Result<Questions> {
        let key = options.text_key.clone();
        let (format, _) = self.resolve_from(&mut reader, file)?;
        Ok(match format {
            Self::JsonSpans | Self::Doccano | Self::Prodigy => {
                Box::new(json::lines::<Map<_, _>, _>(reader, file).map(move |line| {
                    let (at, fields) = line?;
                    let text = text(&fields, key.as_deref(), &at)?;
                    Ok(Question::of_text(text, at, fields))
                }))
            }
            Self::LabelStudio => {
                let at = Origin::new(file, 1);
                let tasks: Vec<Map<String, Value>> = json::document(reader, file)?;
                Box::new(tasks.into_iter().map(move |fields| {
                    let Some(Value::Object(data)) = fields.get("data") else {
                        return Err(Unread::from(Error::Layout {
                            at: at.clone(),
                            expected: "tasks with their texts in \"data\"",
                        }));
                    };
                    let text = text(data, key.as_deref(), &at)?;
                    Ok(Question::of_text(text, at.clone(), fields))
                }))
            }
            Self::Jsonl => Box::new(json::lines::<Map<_, _>, _>(reader, file).map(|line| {
                let (at, fields) = line?;
                example(fields, at)
            })),
            _ => {
                let options = ReadOptions { scheme: TagScheme::Unlabelled, ..options.clone() };
                Box::new(format.read_from(reader, file, &options)?.map(|example| {
                    let example = example?;
                    let id = Some(&example.id).filter(|id| !id.is_empty());
                    let fields =
                        id.map(|id| ("id".to_owned(), Value::from(id.as_str()))).into_iter().collect();
                    Ok(Question { example, fields })
                }))
            }
        })
    }
}

/// The text among `fields`: under `key`, else under `text`, else the only text there is.
fn text(fields: &Map<String, Value>, key: Option<&str>, at: &Origin) -> Result<String> {
    let named = fields.get(key.unwrap_or("text"));
    let mut others = fields.values().filter(|value| value.is_string() && key.is_none());
    let found = named.or_else(|| others.next().filter(|_| others.next().is_none()));
    match found {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => Err(Error::Text { at: at.clone(), key: key.unwrap_or("text").to_owned() }),
    }
}

/// The example that an object is, but for the keys that no example has.
fn example(fields: Map<String, Value>, at: Origin) -> Result<Question, Unread> {
    let known: Map<_, _> =
        fields.clone().into_iter().filter(|(key, _)| keys().any(|known| known == key)).collect();
    let mut example = Example::deserialize(Value::Object(known)).map_err(|source| Error::Json {
        at: at.clone(),
        column: 0,
        reason: source.to_string(),
    })?;
    example.origin = Some(at.clone());
    example.check().map_err(|error| Unread { at: Some(at), error: Box::new(error) })?;
    Ok(Question { example, fields })
}

/// The keys of an [`Example`].
fn keys() -> impl Iterator<Item = &'static str> {
    layouts::JSONL.id.iter().chain(layouts::JSONL.read).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Argument, Belief, Entity, Relation, TokenSpan};

    fn read(format: Format, text: &'static str, options: &ReadOptions) -> Vec<Result<Question, Unread>> {
        format.questions(text.as_bytes(), Path::new("f"), options).unwrap().collect()
    }

    #[test]
    fn the_keys_are_those_of_an_example() {
        let span = TokenSpan::new(0, 1);
        let example = Example {
            id: "a".to_owned(),
            tokens: vec!["a".to_owned()],
            entities: vec![Entity::new("A", 0, 1)],
            relations: vec![Relation::new("r", 0, 0)],
            intent: Some(String::new()),
            slots: vec![Entity::new("A", 0, 1)],
            predicate: Some(span),
            roles: vec![Entity::new("A", 0, 1)],
            head: Some(span),
            tail: Some(span),
            relation: Some(String::new()),
            history: Some(String::new()),
            belief: vec![Belief::new("d", "s", "v")],
            clusters: vec![vec![span]],
            triggers: vec![Entity::new("A", 0, 1)],
            arguments: vec![Argument::new("a", 0, 0)],
            text: Some(String::new()),
            label: Some(String::new()),
            origin: None,
        };
        let Value::Object(fields) = serde_json::to_value(&example).unwrap() else { panic!("an object") };
        let (mut found, mut expected) =
            (fields.keys().map(String::as_str).collect::<Vec<_>>(), keys().collect::<Vec<_>>());
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_text_is_asked_about_with_all_its_fields() {
        let options = ReadOptions::default();
        let lines = "{\"text\": \"Ann left\", \"id\": 7, \"meta\": {\"a\": [1.5]}}\n{\"text\": 3}\nx\n{\"body\": \"b c\"}\n";
        let found = read(Format::JsonSpans, lines, &options);
        let tokens: Vec<_> = found.iter().map(|q| q.as_ref().ok().map(|q| q.example.tokens.len())).collect();
        assert_eq!(tokens, [Some(2), None, None, Some(2)]);
        let first = found[0].as_ref().unwrap();
        assert_eq!(
            Value::Object(first.fields.clone()),
            serde_json::from_str::<Value>(lines.lines().next().unwrap()).unwrap()
        );
        assert!(found[1].as_ref().unwrap_err().error.to_string().contains("f:2"));

        let tasks = r#"[{"id": 1, "data": {"text": "a"}}, {"id": 2, "data": {"q": "a", "p": "b c"}, "annotations": [{"was_cancelled": true, "result": []}]}]"#;
        let found = read(Format::LabelStudio, tasks, &options);
        assert!(found[0].is_ok() && found[1].as_ref().unwrap_err().error.to_string().contains("--text-key"));
        let options = ReadOptions { text_key: Some("p".to_owned()), ..options };
        let found = read(Format::LabelStudio, tasks, &options);
        assert!(found[0].is_err() && found[1].as_ref().is_ok_and(|q| q.example.tokens.len() == 2));
    }

    #[test]
    fn examples_keep_what_is_not_theirs() {
        let options = ReadOptions::default();
        let line = r#"{"tokens": ["a"], "source": "x", "predicate": {"start": 0, "end": 1}}"#;
        let found = read(Format::Jsonl, line, &options);
        let question = found[0].as_ref().unwrap();
        assert_eq!(
            (question.example.predicate, &question.fields["source"]),
            (Some(TokenSpan::new(0, 1)), &Value::from("x"))
        );
        assert_eq!(read(Format::Conll, "a O\n\nb O\n", &options)[1].as_ref().unwrap().fields["id"], "1");
    }
}
