//! The inputs of a prediction: texts and examples as they come, whatever else stands beside them.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::columns::unclear;
use super::json::layouts;
use super::reference::Addresses;
use super::text_field::{self, TextRule};
use super::{Format, Lines, ReadOptions, doccano, json, json_spans, label_studio, prodigy};
use crate::tags::TagScheme;
use crate::words::words;
use crate::{Error, Example, Origin, ReadError, Result};

/// A text or example to predict for.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictionInput {
    /// What the model reads. Annotations of what is asked for may be there; nobody looks at them.
    pub example: Example,
    /// The fields of the JSON object that it came in, or its id alone.
    pub fields: Map<String, Value>,
}

/// An input that cannot be read.
#[derive(Debug)]
pub struct UnreadInput {
    /// Where it is, if that is known.
    pub at: Option<Origin>,
    /// What is wrong with it.
    pub error: Box<Error>,
}

/// The inputs in the order of the file; a bad one costs itself alone where the layout allows to read on.
pub type PredictionInputs = Box<dyn Iterator<Item = Result<PredictionInput, UnreadInput>> + Send>;

impl From<Error> for UnreadInput {
    fn from(error: Error) -> Self {
        Self { at: error.origin().cloned(), error: Box::new(error) }
    }
}

impl PredictionInput {
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
pub fn texts(reader: impl BufRead + Send + 'static, file: &Path) -> PredictionInputs {
    Box::new(Lines::new(reader, file).map(|line| {
        let (at, text) = line?;
        Ok(PredictionInput::of_text(text, at, Map::new()))
    }))
}

impl Format {
    /// As [`Format::read_from`], for a prediction: of layouts that hold texts, only the text counts, and
    /// every text does, annotated or not.
    pub fn prediction_inputs(
        self,
        mut reader: impl BufRead + Send + 'static,
        file: &Path,
        options: &ReadOptions,
    ) -> Result<PredictionInputs> {
        let key = options.text_key.clone();
        let (format, _) = self.resolve_from(&mut reader, file, None)?;
        Ok(match format {
            Self::JsonSpans | Self::Doccano | Self::Prodigy => {
                let rule = match format {
                    Self::Doccano => doccano::TEXT,
                    Self::Prodigy => prodigy::TEXT,
                    _ => json_spans::TEXT,
                };
                Box::new(json::objects(reader, file).map(move |line| {
                    let (at, fields) = line?;
                    let text = text(&fields, rule, key.as_deref(), &at)?;
                    Ok(PredictionInput::of_text(text, at, fields))
                }))
            }
            Self::LabelStudio => {
                let tasks = json::records(reader, file)?.enumerate();
                Box::new(tasks.map(move |(number, task)| {
                    let (at, value) = task?;
                    label_studio_task(value, &at, number, key.as_deref())
                }))
            }
            Self::Jsonl => Box::new(json::objects(reader, file).map(|line| {
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
                    Ok(PredictionInput { example, fields })
                }))
            }
        })
    }
}

/// The text of a Label Studio task that begins at `line`, the `number`th of its file.
fn label_studio_task(
    task: Value,
    line: &Origin,
    number: usize,
    key: Option<&str>,
) -> Result<PredictionInput, UnreadInput> {
    let at = line.of(&format!("task {}", label_studio::task_id(&task, number)));
    let no_data = || {
        let expected = "tasks with their texts in \"data\"";
        UnreadInput::from(Error::Read(ReadError::Layout { at: at.clone(), expected }))
    };
    let Value::Object(fields) = task else { return Err(no_data()) };
    let Some(Value::Object(data)) = fields.get("data") else { return Err(no_data()) };
    let text = text(data, text_field::OF_USER, key, &at)?;
    Ok(PredictionInput::of_text(text, at, fields))
}

/// The text among `fields`, by the rule of its layout. One that names a file is refused; whether all of them
/// are addresses on the web is not known while they come.
fn text(fields: &Map<String, Value>, rule: TextRule, asked: Option<&str>, at: &Origin) -> Result<String> {
    let key = rule.key(fields, asked).unwrap_or("text");
    let Some(Value::String(text)) = fields.get(key) else {
        return Err(Error::Read(ReadError::Text { at: at.clone(), key: key.to_owned() }));
    };
    match Addresses::default().problem(text) {
        Some(problem) => Err(unclear(at, format!("{key:?} is {text:?}, {problem}"))),
        None => Ok(text.clone()),
    }
}

/// The example that an object is, but for the keys that no example has.
fn example(fields: Map<String, Value>, at: Origin) -> Result<PredictionInput, UnreadInput> {
    let known: Map<_, _> =
        fields.clone().into_iter().filter(|(key, _)| keys().any(|known| known == key)).collect();
    if !["tokens", "text", "history"].iter().any(|key| known.contains_key(*key)) {
        let problem = "the key \"tokens\" is missing".to_owned();
        return Err(Error::Read(ReadError::Item { at, problem }).into());
    }
    let mut example = Example::deserialize(Value::Object(known))
        .map_err(|source| Error::Read(ReadError::Item { at: at.clone(), problem: source.to_string() }))?;
    example.origin = Some(at.clone());
    example.check().map_err(|error| UnreadInput { at: Some(at), error: Box::new(error) })?;
    Ok(PredictionInput { example, fields })
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

    fn read(
        format: Format,
        text: &'static str,
        options: &ReadOptions,
    ) -> Vec<Result<PredictionInput, UnreadInput>> {
        format.prediction_inputs(text.as_bytes(), Path::new("f"), options).unwrap().collect()
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
    fn what_holds_no_text_or_two_is_refused() {
        let options = ReadOptions::default();
        let lines = "{\"toks\": []}\n{\"id\": \"x\"}\n{\"tokens\": [\"a\"], \"tokens\": [\"b\"]}\n{\"tokens\": [\"a\"]}\n";
        let found: Vec<bool> = read(Format::Jsonl, lines, &options).iter().map(Result::is_ok).collect();
        assert_eq!(found, [false, false, false, true]);
        let twice = read(Format::JsonSpans, "{\"text\": \"Rome\", \"text\": \"Oslo\"}", &options).remove(0);
        let message = twice.unwrap_err().error.to_string();
        assert!(message.contains("the key \"text\" stands there twice"), "{message}");
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

        let tasks = r#"[{"id": 1, "data": {"text": "a"}},
            {"id": 2, "data": {"q": "a", "p": "b c"}, "annotations": [{"was_cancelled": true, "result": []}]}]"#;
        let found = read(Format::LabelStudio, tasks, &options);
        let error = found[1].as_ref().unwrap_err().error.to_string();
        assert!(found[0].is_ok() && error.starts_with("read f:2, task 2: there is no text"), "{error}");
        assert!(error.contains("--text-key"), "{error}");
        let options = ReadOptions { text_key: Some("p".to_owned()), ..options };
        let found = read(Format::LabelStudio, tasks, &options);
        assert!(found[0].is_err() && found[1].as_ref().is_ok_and(|q| q.example.tokens.len() == 2));
    }

    #[test]
    fn examples_keep_what_is_not_theirs() {
        let options = ReadOptions::default();
        let line = r#"{"tokens": ["a"], "source": "x", "predicate": {"start": 0, "end": 1}}"#;
        let found = read(Format::Jsonl, line, &options);
        let input = found[0].as_ref().unwrap();
        assert_eq!(
            (input.example.predicate, &input.fields["source"]),
            (Some(TokenSpan::new(0, 1)), &Value::from("x"))
        );
        assert_eq!(read(Format::Conll, "a O\n\nb O\n", &options)[1].as_ref().unwrap().fields["id"], "1");
    }
}
