//! Labels that come back from annotators, checked against what they were asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::{Example, Mode, Naming, Schema, Task, TaskKind, shortened};
use serde::Serialize;
use serde_json::Value;

use crate::event::{Event, Sink};
use crate::example_file::DataFile;
use crate::out_file::replace;
use crate::predict::InputFormat;
use crate::texts::{Text, TextFile, key};
use crate::{Access, DataConfig, Error, Split, read_split};

/// What to merge into what.
#[derive(Clone, Debug)]
pub struct LabelOptions {
    /// The training file; it is begun where there is none.
    pub into: PathBuf,
    /// Its layout.
    pub into_format: Format,
    /// The file that a query wrote.
    pub asked: PathBuf,
    /// What annotators made of it.
    pub annotated: PathBuf,
    /// The layout of that.
    pub format: Format,
    /// What the layouts leave open.
    pub read: ReadOptions,
    /// The task.
    pub kind: TaskKind,
    /// The labels that are allowed; without them those that the training file has, or any where there is none.
    pub schema: Option<Schema>,
    /// Whether texts may be missing, such as those that annotators skipped.
    pub allow_missing: bool,
}

/// What a merge came to.
#[derive(Clone, Debug, Serialize)]
pub struct LabelReport {
    /// The training file.
    pub into: PathBuf,
    /// How many examples were added: none, if anything is refused.
    pub added: usize,
    /// How many it has now.
    pub examples: usize,
    /// The ids of texts that were asked for and have no answer.
    pub missing: Vec<String>,
    /// What is wrong.
    pub refused: Vec<Refused>,
}

/// Something that is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The id of the text.
    pub id: String,
    /// The file that it is about.
    pub file: PathBuf,
    /// The line there.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// Checks that the answers are those that were asked for and have known labels, and appends them to the training file. If anything is wrong, all of
/// it is in the report, and nothing is added.
pub fn merge_labels(options: &LabelOptions, sink: &mut dyn Sink) -> Result<LabelReport, Error> {
    let kind = options.kind;
    let read_task = Task::new(kind, Schema::default(), Mode::Fixed);
    let asked = asked_file(options)?.read_with_ids(&read_task, sink)?;
    let answers = Answers::read(options, &read_task, sink)?;
    let (old, format) = training_file(options)?;
    let train = match &old {
        Some(_) => split(&options.into, format, options)?.examples,
        None => Vec::new(),
    };
    let schema = match &options.schema {
        Some(schema) => schema.clone(),
        None if old.is_some() => Schema::seen(&train, Naming::LowerCased)?,
        None => Schema::seen(&answers.examples, Naming::LowerCased)?,
    };
    let task = Task::new(kind, schema, Mode::Fixed);
    let known = train.iter().map(|example| key(&read_task, example)).collect::<Result<BTreeSet<_>, _>>()?;
    let (missing, refused) = check(options, &task, &asked, &answers, &known);
    let report = |added: usize, refused| LabelReport {
        into: options.into.clone(),
        added,
        examples: train.len() + added,
        missing: missing.clone(),
        refused,
    };
    if !refused.is_empty() {
        return Ok(report(0, refused));
    }
    let path = options.into.as_path();
    let file = DataFile { path, format, options: options.read.clone().only_for(format), kind };
    let bytes = file.appended(old.as_deref().unwrap_or_default(), &answers.examples)?;
    // A link stays one: what it leads to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    replace(&target, &bytes)?;
    Ok(report(answers.examples.len(), Vec::new()))
}

/// The file that a query wrote; its first letter tells its layout.
fn asked_file(options: &LabelOptions) -> Result<TextFile, Error> {
    let path = options.asked.clone();
    let failed = |source| Error::Io { action: Access::Read, path: path.clone(), source };
    let bytes = fs::read(&path).map_err(failed)?;
    let format = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => Format::LabelStudio,
        Some(b'{') => Format::Jsonl,
        _ => Format::Conll,
    };
    Ok(TextFile { path, format: InputFormat::Data(format), read: ReadOptions::default() })
}

/// What the training file has, if it has anything, and its layout.
fn training_file(options: &LabelOptions) -> Result<(Option<Vec<u8>>, Format), Error> {
    let path = &options.into;
    match fs::read(path) {
        // A file that was made to be filled shows no layout yet.
        Ok(bytes) if bytes.trim_ascii().is_empty() => Ok((None, new_format(options)?)),
        Ok(bytes) => Ok((Some(bytes), options.into_format.resolve(path)?.0)),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok((None, new_format(options)?)),
        Err(source) => Err(Error::Io { action: Access::Read, path: path.clone(), source }),
    }
}

/// The layout of a training file that is not there yet, by its name.
fn new_format(options: &LabelOptions) -> Result<Format, Error> {
    if options.into_format != Format::Auto {
        return Ok(options.into_format);
    }
    let extension = options.into.extension().and_then(|extension| extension.to_str());
    match extension {
        Some("jsonl") => Ok(Format::Jsonl),
        Some("json") => Ok(Format::LabelStudio),
        Some("conll" | "txt") if options.kind == TaskKind::Ner => Ok(Format::Conll),
        _ => Err(Error::Data(format!(
            "{} holds nothing yet, and its name does not tell its layout; name it with --into-format",
            options.into.display()
        ))),
    }
}

/// The annotated examples of a file.
fn split(path: &Path, format: Format, options: &LabelOptions) -> Result<Split, Error> {
    let mut data = DataConfig::new(PathBuf::new(), PathBuf::new());
    let read =
        if format == Format::Auto { options.read.clone() } else { options.read.clone().only_for(format) };
    let ReadOptions { scheme, word_column, tag_column, text_key, annotator, mentions, .. } = read;
    (data.format, data.scheme, data.mentions, data.annotator) = (format, scheme, mentions, annotator);
    (data.word_column, data.tag_column, data.text_key) = (word_column, tag_column, text_key);
    read_split(path, &data, options.kind)
}

/// What came back.
struct Answers {
    file: PathBuf,
    examples: Vec<Example>,
    /// What tells the text of each from others.
    keys: Vec<String>,
    /// The id of each, where the layout has ids of its own.
    ids: Vec<Option<String>>,
}

impl Answers {
    fn read(options: &LabelOptions, task: &Task, sink: &mut dyn Sink) -> Result<Self, Error> {
        options.read.check_for(options.format)?;
        let Split { examples, notes, format, .. } = split(&options.annotated, options.format, options)?;
        for note in &notes {
            let message = format!("{}: {note}", options.annotated.display());
            sink.event(&Event::Note { message });
        }
        let keys = examples.iter().map(|example| key(task, example)).collect::<Result<_, _>>()?;
        let has_ids = matches!(
            format,
            Format::Jsonl | Format::JsonSpans | Format::LabelStudio | Format::Doccano | Format::Prodigy
        );
        let of_data =
            if format == Format::LabelStudio { ids_of_data(&options.annotated)? } else { BTreeMap::new() };
        let id = |example: &Example| {
            let own = Some(&example.id).filter(|id| has_ids && !id.is_empty())?;
            Some(of_data.get(own).unwrap_or(own).clone())
        };
        let ids = examples.iter().map(id).collect();
        Ok(Self { file: options.annotated.clone(), examples, keys, ids })
    }

    fn refused(&self, at: usize, id: &str, problem: String) -> Refused {
        let line = self.examples[at].origin.as_ref().map_or(at + 1, fishdip_tasks::Origin::line);
        Refused { id: id.to_owned(), file: self.file.clone(), line, problem }
    }
}

/// The ids that the data of Label Studio's tasks have, by those that Label Studio gave the tasks.
fn ids_of_data(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    let failed = |source| Error::Io { action: Access::Read, path: path.to_owned(), source };
    let text = fs::read(path).map_err(failed)?;
    // What is no list of tasks the reader has read in its own way.
    let tasks: Vec<Value> = serde_json::from_slice(&text).unwrap_or_default();
    let name = |id: &Value| match id {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let pair = |task: &Value| Some((name(task.get("id")?)?, name(task.get("data")?.get("id")?)?));
    Ok(tasks.iter().filter_map(pair).collect())
}

/// The ids of what was asked and is missing, and all that is wrong. `known` are the texts of the training file.
fn check(
    options: &LabelOptions,
    task: &Task,
    asked: &[Text],
    answers: &Answers,
    known: &BTreeSet<String>,
) -> (Vec<String>, Vec<Refused>) {
    let mut refused = Vec::new();
    let mut first: Vec<Option<usize>> = vec![None; asked.len()];
    for (at, (example, text)) in answers.examples.iter().zip(&answers.keys).enumerate() {
        let id = answers.ids[at].as_ref();
        let by_id = id.and_then(|id| asked.iter().position(|asked| asked.id == *id));
        let place = by_id.or_else(|| asked.iter().position(|asked| asked.key == *text));
        let Some(place) = place else {
            let id = id.map_or(example.id.as_str(), String::as_str);
            let problem = "it was not asked for, or its text was changed".to_owned();
            refused.push(answers.refused(at, id, problem));
            continue;
        };
        let question = &asked[place];
        let mut refuse = |problem| refused.push(answers.refused(at, &question.id, problem));
        if let Some(first) = first[place] {
            let line = answers.examples[first].origin.as_ref().map_or(first + 1, fishdip_tasks::Origin::line);
            refuse(format!("it is answered twice, for the first time at line {line}"));
            continue;
        }
        first[place] = Some(at);
        if question.key != *text {
            let (found, expected) = (example.chars().0, question.example.chars().0);
            refuse(format!(
                "its text was changed: it is {:?}, and {:?} was asked",
                shortened(&found),
                shortened(&expected)
            ));
            continue;
        }
        let unknown = task.unknown_labels([example]);
        if !unknown.is_empty() {
            let labels: Vec<String> = unknown.keys().map(|label| format!("{label:?}")).collect();
            refuse(format!("the schema has no label {}", labels.join(", ")));
        } else if let Err(error) = task.encode(example) {
            refuse(error.to_string());
        } else if known.contains(text) {
            refuse(format!("its text is in {} already", options.into.display()));
        }
    }
    let missing = asked.iter().zip(&first).filter(|(_, first)| first.is_none());
    let missing: Vec<&Text> = missing.map(|(text, _)| text).collect();
    if !options.allow_missing {
        refused.extend(missing.iter().map(|text| Refused {
            id: text.id.clone(),
            file: options.asked.clone(),
            line: text.line,
            problem: "it has no answer, or nobody annotated it".to_owned(),
        }));
    }
    (missing.into_iter().map(|text| text.id.clone()).collect(), refused)
}

#[cfg(test)]
mod tests;
