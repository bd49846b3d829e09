//! JSON layouts without annotations.

use serde_json::{Value, json};

use super::super::super::json::{Keys, Parts, layouts};
use super::super::super::{Format, RawJson};
use super::super::kept::KeptFields;
use crate::TaskKind;

/// How the objects of a layout are written anew.
pub(super) struct Layout {
    keys: &'static Keys,
    /// An object without these is none of the layout, and stays as it is.
    text: &'static [&'static str],
    /// The annotations, and what stands in their place.
    blank: Vec<(&'static str, Blank)>,
    /// Whether the objects stand in objects by their names.
    named: bool,
    /// Takes the fields that no reader knows.
    kept: Option<KeptFields>,
    /// Whether an object gives several examples.
    is_document: bool,
}

/// What stands in the place of an annotation.
enum Blank {
    /// Always the same.
    As(Value),
    /// What is made of the text of an object, or of the value itself.
    Of(&'static str, fn(&Value) -> Option<Value>),
}

impl Layout {
    /// None for a layout that is no JSON, or whose reader looks at texts alone when it reads for a prediction.
    pub(super) fn of(format: Format, kind: TaskKind, kept: &KeptFields) -> Option<Self> {
        use Blank::{As, Of};
        let asks = |other: TaskKind| kind == other;
        let pair = asks(TaskKind::RelationClassification);
        let (keys, text, mut blank): (_, &[&str], Vec<(&str, Blank)>) = match format {
            Format::Spert => (
                &layouts::SPERT,
                &["tokens"],
                vec![("entities", As(json!([]))), ("relations", As(json!([])))],
            ),
            Format::Dygie => (
                &layouts::DYGIE,
                &["sentences"],
                vec![("ner", Of("sentences", empty_lists)), ("relations", As(Value::Null))],
            ),
            Format::Tacred => (&layouts::TACRED, &["token"], vec![("relation", As(json!("")))]),
            Format::Opennre => (&layouts::OPENNRE, &[], vec![("relation", As(Value::Null))]),
            Format::Fewrel => (&layouts::FEWREL_HUB, &["tokens"], vec![("relation", As(json!("")))]),
            Format::Nyt => {
                let lists = ["spo_details", "spo_list", "triple_list"];
                (&layouts::NYT, &["tokens"], lists.map(|key| (key, As(json!([])))).into())
            }
            Format::Triples => (&layouts::TRIPLES, &["text"], vec![("triple_list", As(json!([])))]),
            Format::HfTokens => (&layouts::HF_TOKENS, &["tokens"], Vec::new()),
            Format::Conll12 if asks(TaskKind::Srl) => {
                (&layouts::CONLL12, &["raw_text"], vec![("events", Of("events", without_arguments))])
            }
            Format::Conll12 => {
                (&layouts::CONLL12, &["raw_text"], vec![("events", Of("raw_text", one_event))])
            }
            Format::CorefJson => {
                let none = json!({ "coreference": { "groups": [] } });
                (&layouts::COREF_JSON, &["preprocessing"], vec![("annotations", As(none))])
            }
            Format::Sgd => (&layouts::SGD, &["turns"], vec![("turns", Of("turns", without_frames))]),
            Format::Multiwoz => (&layouts::MULTIWOZ, &["log"], vec![("log", Of("log", without_states))]),
            Format::MultiwozPrepared => {
                (&layouts::MULTIWOZ_PREPARED, &["dialog_history"], vec![("turn_belief", As(json!([])))])
            }
            Format::AceEntities => (&layouts::ACE_ENTITIES, &["context"], vec![("label", As(json!({})))]),
            Format::AceEvents => (
                &layouts::ACE_EVENTS,
                &["tokens"],
                vec![("entities", As(json!([]))), ("relations", As(json!([])))],
            ),
            _ => return None,
        };
        // Another task does not ask about a pair or a trigger.
        match format {
            Format::Tacred if !pair => {
                let places = ["subj_start", "subj_end", "obj_start", "obj_end"];
                blank.extend(places.map(|key| (key, As(json!(0)))));
            }
            Format::Opennre if !pair => {
                blank.extend(["h", "t"].map(|key| (key, Of("token", |_| Some(json!({ "pos": [0, 1] }))))));
            }
            Format::Fewrel if !pair => {
                blank.extend(["head", "tail"].map(|key| (key, As(json!({ "indices": [[0]] })))));
                blank.extend(["h", "t"].map(|key| (key, As(json!([null, null, [[0]]])))));
            }
            Format::AceEvents if !asks(TaskKind::EventArguments) => {
                blank.push(("triggers", As(json!([]))));
            }
            _ => {}
        }
        let named = matches!(format, Format::Fewrel | Format::Multiwoz | Format::MultiwozPrepared);
        // Objects of these are dialogues and texts of many examples, whose own fields are those of none of them.
        let gives_many = named || matches!(format, Format::Sgd | Format::AceEntities);
        let is_document = matches!(format, Format::Dygie | Format::Conll12 | Format::CorefJson);
        let kept = (!gives_many).then(|| kept.clone());
        Some(Self { keys, text, blank, named, kept, is_document })
    }

    /// `text`, which is a whole file or a part of it that begins at `line`, without annotations. What is no JSON
    /// stays as it is.
    pub(super) fn rewrite(&self, text: &str, line: usize) -> String {
        let mut out = String::with_capacity(text.len());
        self.values(text, line, &mut out);
        out
    }

    /// The values of a list, or those that stand one after another.
    fn values(&self, text: &str, mut line: usize, out: &mut String) {
        let mut done = 0;
        for part in Parts::list(text).map_while(Result::ok) {
            let (between, value) = (&text[done..part.value.start], &text[part.value.clone()]);
            out.push_str(between);
            done = part.value.end;
            line += between.matches('\n').count();
            self.value(value, line, out);
            line += value.matches('\n').count();
        }
        out.push_str(&text[done..]);
    }

    fn value(&self, text: &str, line: usize, out: &mut String) {
        let Some(fields) = fields(text) else {
            if self.named && text.starts_with('[') {
                self.values(text, line, out);
            } else {
                out.push_str(text);
            }
            return;
        };
        let has = |key: &str| fields.iter().any(|field| field.key == key);
        if self.text.iter().all(|key| has(key)) {
            self.keep(&fields, line);
            self.object(&fields, text, out);
        } else if self.named {
            let mut done = 0;
            for field in &fields {
                out.push_str(&text[done..field.start]);
                done = field.start + field.value.len();
                self.value(field.value, line, out);
            }
            out.push_str(&text[done..]);
        } else {
            out.push_str(text);
        }
    }

    /// Puts away the fields of an object that are none of the layout's.
    fn keep(&self, fields: &[Field<'_>], line: usize) {
        let Some(kept) = &self.kept else { return };
        let keys = self.keys_of(fields);
        // What a published layout has for other tasks goes along as well, but not again with every sentence of a
        // document.
        let is_read = |key: &str| {
            if self.is_document {
                keys.all().any(|known| known == key)
            } else {
                keys.needed.iter().chain(keys.read).chain(keys.id).any(|known| *known == key)
            }
        };
        let others = fields.iter().filter(|field| !is_read(&field.key));
        let is_json = |field: &&Field<'_>| serde_json::from_str::<Value>(field.value).is_ok();
        let read = others.filter(is_json);
        kept.put(line, read.map(|field| (field.key.clone(), RawJson::of_valid(field.value))).collect());
    }

    /// An object of the layout; it has as many line ends as before.
    fn object(&self, fields: &[Field<'_>], text: &str, out: &mut String) {
        let keys = self.keys_of(fields);
        let is_known = |key: &str| keys.all().any(|known| known == key);
        let line_ends = |text: &str| "\n".repeat(text.matches('\n').count());
        let add = |key: &str, value: &str, out: &mut String| {
            out.push_str(if out.ends_with('{') { "" } else { "," });
            out.push_str(key);
            out.push(':');
            out.push_str(value);
        };
        let (mut written, mut done) = (String::from("{"), 0);
        let (mut ends, mut written_keys) = (String::new(), Vec::new());
        for field in fields {
            ends.push_str(&line_ends(&text[done..field.start]));
            done = field.start + field.value.len();
            let is_again =
                written_keys.contains(&&*field.key) && self.blank_for(&field.key, fields).is_some();
            if is_again || !is_known(&field.key) {
                ends.push_str(&line_ends(field.value));
                continue;
            }
            written_keys.push(&field.key);
            let value = match self.blank_for(&field.key, fields) {
                Some(blank) => blank + &line_ends(field.value),
                None => field.value.to_owned(),
            };
            add(field.quoted, &(std::mem::take(&mut ends) + &value), &mut written);
        }
        for (key, _) in &self.blank {
            let is_missing = keys.needed.contains(key) && fields.iter().all(|field| field.key != *key);
            if is_missing && let Some(blank) = self.blank_for(key, fields) {
                add(&format!("{key:?}"), &blank, &mut written);
            }
        }
        out.push_str(&written);
        out.push_str(&ends);
        out.push_str(&text[done..]);
    }

    /// The keys of an object: FewRel has two layouts.
    fn keys_of(&self, fields: &[Field<'_>]) -> &'static Keys {
        let is_hubs = fields.iter().any(|field| matches!(&*field.key, "relation" | "head" | "tail"));
        if self.keys.format == "fewrel" && !is_hubs { &layouts::FEWREL } else { self.keys }
    }

    /// What stands in the place of the value of `key`; nothing where that stays.
    fn blank_for(&self, key: &str, fields: &[Field<'_>]) -> Option<String> {
        match &self.blank.iter().find(|(name, _)| *name == key)?.1 {
            Blank::As(value) => Some(value.to_string()),
            Blank::Of(name, make) => {
                let field = fields.iter().find(|field| field.key == *name)?;
                Some(make(&serde_json::from_str(field.value).ok()?)?.to_string())
            }
        }
    }
}

/// An entry of an object.
struct Field<'a> {
    key: String,
    /// The key as it stands there.
    quoted: &'a str,
    value: &'a str,
    /// Where the value begins.
    start: usize,
}

/// The entries of an object; nothing if it is none, or cannot be read to its end.
fn fields(text: &str) -> Option<Vec<Field<'_>>> {
    let parts = Parts::object(text)?.map(|part| {
        let part = part.ok()?;
        let quoted = &text[part.key?];
        let start = part.value.start;
        Some(Field { key: serde_json::from_str(quoted).ok()?, quoted, value: &text[part.value], start })
    });
    parts.collect()
}

/// As many lists as there are sentences.
fn empty_lists(sentences: &Value) -> Option<Value> {
    Some(sentences.as_array()?.iter().map(|_| json!([])).collect())
}

/// Events with their triggers alone, which are the predicates.
fn without_arguments(events: &Value) -> Option<Value> {
    events.as_array()?.iter().map(|event| Some(json!({ "trigger": event.get("trigger")? }))).collect()
}

/// An event in a text, for a task that does not ask about any.
fn one_event(text: &Value) -> Option<Value> {
    let text = text.as_str()?;
    let start = text.chars().position(|c| c != ' ')?;
    let end = start + text.chars().skip(start).take_while(|c| *c != ' ').count();
    Some(json!([{ "trigger": { "start": start, "end": end } }]))
}

/// Turns with who says what.
fn without_frames(turns: &Value) -> Option<Value> {
    let turn = |turn: &Value| {
        Some(json!({ "speaker": turn.get("speaker")?, "utterance": turn.get("utterance")?, "frames": [] }))
    };
    turns.as_array()?.iter().map(turn).collect()
}

/// Turns with their texts. A question that nobody has answered yet is one as well.
fn without_states(log: &Value) -> Option<Value> {
    let log = log.as_array()?;
    let texts = log.iter().map(|turn| Some(json!({ "text": turn.get("text")? })));
    let answer = (log.len() % 2 == 1).then(|| Some(json!({ "text": "" })));
    texts.chain(answer).collect()
}
