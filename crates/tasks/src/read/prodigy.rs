//! Prodigy's JSON lines, as `db-out` writes them: <https://prodi.gy/docs/api-interfaces>.

mod spans;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

use super::class_only;
use super::json::fields::{Fields, Record, id, is_near};
use super::json::records;
use super::raw_text::{RawText, kept};
use super::reference::{Addresses, look_ahead};
use super::split_fields::own;
use super::text_field::{TextRule, refuse_place};
use super::{NoteKind, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::{Error, Example, Origin, Result};

const LAYOUT: &str = "prodigy";
/// Keys of a task; those that begin with `_` are Prodigy's own as well, and `meta` is the user's.
const KEYS: [&str; 21] = [
    "id",
    "text",
    "spans",
    "tokens",
    "relations",
    "label",
    "options",
    "accept",
    "answer",
    "meta",
    "config",
    "priority",
    "score",
    "html",
    "user_input",
    "field_id",
    "field_label",
    "field_rows",
    "field_placeholder",
    "field_autofocus",
    "is_segmented",
];
/// What a review adds: the annotations that it decided between, and who made them. Its decision stands beside them.
const REVIEWED: [&str; 2] = ["versions", "sessions"];
/// Keys of what is not text.
const OTHER_MEDIA: [&str; 4] = ["image", "audio", "video", "path"];

/// Where the text is.
pub(super) const TEXT: TextRule = TextRule { usual: &["text"], own: &KEYS };

/// A task that was answered, as it stands in the file.
struct Answer {
    record: Record,
    id: String,
    raw: RawText,
    session: Option<String>,
}

/// Texts with spans, relations and a class, that were accepted. Offsets count characters (Unicode scalar
/// values). The class is the `label`, or the one option in `accept`.
///
/// Tasks that were rejected or ignored, or that nobody answered, are left out; so are those with a class alone
/// where spans are asked for. Of texts that several sessions answered, one is read if they agree.
pub(super) fn prodigy<R: BufRead + Send + 'static>(
    reader: R,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<impl Iterator<Item = Result<Example>> + use<R>> {
    let unlabelled = options.scheme == TagScheme::Unlabelled;
    // The first answer to each text of which is known who gave it.
    let mut first: BTreeMap<String, (RawText, Option<String>)> = BTreeMap::new();
    let mut examples = Vec::new();
    let asked = options.text_key.as_deref();
    let (records, addresses) = look_ahead(records(reader, file)?, unlabelled, |value| {
        let Some(fields) = value.as_object() else { return (None, Vec::new()) };
        let text_key = TEXT.key(fields, asked).unwrap_or_default();
        (TEXT.of(fields, asked), own(fields, |key| !is_known(key, text_key), &["meta"]))
    })?;
    for (number, record) in records.enumerate() {
        let answer = record.and_then(|(at, value)| answer(&value, at, number, addresses, options, notes));
        examples.push(match answer {
            Ok(Some(answer)) if unlabelled => answer.raw.unlabelled(answer.id, &answer.record).map(Some),
            Ok(Some(answer)) if answer.session.is_none() => answer.example(),
            Ok(Some(answer)) => match first.get(&answer.raw.text) {
                Some((raw, session)) if *session != answer.session => {
                    answer.beside(raw, session.as_deref(), notes)
                }
                _ => {
                    first.insert(answer.raw.text.clone(), (answer.raw.clone(), answer.session.clone()));
                    answer.example()
                }
            },
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        });
    }
    Ok(kept(examples.into_iter(), file, unlabelled))
}

impl Answer {
    fn example(self) -> Result<Option<Example>> {
        self.raw.example(self.id, &self.record).map(Some)
    }

    /// What becomes of it where another session answered the same text with `other`.
    fn beside(self, other: &RawText, session: Option<&str>, notes: &Notes) -> Result<Option<Example>> {
        let by = session.unwrap_or_default();
        if other.annotation() == self.raw.annotation() {
            let what = format!("{} says the same as {by:?} and counts once", self.record.name);
            notes.add(NoteKind::Assumed, Some(&self.record.at), what);
            return Ok(None);
        }
        Err(self.record.wrong(format!(
            "and {by:?} answered the same text differently; choose an annotator, such as data.annotator = {by:?} (--annotator)"
        )))
    }
}

/// The answer in `value`; nothing where it is to be left out.
fn answer(
    value: &Value,
    at: Origin,
    number: usize,
    addresses: Addresses,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<Option<Answer>> {
    let id = id(value, number);
    let record = Record::new(at, "example", &id);
    let fields = record.fields(value, LAYOUT)?;
    let asked = options.text_key.as_deref();
    let has_text = TEXT.key(fields.map(), asked).is_some_and(|key| fields.get(key).is_some());
    if let Some(key) = OTHER_MEDIA.into_iter().find(|key| !has_text && fields.get(key).is_some()) {
        return Err(fields.wrong(format!("is about an {key}, not a text; export a text project")));
    }
    let (key, text) = TEXT.text(&fields, asked, notes)?;
    let raw = RawText::new(text);
    let session = fields.get("_session_id").or_else(|| fields.get("_annotator_id"));
    let session = session.and_then(Value::as_str).map(str::to_owned);
    let mut answer = Answer { record: record.clone(), id, raw, session };
    if options.scheme == TagScheme::Unlabelled {
        return Ok(Some(answer));
    }
    refuse_unknown(&fields, key)?;
    let leave_out = |kind, why: String| {
        notes.add(kind, Some(&record.at), format!("{} {why}", record.name));
        Ok(None)
    };
    // A session is called by its data set and its annotator.
    let is_theirs =
        |annotator: &str, session: &str| session == annotator || session.ends_with(&format!("-{annotator}"));
    if let Some(annotator) = &options.annotator
        && !answer.session.as_ref().is_some_and(|session| is_theirs(annotator, session))
    {
        return leave_out(NoteKind::Unlabelled, format!("was not answered by {annotator:?}"));
    }
    let has_labels = ["spans", "label", "accept", "relations"].iter().any(|key| fields.get(key).is_some());
    match fields.text("answer")? {
        Some("accept") => {}
        Some(other @ ("reject" | "ignore")) => {
            return leave_out(NoteKind::Skipped, format!("was answered {other:?}"));
        }
        Some(other) => {
            return Err(
                fields.wrong(format!("has the answer {other:?}; it should be accept, reject or ignore"))
            );
        }
        None if has_labels => notes.add(
            NoteKind::Assumed,
            Some(&record.at),
            format!("{} has no \"answer\" and is taken to be accepted", record.name),
        ),
        None => match fields.other_layout() {
            Some(other) => return Err(fields.wrong(format!("has no \"answer\"; {other}"))),
            None => return leave_out(NoteKind::Unlabelled, "has no answer".to_owned()),
        },
    }
    if fields.flag("_is_binary")? && !fields.list("spans")?.is_empty() {
        return Err(fields.wrong(
            "is a yes to one span, not all spans of its text, so that the others would be taught to be none; annotate with ner.manual or \
             ner.correct",
        ));
    }
    refuse_place(&fields, (key, text), addresses, "spans")?;
    spans::spans(&fields, &mut answer.raw)?;
    spans::relations(&fields, &mut answer.raw)?;
    answer.raw.label = class(&fields)?;
    // A choice without an option chosen says nothing; what stands beside it may.
    let is_choice = ["accept", "options"].iter().any(|key| fields.get(key).is_some());
    if answer.raw.label.is_none() && answer.raw.spans.is_empty() && is_choice {
        return leave_out(NoteKind::Unlabelled, "has no option accepted".to_owned());
    }
    let has_spans = ["spans", "relations"].iter().any(|key| fields.get(key).is_some());
    if answer.raw.label.is_some() && !has_spans && class_only::is_left_out(&record, options, notes) {
        return Ok(None);
    }
    if answer.raw.label.is_none() && !has_spans {
        // What is accepted by hand without a span in it has no list of spans.
        notes.add(
            NoteKind::Assumed,
            Some(&record.at),
            format!(
                "{} is accepted without spans or label, which is taken to say that nothing is there",
                record.name
            ),
        );
    }
    Ok(Some(answer))
}

fn is_known(key: &str, text_key: &str) -> bool {
    KEYS.contains(&key) || REVIEWED.contains(&key) || key.starts_with('_') || key == text_key
}

/// Besides Prodigy's own keys, single values are the user's, which Prodigy hands through.
fn refuse_unknown(fields: &Fields<'_>, text_key: &str) -> Result<()> {
    let unknown = fields.map().iter().find(|(key, value)| {
        let single = !matches!(value, Value::Array(_) | Value::Object(_));
        !is_known(key, text_key) && (!single || KEYS.iter().any(|known| is_near(key, known)))
    });
    match unknown {
        Some((key, _)) => Err(fields.unknown(key, &KEYS)),
        None => Ok(()),
    }
}

/// The one option that was accepted, or the label that was.
fn class(fields: &Fields<'_>) -> Result<Option<String>> {
    let several = |options: &str| -> Error {
        fields.wrong(format!(
            "has several options accepted ({options}), of which fishdip learns one; leave one, or give what they are together a name of its \
             own"
        ))
    };
    let mut accepted = Vec::new();
    for option in fields.list("accept")? {
        match super::json::fields::name(option) {
            Some(option) => accepted.push(option),
            None => return Err(fields.wrong("has an option in \"accept\" that is no id")),
        }
    }
    match (accepted.as_slice(), fields.text("label")?) {
        ([], label) => Ok(label.map(str::to_owned)),
        ([option], None) => Ok(Some(option.clone())),
        ([option], Some(label)) if option == label => Ok(Some(option.clone())),
        (_, label) => {
            Err(several(&accepted.iter().map(String::as_str).chain(label).collect::<Vec<_>>().join(", ")))
        }
    }
}
