//! Texts with spans in characters, a JSON object a line.

use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

use super::class_only;
use super::json::fields::{Record, id};
use super::json::records;
use super::raw_text::{RawText, kept};
use super::reference::{Addresses, look_ahead};
use super::span_fields::{char_span, covers, needed_label};
use super::split_fields::own;
use super::text_field::{TextRule, refuse_place};
use super::{NoteKind, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::{Example, Origin, Relation, Result};

const LAYOUT: &str = "json-spans";
/// The keys of a line; `meta` is the user's own, `score` is how sure a prediction was.
const KEYS: [&str; 7] = ["id", "text", "spans", "relations", "label", "meta", "score"];
/// The keys of a span; `text` must be what it covers.
const SPAN_KEYS: [&str; 5] = ["start", "end", "label", "text", "score"];
const RELATION_KEYS: [&str; 3] = ["head", "tail", "label"];

/// Where the text is.
pub(super) const TEXT: TextRule = TextRule { usual: &["text"], own: &KEYS };

/// Lines of
/// `{"id", "text", "spans": [{"start", "end", "label"}], "relations": [{"head", "tail", "label"}], "label"}`.
/// Offsets count characters (Unicode scalar values); `head` and `tail` count spans from 0. A line with
/// neither spans, relations nor label is left out as not annotated; so is one with a label alone where spans
/// are asked for. [`ReadOptions::text_key`] names another field for the text.
pub(super) fn json_spans<R: BufRead + Send + 'static>(
    reader: R,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<impl Iterator<Item = Result<Example>> + use<R>> {
    let unlabelled = options.scheme == TagScheme::Unlabelled;
    let (notes, options) = (notes.clone(), options.clone());
    let asked = options.text_key.clone();
    let (records, addresses) = look_ahead(records(reader, file)?, unlabelled, |value| {
        let Some(fields) = value.as_object() else { return (None, Vec::new()) };
        (TEXT.of(fields, asked.as_deref()), own(fields, |_| false, &["meta"]))
    })?;
    let examples = records.enumerate().map(move |(number, record)| {
        let (at, value) = record?;
        example(&value, &at, number, addresses, &options, &notes)
    });
    Ok(kept(examples, file, unlabelled))
}

fn example(
    value: &Value,
    at: &Origin,
    number: usize,
    addresses: Addresses,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<Option<Example>> {
    let id = id(value, number);
    let record = Record::new(at.clone(), "example", &id);
    let fields = record.fields(value, LAYOUT)?;
    let (key, text) = TEXT.text(&fields, options.text_key.as_deref(), notes)?;
    let mut raw = RawText::new(text);
    if options.scheme == TagScheme::Unlabelled {
        return raw.unlabelled(id, &record).map(Some);
    }
    fields.only(&[&KEYS[..], &[key]].concat())?;
    if ["spans", "relations", "label"].iter().all(|key| fields.get(key).is_none()) {
        notes.add(
            NoteKind::Unlabelled,
            Some(at),
            format!("{} has no spans, relations or label", record.name),
        );
        return Ok(None);
    }
    refuse_place(&fields, (key, text), addresses, "spans")?;
    for span in fields.objects("spans", "span")? {
        span.only(&SPAN_KEYS)?;
        let read = char_span(&span, "start", "end")?;
        covers(&span, &raw.text, &read)?;
        raw.spans.push(read);
    }
    for relation in fields.objects("relations", "relation")? {
        relation.only(&RELATION_KEYS)?;
        let (Some(head), Some(tail)) = (relation.count("head")?, relation.count("tail")?) else {
            return Err(
                relation.wrong("lacks \"head\" or \"tail\", the numbers of its spans from 0; add them")
            );
        };
        raw.relations.push(Relation::new(needed_label(&relation)?, head, tail));
    }
    raw.label = fields.text("label")?.map(str::to_owned);
    let has_spans = ["spans", "relations"].iter().any(|key| fields.get(key).is_some());
    if !has_spans && class_only::is_left_out(&record, options, notes) {
        return Ok(None);
    }
    raw.example(id, &record).map(Some)
}
