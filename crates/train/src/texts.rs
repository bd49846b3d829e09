//! Files of texts, of which some are to be labelled.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use fishdip_tasks::read::{Note, RawFields, ReadOptions};
use fishdip_tasks::{Example, ReadError, Task, TaskKind};
use serde_json::Value;

use crate::event::{Event, Sink};
use crate::predict::InputFormat;
use crate::{Access, Error};

/// A file of texts; annotations in it are not looked at.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// The file.
    pub path: PathBuf,
    /// What it looks like.
    pub format: InputFormat,
    /// What the format leaves open.
    pub read: ReadOptions,
}

/// A text of a file.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    /// Its own id, else `text-N` for the Nth of the file.
    pub(crate) id: String,
    /// The line that it begins in.
    pub(crate) line: usize,
    pub(crate) example: Example,
    /// What tells it from another text: what a model reads, without white space.
    pub(crate) key: String,
}

impl TextFile {
    /// Its texts, in order, without those that have no word; where a text is missing, that is told. What cannot be read is an error, since what is not
    /// looked at cannot be chosen.
    pub(crate) fn read(&self, task: &Task, sink: &mut dyn Sink) -> Result<Vec<Text>, Error> {
        let failed = |source| Error::Io { action: Access::Read, path: self.path.clone(), source };
        let reader = BufReader::new(File::open(&self.path).map_err(failed)?);
        let mut inputs = self.format.inputs(reader, &self.path, &self.read, task.kind())?;
        let (mut read, mut number) = (Vec::new(), 0);
        let (mut without, mut first) = (0_usize, None);
        for input in inputs.by_ref() {
            number += 1;
            let input = match input.map_err(|unread| *unread.error) {
                Ok(input) => input,
                Err(fishdip_tasks::Error::Read(ReadError::NoText { at, .. })) => {
                    first.get_or_insert_with(|| at.to_string());
                    without += 1;
                    continue;
                }
                Err(error) => return Err(Error::Tasks(error)),
            };
            let mut example = asked(input.example, task.kind());
            let line = example.origin.as_ref().map_or(number, fishdip_tasks::Origin::line);
            let key = key(task, &example)?;
            let id = id(&input.fields).unwrap_or_else(|| format!("text-{number}"));
            if !key.is_empty() {
                example.id.clone_from(&id);
                read.push(Text { id, line, example, key });
            } else if matches!(self.format, InputFormat::Data(_)) {
                first.get_or_insert_with(|| example.place());
                without += 1;
            }
        }
        if let Some(first) = first {
            let are = if without == 1 { "has no text and is" } else { "have no text and are" };
            let message =
                format!("{without} of the {number} rows of {} {are} left out: {first}", self.path.display());
            sink.event(&Event::Warning { message });
        }
        for note in inputs.notes().take().into_iter().filter(Note::is_of_file) {
            sink.event(&Event::Note { message: format!("{}: {}", self.path.display(), note.detail) });
        }
        Ok(read)
    }

    /// The same; two texts with one id are an error, since an answer could not tell which of them it is about.
    pub(crate) fn read_with_ids(&self, task: &Task, sink: &mut dyn Sink) -> Result<Vec<Text>, Error> {
        let read = self.read(task, sink)?;
        let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
        for Text { id, line, .. } in &read {
            if let Some(first) = lines.insert(id, *line) {
                return Err(Error::Data(format!(
                    "{}:{line}: the id {id:?} is that of another text, at line {first}; give each text an id of its own, or none",
                    self.path.display()
                )));
            }
        }
        Ok(read)
    }
}

/// What tells a text from another: what a model reads, without white space.
pub(crate) fn key(task: &Task, example: &Example) -> Result<String, Error> {
    Ok(task.source(example)?.chars().filter(|c| !c.is_whitespace()).collect())
}

/// The example with the field alone that the task reads its text from.
fn asked(mut example: Example, kind: TaskKind) -> Example {
    if kind == TaskKind::DialogueState {
        example.text = None;
    } else {
        example.history = None;
    }
    example
}

/// The id among the fields of an input; in Label Studio's layout, that of its data, which an import keeps.
fn id(fields: &RawFields) -> Option<String> {
    let of = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let of_data = fields.get("data").and_then(|data| of(data.value().get("id")?));
    of_data.or_else(|| of(&fields.get("id")?.value()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use fishdip_tasks::read::Format;
    use fishdip_tasks::{Mode, Schema};

    use super::*;
    use crate::Sinks;

    fn read(format: InputFormat, text: &str) -> Result<Vec<(String, usize, String)>, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pool");
        std::fs::write(&path, text).unwrap();
        let file = TextFile { path, format, read: ReadOptions::default() };
        let texts = file.read_with_ids(&Task::ner(Schema::conll03(), Mode::Fixed), &mut Sinks(Vec::new()))?;
        Ok(texts.into_iter().map(|text| (text.id, text.line, text.key)).collect())
    }

    fn text(id: &str, line: usize, key: &str) -> (String, usize, String) {
        (id.to_owned(), line, key.to_owned())
    }

    #[test]
    fn texts_have_ids_and_lines() {
        let found = read(InputFormat::Text, "Ann left.\n\n Bob  stayed .\n").unwrap();
        assert_eq!(found, [text("text-1", 1, "Annleft."), text("text-3", 3, "Bobstayed.")]);
        let lines = "{\"id\": \"a\", \"text\": \"Ann\"}\n{\"text\": \"Bob\"}\n";
        let found = read(InputFormat::Data(Format::JsonSpans), lines).unwrap();
        assert_eq!(found, [text("a", 1, "Ann"), text("text-2", 2, "Bob")]);
        let found = read(InputFormat::Data(Format::Csv), "text,doc\nAnn,1\n,2\nBob,3\n").unwrap();
        assert_eq!(found, [text("0", 2, "Ann"), text("2", 4, "Bob")]);
        let found =
            read(InputFormat::Data(Format::JsonSpans), "{\"text\": null}\n{\"text\": \"Bob\"}\n").unwrap();
        assert_eq!(found, [text("text-2", 2, "Bob")]);
        let tasks =
            r#"[{"id": 91, "data": {"id": "a", "text": "Ann"}}, {"id": 92, "data": {"text": "Bob"}}]"#;
        let found = read(InputFormat::Data(Format::LabelStudio), tasks).unwrap();
        assert_eq!(found.iter().map(|text| text.0.as_str()).collect::<Vec<_>>(), ["a", "92"]);
    }

    #[test]
    fn what_cannot_be_told_apart_or_read_is_refused() {
        let lines = "{\"id\": 1, \"text\": \"Ann\"}\n{\"id\": \"1\", \"text\": \"Bob\"}\n";
        let message = read(InputFormat::Data(Format::JsonSpans), lines).unwrap_err().to_string();
        assert!(message.contains("pool:2: the id \"1\" is that of another text, at line 1;"), "{message}");
        let message = read(InputFormat::Data(Format::JsonSpans), "{\"text\": 3}\n").unwrap_err().to_string();
        assert!(message.contains("pool:1"), "{message}");
    }
}
