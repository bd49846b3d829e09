//! The inputs of a prediction: texts and examples as they come, whatever else stands beside them.

mod kept;
mod unannotated;

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::columns::unclear;
use super::reference::Addresses;
use super::text_field::{self, TextRule};
use super::{
    Format, Lines, Note, NoteKind, Notes, RawFields, RawJson, ReadOptions, detect, doccano, json, json_spans,
    jsonl, label_studio, prodigy, table,
};
use crate::tags::TagScheme;
use crate::text::is_space;
use crate::words::words;
use crate::{Error, Example, Origin, ReadError, Result, TaskKind};
use kept::KeptFields;
use unannotated::without_annotations;

/// A text or example to predict for.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictionInput {
    /// What the model reads. Annotations of what is asked for may be there; nobody looks at them.
    pub example: Example,
    /// The fields of the JSON object that it came in, as they were written, or its id alone.
    pub fields: RawFields,
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
pub struct PredictionInputs {
    stream: Stream,
    notes: Notes,
}

type Stream = Box<dyn Iterator<Item = Result<PredictionInput, UnreadInput>> + Send>;

impl PredictionInputs {
    /// What the reader tells beside the inputs, so far.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }
}

impl Iterator for PredictionInputs {
    type Item = Result<PredictionInput, UnreadInput>;

    fn next(&mut self) -> Option<Self::Item> {
        self.stream.next()
    }
}

impl From<Error> for UnreadInput {
    fn from(error: Error) -> Self {
        Self { at: error.origin().cloned(), error: Box::new(error) }
    }
}

impl PredictionInput {
    /// A text, cut into [words](words).
    fn of_text(text: String, at: Origin, fields: RawFields) -> Self {
        let tokens = words(&text).into_iter().map(|word| word.text.to_owned()).collect();
        Self::of_tokens(tokens, text, at, fields)
    }

    /// A text whose words are what stands between its blanks.
    fn of_spaced_text(text: String, at: Origin) -> Self {
        let tokens = text.split(is_space).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Self::of_tokens(tokens, text, at, RawFields::default())
    }

    fn of_tokens(tokens: Vec<String>, text: String, at: Origin, fields: RawFields) -> Self {
        let mut example = Example::new(tokens);
        example.origin = Some(at);
        // What tasks that do not look at words read.
        (example.text, example.history) = (Some(text.clone()), Some(text));
        Self { example, fields }
    }

    /// An example, whose id goes before the other `fields`.
    fn of_example(example: Example, fields: RawFields) -> Self {
        let id = Some(&example.id).filter(|id| !id.is_empty());
        let id = id.map(|id| ("id".to_owned(), RawJson::from(id.as_str())));
        let fields = id.into_iter().chain(fields.into_iter().filter(|(key, _)| key != "id")).collect();
        Self { example, fields }
    }
}

/// A text a line, cut into [words](words).
pub fn texts(reader: impl BufRead + Send + 'static, file: &Path) -> PredictionInputs {
    lines(reader, file, |text, at| PredictionInput::of_text(text, at, RawFields::default()))
}

/// A text a line, whose words are what stands between its blanks: for texts that are cut as a training file was.
pub fn texts_in_words(reader: impl BufRead + Send + 'static, file: &Path) -> PredictionInputs {
    lines(reader, file, PredictionInput::of_spaced_text)
}

/// An input a line, which `read` makes of it. What looks like a data file is read so all the same, since a text may look like anything, but is told.
fn lines(
    mut reader: impl BufRead + Send + 'static,
    file: &Path,
    read: fn(String, Origin) -> PredictionInput,
) -> PredictionInputs {
    let notes = Notes::default();
    // Where nothing can be read, the first line says so.
    let beginning = reader.fill_buf().unwrap_or_default();
    if let Ok((format, reason)) = detect::of_bytes(beginning, file, None) {
        let detail = format!(
            "every line is taken for a text, though the file looks like {format} ({reason}); name that format to read the texts in it"
        );
        notes.add(NoteKind::Assumed, None, detail);
    }
    let stream = Lines::new(reader, file).map(move |line| {
        let (at, text) = line?;
        Ok(read(text, at))
    });
    PredictionInputs { stream: Box::new(stream), notes }
}

impl Format {
    /// As [`Format::read_from`], for a prediction of the task `kind`: only what the task reads counts, a text
    /// and what is asked about it, and every text does, annotated or not.
    pub fn prediction_inputs(
        self,
        mut reader: impl BufRead + Send + 'static,
        file: &Path,
        options: &ReadOptions,
        kind: TaskKind,
    ) -> Result<PredictionInputs> {
        options.check_for(self)?;
        let notes = Notes::default();
        let (format, reason) = self.resolve_from(&mut reader, file, None)?;
        if let Some(reason) = reason {
            notes.add(NoteKind::Assumed, None, format!("read as {format}: {reason}"));
            options.note_unused(format, &notes);
        }
        let key = options.text_key.clone();
        let stream: Stream = match format {
            Self::JsonSpans | Self::Doccano | Self::Prodigy => {
                let rule = match format {
                    Self::Doccano => doccano::TEXT,
                    Self::Prodigy => prodigy::TEXT,
                    _ => json_spans::TEXT,
                };
                Box::new(json::objects(reader, file).map(move |line| {
                    let (at, object, fields) = line?;
                    let at = named(at, &object);
                    let text = text(&object, rule, key.as_deref(), &at)?;
                    Ok(PredictionInput::of_text(text, at, fields))
                }))
            }
            Self::LabelStudio => {
                let tasks = json::record_texts(reader, file)?.enumerate();
                let mut key = key;
                Box::new(tasks.map(move |(number, task)| {
                    let (at, task) = task?;
                    label_studio_task(&task, &at, number, &mut key)
                }))
            }
            Self::Jsonl => {
                let notes = notes.clone();
                Box::new(json::objects(reader, file).map(move |line| {
                    let (at, object, fields) = line?;
                    example(named(at, &object), object, fields, kind, &notes)
                }))
            }
            Self::Csv | Self::Tsv | Self::Parquet => {
                let mut options = options.clone().only_for(format);
                (options.scheme, options.tag_column) = (TagScheme::Unlabelled, None);
                let rows = match format {
                    Self::Csv => table::rows(reader, file, b',', &options, &notes)?,
                    Self::Tsv => table::rows(reader, file, b'\t', &options, &notes)?,
                    _ => table::parquet_rows(reader, file, &options, &notes)?,
                };
                Box::new(rows.map(|row| {
                    let (example, fields) = row?;
                    let fields = fields.into_iter().map(|(name, cell)| (name, RawJson::from(cell.as_str())));
                    Ok(PredictionInput::of_example(example, fields.collect()))
                }))
            }
            _ => {
                let mut options = options.clone().only_for(format);
                options.scheme = TagScheme::Unlabelled;
                let kept = KeptFields::default();
                let reader = without_annotations(format, reader, file, &options, kind, &kept)?;
                let mut examples = format.read_from(reader, file, &options)?;
                let (notes, file) = (notes.clone(), file.to_owned());
                let own = examples.notes().clone();
                Box::new(std::iter::from_fn(move || {
                    // Also behind the last one something may be told.
                    let example = examples.next();
                    for note in own.take().into_iter().filter(Note::is_of_file) {
                        notes.add(note.kind, None, note.detail);
                    }
                    let example = example?;
                    let at = match &example {
                        Ok(example) => example.origin.clone(),
                        Err(error) => error.origin_in(&file),
                    };
                    let fields = at.as_ref().map(|at| kept.take(at.line())).unwrap_or_default();
                    Some(match example {
                        Ok(example) if format == Self::Classes => {
                            Ok(PredictionInput::of_example(in_words(example), fields))
                        }
                        Ok(example) => Ok(PredictionInput::of_example(example, fields)),
                        Err(error) => Err(UnreadInput { at, error: Box::new(error) }),
                    })
                }))
            }
        };
        Ok(PredictionInputs { stream, notes })
    }
}

/// The same, with its text cut into [words](words): what reads it for its class does not look at them, and a model of spans is to find the same in it
/// as in a text of another layout.
fn in_words(example: Example) -> Example {
    Example { tokens: Vec::new(), ..example }.with_words_of_text()
}

/// The text of a Label Studio task that begins at `line`, the `number`th of its file. All tasks have it under the
/// key that the first one shows.
fn label_studio_task(
    text: &str,
    line: &Origin,
    number: usize,
    asked: &mut Option<String>,
) -> Result<PredictionInput, UnreadInput> {
    let task = json::value(text, line)?;
    let at = line.of(&format!("task {}", label_studio::task_id(&task, number)));
    let no_data = || {
        let expected = "tasks with their texts in \"data\"";
        UnreadInput::from(Error::Read(ReadError::Layout { at: at.clone(), expected }))
    };
    let Some(data) = task.get("data").and_then(Value::as_object) else { return Err(no_data()) };
    let fields = RawFields::of_valid(text);
    let text = self::text(data, text_field::OF_USER, asked.as_deref(), &at)?;
    if asked.is_none() {
        *asked = text_field::OF_USER.key(data, None).map(str::to_owned);
    }
    Ok(PredictionInput::of_text(text, at, fields))
}

/// The place of an object, with its own id if it has one.
fn named(at: Origin, fields: &Map<String, Value>) -> Origin {
    match fields.get("id").and_then(json::fields::name) {
        Some(id) => at.of(&format!("example {id}")),
        None => at,
    }
}

/// The text among `fields`, by the rule of its layout. One that names a file is refused; whether all of them
/// are addresses on the web is not known while they come.
fn text(fields: &Map<String, Value>, rule: TextRule, asked: Option<&str>, at: &Origin) -> Result<String> {
    let key = rule.key(fields, asked).unwrap_or("text");
    let text = match fields.get(key) {
        Some(Value::String(text)) => text,
        Some(Value::Null) => {
            let problem = format!("{key:?} is null; add the text or take out the example");
            return Err(Error::Read(ReadError::NoText { at: at.clone(), problem }));
        }
        _ => return Err(Error::Read(ReadError::Text { at: at.clone(), key: key.to_owned() })),
    };
    match Addresses::default().problem(text) {
        Some(problem) => Err(unclear(at, format!("{key:?} is {text:?}, {problem}"))),
        None => Ok(text.clone()),
    }
}

/// The example that an object is: of its keys those that the task reads, and no annotation.
fn example(
    at: Origin,
    object: Map<String, Value>,
    fields: RawFields,
    kind: TaskKind,
    notes: &Notes,
) -> Result<PredictionInput, UnreadInput> {
    let is_read = |key: &String| TEXTS.contains(&key.as_str()) || asked(kind).contains(&key.as_str());
    let has_tokens = object.contains_key("tokens");
    let read: Map<_, _> = object.into_iter().filter(|(key, _)| is_read(key)).collect();
    if !TEXTS.iter().any(|key| read.contains_key(*key)) {
        let problem = "the key \"tokens\" is missing".to_owned();
        return Err(Error::Read(ReadError::Item { at, problem }).into());
    }
    let example =
        Example::deserialize(Value::Object(read)).map_err(|source| json::bad_value(&at, &source))?;
    let mut example = example.with_words_of_text();
    if example.text.is_some() && has_tokens {
        jsonl::note_other_text(&example, &at, notes);
    }
    example.origin = Some(at.clone());
    example.check().map_err(|error| UnreadInput { at: Some(at), error: Box::new(error) })?;
    Ok(PredictionInput { example, fields })
}

/// The keys of an [`Example`] that hold its text.
const TEXTS: [&str; 3] = ["tokens", "text", "history"];

/// The keys of an [`Example`] that hold what a task is asked about.
fn asked(kind: TaskKind) -> &'static [&'static str] {
    match kind {
        TaskKind::Srl => &["predicate"],
        TaskKind::RelationClassification => &["head", "tail"],
        TaskKind::EventArguments => &["triggers"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
