//! doccano's JSON and JSON lines: <https://doccano.github.io/doccano/tutorial/>.

mod annotators;

use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

use super::class_only;
use super::json::fields::{Fields, Record, id, kind};
use super::json::records;
use super::raw_text::{RawText, kept};
use super::reference::{Addresses, look_ahead};
use super::span_fields::char_span;
use super::split_fields::own;
use super::text_field::{TextRule, refuse_place};
use super::{CharSpan, NoteKind, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::{Example, Origin, Relation, Result};

const LAYOUT: &str = "doccano";
/// Keys that say nothing about the annotation; so do a user's own fields, which are exported beside them.
const ASIDES: [&str; 10] = [
    "id",
    "meta",
    "metadata",
    "Comments",
    "comments",
    "annotation_approver",
    "approver",
    "is_confirmed",
    "filename",
    "upload_name",
];
const ENTITY_KEYS: [&str; 8] =
    ["id", "label", "start_offset", "end_offset", "user", "prob", "created_at", "updated_at"];
const RELATION_KEYS: [&str; 7] = ["id", "from_id", "to_id", "type", "user", "created_at", "updated_at"];
/// Keys that hold the annotation.
const LABELS: [&str; 5] = ["label", "labels", "cats", "entities", "relations"];

/// Where the text is. Versions 1.3 and 1.4 call it "data".
pub(super) const TEXT: TextRule = TextRule {
    usual: &["text", "data"],
    own: &["label", "labels", "annotator", "user", "username", "annotation_approver", "approver", "Comments"],
};

/// A text with its labels, as it stands in the file.
struct Line {
    record: Record,
    id: String,
    raw: RawText,
    /// Who is said to have annotated it.
    by: Option<String>,
    /// It has no label at all: nothing is there, or nobody has looked.
    empty: bool,
    /// It has a class and no list of spans.
    is_class_only: bool,
}

/// Texts with spans, as `"label": [[start, end, label]]` or as `"entities"` with ids and `"relations"`
/// between them, and with one class, as `"label": ["class"]` (`"labels"` and `"cats"` are read alike).
/// Offsets count characters (Unicode scalar values).
///
/// doccano exports what nobody has labelled as it does what holds nothing. In a file of classes it is left
/// out; in one of spans it is an example without spans, and that is told. A text with a class alone is left out
/// where spans are asked for. Of a text that several annotators labelled, each on a line of their own with the
/// text's id, one line is read if they agree.
pub(super) fn doccano<R: BufRead + Send + 'static>(
    reader: R,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<impl Iterator<Item = Result<Example>> + use<R>> {
    let unlabelled = options.scheme == TagScheme::Unlabelled;
    let mut told: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    let asked = options.text_key.as_deref();
    let (records, addresses) = look_ahead(records(reader, file)?, unlabelled, |value| {
        let Some(fields) = value.as_object() else { return (None, Vec::new()) };
        let text_key = TEXT.key(fields, asked).unwrap_or_default();
        (TEXT.of(fields, asked), own(fields, |key| !is_known(key, text_key), &["meta", "metadata"]))
    })?;
    for (number, record) in records.enumerate() {
        let read =
            |(at, value): (Origin, Value)| line(&value, at, number, addresses, options, (notes, &mut told));
        lines.push(record.and_then(read));
    }
    if !unlabelled {
        annotators::choose(&mut lines, options.annotator.as_deref(), notes)?;
    }
    let read = || lines.iter().filter_map(|line| line.as_ref().ok());
    let classes = read().any(|line| line.raw.label.is_some()) && read().all(|line| line.raw.spans.is_empty());
    let (notes, options) = (notes.clone(), options.clone());
    let examples = lines.into_iter().map(move |line| {
        let Line { record, id, raw, empty, is_class_only, .. } = line?;
        if unlabelled {
            return raw.unlabelled(id, &record).map(Some);
        }
        if empty {
            let (kind, what) = if classes {
                (NoteKind::Unlabelled, "has no label")
            } else {
                (NoteKind::Assumed, "has no label, which is taken to say that nothing is there")
            };
            notes.add(kind, Some(&record.at), format!("{} {what}", record.name));
            if classes {
                return Ok(None);
            }
        }
        if is_class_only && class_only::is_left_out(&record, &options, &notes) {
            return Ok(None);
        }
        raw.example(id, &record).map(Some)
    });
    Ok(kept(examples, file, unlabelled))
}

fn line(
    value: &Value,
    at: Origin,
    number: usize,
    addresses: Addresses,
    options: &ReadOptions,
    (notes, told): (&Notes, &mut Vec<String>),
) -> Result<Line> {
    let id = id(value, number);
    let record = Record::new(at, "example", &id);
    let fields = record.fields(value, LAYOUT)?;
    let asked = options.text_key.as_deref();
    let (text_key, text) = TEXT.text(&fields, asked, notes)?;
    let mut raw = RawText::new(text);
    let mut empty = true;
    if options.scheme != TagScheme::Unlabelled {
        for key in fields.map().keys().filter(|key| !is_known(key, text_key)) {
            refuse_unless_own(&fields, key)?;
            if !told.contains(key) {
                told.push(key.clone());
                let what = format!("the field {key:?} is taken to be the user's own");
                notes.add(NoteKind::Assumed, Some(&record.at), what);
            }
        }
        if !LABELS.iter().any(|key| fields.map().contains_key(*key)) {
            let what = fields.other_layout().unwrap_or("export it with its labels, as JSONL");
            return Err(
                fields.wrong(format!("has neither \"label\", \"labels\", \"cats\" nor \"entities\"; {what}"))
            );
        }
        refuse_place(&fields, (text_key, text), addresses, "entities")?;
        annotation(&fields, &mut raw)?;
        empty = raw.spans.is_empty() && raw.label.is_none();
    }
    let by = annotators::of(&fields);
    let is_class_only = raw.is_class_only() && fields.get("entities").is_none();
    Ok(Line { record, id, raw, by, empty, is_class_only })
}

fn is_known(key: &str, text_key: &str) -> bool {
    ASIDES.contains(&key)
        || LABELS.contains(&key)
        || annotators::KEYS.contains(&key)
        || TEXT.usual.contains(&key)
        || key == text_key
}

/// A user's own field is a single value, as in the table that was imported, under a name that is not nearly
/// one of doccano's.
fn refuse_unless_own(fields: &Fields<'_>, key: &str) -> Result<()> {
    if key == "annotations" {
        return Err(fields
            .wrong("has \"annotations\" with the numbers of labels; export as JSONL, which has the labels"));
    }
    let mut known: Vec<&str> = LABELS.to_vec();
    known.extend(["text", "data"]);
    let single = !matches!(fields.map().get(key), Some(Value::Array(_) | Value::Object(_)));
    if single && !known.iter().any(|known| super::json::fields::is_near(key, known)) {
        return Ok(());
    }
    Err(fields.unknown(key, &known))
}

fn annotation(fields: &Fields<'_>, raw: &mut RawText) -> Result<()> {
    let mut ids: Vec<Option<String>> = Vec::new();
    let mut classes: Vec<String> = Vec::new();
    for key in LABELS.into_iter().filter(|key| *key != "relations") {
        let Some(list) = fields.get(key) else { continue };
        let items = match list {
            Value::Array(items) => items.as_slice(),
            one @ Value::String(_) => std::slice::from_ref(one),
            other => {
                return Err(fields.wrong(format!("has {} in {key:?}, which should be a list", kind(other))));
            }
        };
        if matches!(items.first(), Some(Value::Object(_))) {
            for entity in fields.objects(key, "entity")? {
                entity.only(&ENTITY_KEYS)?;
                if entity.get("label").is_some_and(Value::is_number) {
                    return Err(
                        entity.wrong("has the number of a label instead of the label; export as JSONL")
                    );
                }
                raw.spans.push(char_span(&entity, "start_offset", "end_offset")?);
                let id = entity.name("id")?;
                if id.is_some() && ids.contains(&id) {
                    return Err(
                        entity.wrong("has the id of another entity of its text; give it one of its own")
                    );
                }
                ids.push(id);
            }
            continue;
        }
        for item in items {
            match item {
                Value::String(class) => classes.push(class.clone()),
                item => {
                    raw.spans.push(triple(item).ok_or_else(|| {
                        fields.wrong(format!("has {item} in {key:?}, which should be [start, end, label] or a class; correct it"))
                    })?);
                    ids.push(None);
                }
            }
        }
    }
    classes.dedup();
    if classes.len() > 1 {
        return Err(fields.wrong(format!(
            "has several classes ({}), of which fishdip learns one; leave one, or give what they are together a name of its own",
            classes.join(", ")
        )));
    }
    raw.label = classes.pop();
    for relation in fields.objects("relations", "relation")? {
        relation.only(&RELATION_KEYS)?;
        let end = |key: &str| {
            let id = relation.name(key)?;
            let found = ids.iter().position(|known| id.is_some() && *known == id);
            found.ok_or_else(|| {
                relation
                    .wrong(format!("has no entity of its line in {key:?}; correct or remove the relation"))
            })
        };
        let Some(label) = relation.text("type")? else {
            return Err(relation.wrong("has no \"type\"; give it one"));
        };
        raw.relations.push(Relation::new(label, end("from_id")?, end("to_id")?));
    }
    Ok(())
}

/// `[start, end, label]`.
pub(super) fn triple(item: &Value) -> Option<CharSpan> {
    let [start, end, label] = item.as_array()?.as_slice() else { return None };
    let count = |value: &Value| usize::try_from(value.as_u64()?).ok();
    Some(CharSpan { start: count(start)?, end: count(end)?, label: label.as_str()?.to_owned() })
}
