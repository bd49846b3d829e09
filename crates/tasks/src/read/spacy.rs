//! spaCy's JSON: documents, training pairs, and the training format of version 2.

mod paragraphs;

use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

use super::class_only;
use super::doccano::triple;
use super::json::fields::{Fields, Record, id, kind};
use super::json::records;
use super::raw_text::{RawText, kept};
use super::reference::{Addresses, look_ahead};
use super::span_fields::{char_span, covers};
use super::split_fields::own;
use super::text_field::{TextRule, refuse_place};
use super::{NoteKind, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::{Example, Origin, Result};

const LAYOUT: &str = "spacy";
/// Keys of `Doc.to_json` (<https://spacy.io/api/doc#to_json>) and of what displaCy draws.
const KEYS: [&str; 13] = [
    "id",
    "text",
    "ents",
    "cats",
    "spans",
    "sents",
    "tokens",
    "_",
    "underscore_doc",
    "underscore_token",
    "underscore_span",
    "title",
    "meta",
];
/// Keys of a document whose objects are the user's own.
const OF_USER: [&str; 3] = ["meta", "_", "underscore_doc"];
const SPAN_KEYS: [&str; 9] =
    ["start", "end", "label", "text", "kb_id", "kb_url", "id", "start_char", "end_char"];
/// Keys of the annotations in a training pair.
const PAIR_KEYS: [&str; 4] = ["entities", "cats", "links", "sent_starts"];

/// Where the text of a document is.
const TEXT: TextRule = TextRule { usual: &["text"], own: &KEYS };

/// What the records of a file become.
type Read = Result<Option<Example>>;

/// What is known of a file while its records are read.
struct Reading {
    options: ReadOptions,
    addresses: Addresses,
    notes: Notes,
}

/// Documents as `Doc.to_json` gives them, with entities in `ents` and a class in `cats`; training pairs
/// `["text", {"entities": [[start, end, label]], "cats": {…}}]`; and the training format of version 2, whose
/// sentences come in tokens with BILUO tags. Offsets count characters (Unicode scalar values). The class is
/// the one category above a half. What has categories and no entities, not even an empty list, is left out where
/// entities are asked for.
pub(super) fn spacy<R: BufRead + Send + 'static>(
    reader: R,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<impl Iterator<Item = Result<Example>> + use<R>> {
    let unlabelled = options.scheme == TagScheme::Unlabelled;
    let asked = options.text_key.as_deref();
    let (records, addresses) = look_ahead(records(reader, file)?, unlabelled, |value| match value {
        Value::Object(fields) => (TEXT.of(fields, asked), own(fields, |_| false, &OF_USER)),
        pair => (pair.get(0).and_then(Value::as_str), Vec::new()),
    })?;
    let reading = Reading { options: options.clone(), addresses, notes: notes.clone() };
    let examples = records.enumerate().flat_map(move |(number, record)| match record {
        Ok((at, value)) => reading.read(&value, &at, number),
        Err(error) => vec![Err(error)],
    });
    Ok(kept(examples, file, unlabelled))
}

impl Reading {
    fn unlabelled(&self) -> bool {
        self.options.scheme == TagScheme::Unlabelled
    }

    /// Whether a record with a category alone is left out.
    fn leaves_out(&self, record: &Record) -> bool {
        class_only::is_left_out(record, &self.options, &self.notes)
    }

    fn read(&self, value: &Value, at: &Origin, number: usize) -> Vec<Read> {
        let id = id(value, number);
        let record = Record::new(at.clone(), "example", &id);
        match value {
            Value::Object(object) if object.contains_key("paragraphs") => {
                let record = Record { name: format!("document {id}"), ..record };
                paragraphs::read(value, &record, &id, self).unwrap_or_else(|error| vec![Err(error)])
            }
            // What the NER Annotator for spaCy writes: all pairs of a file in one object.
            Value::Object(object) if object.contains_key("classes") && object.contains_key("annotations") => {
                let pairs = record.fields(value, LAYOUT).and_then(|fields| {
                    fields.only(&["classes", "annotations"])?;
                    fields.list("annotations")
                });
                let pairs = match pairs {
                    Ok(pairs) => pairs.iter().filter(|pair| !pair.is_null()),
                    Err(error) => return vec![Err(error)],
                };
                pairs.enumerate().map(|(number, value)| self.pair(value, at, number)).collect()
            }
            Value::Array(_) => vec![self.pair(value, at, number)],
            _ => vec![self.document(value, &record, id)],
        }
    }

    fn document(&self, value: &Value, record: &Record, id: String) -> Read {
        let fields = record.fields(value, LAYOUT)?;
        let (key, text) = TEXT.text(&fields, self.options.text_key.as_deref(), &self.notes)?;
        let mut raw = RawText::new(text);
        if self.unlabelled() {
            return raw.unlabelled(id, record).map(Some);
        }
        refuse_place(&fields, (key, text), self.addresses, "ents")?;
        fields.only(&[&KEYS[..], &[key]].concat())?;
        for span in fields.objects("ents", "entity")? {
            span.only(&SPAN_KEYS)?;
            let read = char_span(&span, "start", "end")?;
            covers(&span, &raw.text, &read)?;
            raw.spans.push(read);
        }
        if let Some(groups) = fields.object("spans", "spans")? {
            let groups = groups
                .map()
                .iter()
                .filter(|(_, group)| group.as_array().is_none_or(|group| !group.is_empty()));
            let names: Vec<&str> = groups.map(|(name, _)| name.as_str()).collect();
            if !names.is_empty() && raw.spans.is_empty() {
                return Err(fields.wrong(format!(
                    "has spans in the groups {}, but no entities; write those to be learnt into \"ents\"",
                    names.join(", ")
                )));
            }
            for name in names {
                self.notes.add(
                    NoteKind::LeftOut,
                    Some(&record.at),
                    format!("{}: the span group {name:?}", record.name),
                );
            }
        }
        raw.label = category(&fields)?;
        if raw.label.is_none() && fields.get("ents").is_none() {
            self.notes.add(
                NoteKind::Unlabelled,
                Some(&record.at),
                format!("{} has no entities and no category", record.name),
            );
            return Ok(None);
        }
        if fields.get("ents").is_none() && self.leaves_out(record) {
            return Ok(None);
        }
        raw.example(id, record).map(Some)
    }

    /// `["text", {"entities": [[start, end, label]]}]`.
    fn pair(&self, value: &Value, at: &Origin, number: usize) -> Read {
        let id = number.to_string();
        let record = Record::new(at.clone(), "example", &id);
        let Some([Value::String(text), annotations @ Value::Object(_)]) = value.as_array().map(Vec::as_slice)
        else {
            return Err(record.wrong("is no document and no training pair [text, {\"entities\": [[start, end, label]]}]; check the format"));
        };
        let mut raw = RawText::new(text);
        if self.unlabelled() {
            return raw.unlabelled(id, &record).map(Some);
        }
        if let Some(problem) = self.addresses.problem(text) {
            return Err(record.wrong(format!("has {text:?} for its text, {problem}")));
        }
        let fields = record.fields(annotations, LAYOUT)?;
        fields.only(&PAIR_KEYS)?;
        for entity in fields.list("entities")? {
            raw.spans.push(triple(entity).ok_or_else(|| {
                record.wrong(format!(
                    "has {} in \"entities\", which should be [start, end, label]; correct it",
                    shown(entity)
                ))
            })?);
        }
        if fields.get("entities").is_none() && fields.get("cats").is_none() {
            return Err(
                record.wrong("has neither \"entities\" nor \"cats\"; add them, empty where nothing is there")
            );
        }
        raw.label = category(&fields)?;
        if raw.label.is_none() && fields.get("entities").is_none() {
            self.notes.add(
                NoteKind::Unlabelled,
                Some(at),
                format!("{} has no category above a half", record.name),
            );
            return Ok(None);
        }
        if fields.get("entities").is_none() && self.leaves_out(&record) {
            return Ok(None);
        }
        raw.example(id, &record).map(Some)
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.len() <= 80 { text } else { kind(value).to_owned() }
}

/// The only category above a half.
fn category(fields: &Fields<'_>) -> Result<Option<String>> {
    let Some(categories) = fields.object("cats", "cats")? else { return Ok(None) };
    let mut found: Vec<&str> = Vec::new();
    for (name, score) in categories.map() {
        match score {
            Value::Bool(true) => found.push(name),
            Value::Number(score) if score.as_f64().is_some_and(|score| score > 0.5) => found.push(name),
            Value::Bool(false) | Value::Number(_) => {}
            other => return Err(categories.wrong(format!("has {} for {name:?}, not a number", kind(other)))),
        }
    }
    one_category(fields, &found)
}

fn one_category(fields: &Fields<'_>, found: &[&str]) -> Result<Option<String>> {
    match found {
        [] => Ok(None),
        [one] => Ok(Some((*one).to_owned())),
        several => Err(fields.wrong(format!(
            "has several categories ({}), of which fishdip learns one; leave one, or give what they are together a name of its own",
            several.join(", ")
        ))),
    }
}
