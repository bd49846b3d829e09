//! Which layout an object is of, by its keys and their values.

use serde_json::{Map, Value};

use super::{Keys, layouts};

type Object = Map<String, Value>;
/// Whether an object is of a layout.
pub(in crate::read) type Is = fn(&Object) -> bool;

/// What an annotation tool writes.
struct Tool {
    /// The name of the format.
    format: &'static str,
    is: Is,
    /// What it seems to be, and what to do.
    advice: &'static str,
}

/// What Label Studio writes beside its JSON, and what to do about it.
pub(in crate::read) const JSON_MIN: &str = "it seems to be Label Studio's JSON-MIN, which leaves out relations and more: export the project as JSON, and read that with \
     the format label-studio";

const TOOLS: &[Tool] = &[
    Tool {
        format: "label-studio",
        is: is_label_studio,
        advice: "it seems to be a task of Label Studio: read it with the format label-studio",
    },
    Tool { format: "json-min", is: is_json_min, advice: JSON_MIN },
    Tool {
        format: "spacy",
        is: is_spacy,
        advice: "it seems to be a document of spaCy: read it with the format spacy",
    },
    Tool {
        format: "prodigy",
        is: is_prodigy,
        advice: "it seems to be a task of Prodigy: read it with the format prodigy",
    },
    Tool {
        format: "doccano",
        is: is_doccano,
        advice: "it seems to be a line of doccano: read it with the format doccano",
    },
];

/// The layouts that are told by more than their keys, but no tool's.
const RULES: &[(&str, Is)] = &[
    ("hf-tokens", is_hf_tokens),
    ("json-spans", is_json_spans),
    ("multiwoz", is_multiwoz),
    ("multiwoz-prepared", is_prepared),
    ("fewrel", is_fewrel),
];

/// What `value` is like that is none of the format `format`, as the end of a message; nothing if it is like
/// nothing known.
pub(in crate::read) fn seems(value: &Value, format: &str) -> String {
    let Some(object) = value.as_object() else { return String::new() };
    if is_sgd(object) {
        return "; it looks like Schema-Guided Dialogue or MultiWOZ 2.2; both are read with the format `sgd`"
            .to_owned();
    }
    if let Some(tool) = TOOLS.iter().find(|tool| (tool.is)(object)) {
        return if tool.format == format { String::new() } else { format!("; {}", tool.advice) };
    }
    let by_rule = RULES.iter().find(|(_, is)| is(object)).map(|(name, _)| *name);
    let by_keys = || layouts::BY_KEYS.iter().find(|keys| fit(keys, object)).map(|keys| keys.format);
    match by_rule.or_else(by_keys).filter(|name| *name != format) {
        Some(name) => format!("; it looks like the format `{name}`: read it as that"),
        None => String::new(),
    }
}

/// What `value`, which should be of the tool's layout `format`, seems to be instead and what to do.
pub(in crate::read) fn other_tool(value: &Value, format: &str) -> Option<&'static str> {
    match value {
        Value::Object(object) => other_tool_of(object, format),
        pair if is_pair(pair) && format != "spacy" => {
            Some("it seems to be one of spaCy's training pairs: read it with the format spacy")
        }
        _ => None,
    }
}

/// As [`other_tool`], of an object.
pub(in crate::read) fn other_tool_of(object: &Object, format: &str) -> Option<&'static str> {
    let (own, others): (Vec<&Tool>, Vec<&Tool>) = TOOLS.iter().partition(|tool| tool.format == format);
    if own.iter().any(|tool| (tool.is)(object)) {
        return None;
    }
    if let Some(tool) = others.iter().find(|tool| (tool.is)(object)) {
        return Some(tool.advice);
    }
    if has(object, &["tokens"]) && has_any(object, &["entities", "relations"]) {
        Some("it seems to be an example in tokens: read it with the format jsonl or spert")
    } else if has(object, &["text", "spans"]) && format != "json-spans" {
        Some("it seems to be a text with spans in characters: read it with the format json-spans")
    } else {
        None
    }
}

pub(in crate::read) fn fit(keys: &Keys, object: &Object) -> bool {
    keys.fit(&object.keys().map(String::as_str))
}

fn has(object: &Object, keys: &[&str]) -> bool {
    keys.iter().all(|key| object.contains_key(*key))
}

fn has_any(object: &Object, keys: &[&str]) -> bool {
    keys.iter().any(|key| object.contains_key(*key))
}

/// The first value of a list.
fn first<'o>(object: &'o Object, key: &str) -> Option<&'o Value> {
    object.get(key)?.as_array()?.first()
}

/// A span as `[start, end, label]`.
pub(in crate::read) fn is_triple(value: &Value) -> bool {
    let values = value.as_array().map(Vec::as_slice);
    matches!(values, Some([Value::Number(_), Value::Number(_), Value::String(_)]))
}

pub(in crate::read) fn is_fewrel(object: &Object) -> bool {
    fit(&layouts::FEWREL, object)
}

pub(in crate::read) fn is_multiwoz(object: &Object) -> bool {
    fit(&layouts::MULTIWOZ, object)
}

pub(in crate::read) fn is_prepared(object: &Object) -> bool {
    fit(&layouts::MULTIWOZ_PREPARED, object)
}

pub(in crate::read) fn is_sgd(object: &Object) -> bool {
    fit(&layouts::SGD, object)
}

pub(in crate::read) fn is_label_studio(object: &Object) -> bool {
    has(object, &["data"]) && has_any(object, &["annotations", "completions", "predictions", "drafts"])
}

/// Label Studio's short export.
pub(in crate::read) fn is_json_min(object: &Object) -> bool {
    let regions = object
        .values()
        .filter_map(|value| value.as_array()?.first())
        .any(|value| value.get("labels").is_some_and(Value::is_array) && value.get("start").is_some());
    !has(object, &["data"]) && (regions || has_any(object, &["annotation_id", "lead_time"]))
}

pub(in crate::read) fn is_hf_tokens(object: &Object) -> bool {
    let features = object.len() == 1 && has(object, &["features"]);
    features
        || (first(object, "tokens").is_some_and(Value::is_string)
            && layouts::HF_TAGS.iter().any(|key| object.get(*key).is_some_and(Value::is_array)))
}

pub(in crate::read) fn is_prodigy(object: &Object) -> bool {
    let spans = first(object, "spans").is_some_and(|span| span.get("token_start").is_some());
    has_any(object, &["answer", "_input_hash", "_task_hash", "_view_id"])
        || spans
        || has(object, &["options", "accept"])
}

pub(in crate::read) fn is_spacy(object: &Object) -> bool {
    has(object, &["text", "ents"]) || has(object, &["text", "cats"]) || has(object, &["paragraphs"])
}

/// spaCy's training pair: a text and its annotations.
pub(in crate::read) fn is_pair(value: &Value) -> bool {
    match value.as_array().map(Vec::as_slice) {
        Some([Value::String(_), Value::Object(annotations)]) => has_any(annotations, &["entities", "cats"]),
        _ => false,
    }
}

pub(in crate::read) fn is_doccano(object: &Object) -> bool {
    let marks = has_any(object, &["Comments", "annotation_approver"]);
    let spans = ["label", "labels", "entities"].iter().any(|key| first(object, key).is_some_and(is_triple));
    let entities = first(object, "entities").is_some_and(|entity| entity.get("start_offset").is_some());
    let classes = ["label", "labels"].iter().any(|key| object.get(*key).is_some_and(Value::is_array));
    has_any(object, &["text", "data"]) && !has(object, &["tokens"]) && (marks || spans || entities || classes)
}

pub(in crate::read) fn is_json_spans(object: &Object) -> bool {
    let known = ["id", "text", "spans", "relations", "label", "meta", "score"];
    let own = object.keys().all(|key| known.contains(&key.as_str()));
    let label = !object.get("label").is_some_and(Value::is_array);
    object.get("text").is_some_and(Value::is_string) && own && label && !is_prodigy(object)
}
