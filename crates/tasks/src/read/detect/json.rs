//! Layouts of JSON, by the keys of their objects.

use serde_json::{Map, Value};

use super::Sample;
use crate::read::json::Keys;
use crate::read::{
    ace, coreference, dialogues, dygie, fewrel, hf_tokens, jsonl, nyt, opennre, relations, roles, sgd,
    triples,
};

/// The layouts whose objects have keys of their own.
const KEYS: &[&Keys] = &[
    &nyt::KEYS,
    &triples::KEYS,
    &fewrel::HUB_KEYS,
    &relations::TACRED_KEYS,
    &opennre::KEYS,
    &dygie::KEYS,
    &ace::EVENT_KEYS,
    &ace::ENTITY_KEYS,
    &relations::SPERT_KEYS,
    &roles::CONLL12_KEYS,
    &coreference::KEYS,
    &sgd::KEYS,
    &jsonl::KEYS,
];

const JSON_MIN: &str = "it looks like Label Studio's JSON-MIN, which leaves out relations and more; export the project as JSON (format label-studio)";

/// What is like a known layout without being one that is read, and what to do about it.
const OTHERS: &[(Is, &str)] = &[
    (is_json_min, JSON_MIN),
    (is_sgd, "it looks like Schema-Guided Dialogue or MultiWOZ 2.2; both are read with the format `sgd`"),
];

/// The other layouts, for [`seems`].
const RULES: &[(&str, Is)] = &[
    ("label-studio", is_label_studio),
    ("spacy", is_spacy),
    ("prodigy", is_prodigy),
    ("doccano", is_doccano),
    ("hf-tokens", is_hf_tokens),
    ("json-spans", is_json_spans),
    ("multiwoz", is_multiwoz),
    ("multiwoz-prepared", is_prepared),
    ("fewrel", is_fewrel),
];

type Object = Map<String, Value>;
/// Whether an object is of a layout.
type Is = fn(&Object) -> bool;

/// What `value` is like that is none of the format `format`, as the end of a message; nothing if it is like nothing known.
pub(in crate::read) fn seems(value: &Value, format: &str) -> String {
    let Some(object) = value.as_object() else { return String::new() };
    if let Some((_, advice)) = OTHERS.iter().find(|(is, _)| is(object)) {
        return format!("; {advice}");
    }
    let by_rule = RULES.iter().find(|(_, is)| is(object)).map(|(name, _)| *name);
    let by_keys = || KEYS.iter().find(|keys| fit(keys, object)).map(|keys| keys.format);
    match by_rule.or_else(by_keys).filter(|name| *name != format) {
        Some(name) => format!("; it looks like the format `{name}`: read it as that"),
        None => String::new(),
    }
}

fn fit(keys: &Keys, object: &Object) -> bool {
    keys.fit(&object.keys().map(String::as_str))
}

/// The formats whose keys the first object has.
pub(super) fn by_keys(sample: &Sample) -> Vec<(&'static str, String)> {
    let Some((json, object)) = sample.json.as_ref().and_then(|json| Some((json, json.first()?))) else {
        return Vec::new();
    };
    let fits = KEYS.iter().filter(|keys| fit(keys, object) && !is_hf_tokens(object));
    let fits = fits.filter(|keys| match keys.format {
        // The same objects in a list, or one a line.
        "spert" => json.is_list && !object.contains_key("triggers"),
        "jsonl" => !json.is_list && ["tokens", "history"].iter().any(|key| object.contains_key(*key)),
        "opennre" => {
            ["h", "t"].iter().all(|key| object.get(*key).is_some_and(|mention| mention.get("pos").is_some()))
        }
        _ => true,
    });
    let reason = |keys: &Keys| match keys.needed {
        [] => "its objects have tokens or a history".to_owned(),
        needed => format!("its objects have the keys {}", needed.join(", ")),
    };
    fits.map(|keys| (keys.format, reason(keys))).collect()
}

/// What to do about a file whose first object is of no format.
pub(super) fn no_data(sample: &Sample) -> Option<&'static str> {
    let first = sample.json.as_ref()?.first()?;
    is_json_min(first).then_some(JSON_MIN)
}

/// By the first of a file's objects.
pub(super) fn objects(sample: &Sample, is: Is, reason: &str) -> Option<String> {
    sample.json.as_ref()?.first().is_some_and(is).then(|| reason.to_owned())
}

/// By the first of a file's objects or pairs.
pub(super) fn spacy(sample: &Sample) -> Option<String> {
    let reason = "its texts have entities as spaCy writes them";
    let pair = || sample.json.as_ref().and_then(|json| json.objects.first()).is_some_and(is_pair);
    objects(sample, is_spacy, reason).or_else(|| pair().then(|| reason.to_owned()))
}

/// By what the first entry of a file holds that is one object.
pub(super) fn entries(sample: &Sample, is: Is, reason: &str) -> Option<String> {
    let entry = sample.json.as_ref()?.entry.as_ref()?;
    entry.as_object().is_some_and(is).then(|| reason.to_owned())
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
fn is_triple(value: &Value) -> bool {
    let values = value.as_array().map(Vec::as_slice);
    matches!(values, Some([Value::Number(_), Value::Number(_), Value::String(_)]))
}

pub(super) fn is_fewrel(object: &Object) -> bool {
    fit(&fewrel::KEYS, object)
}

pub(super) fn is_multiwoz(object: &Object) -> bool {
    fit(&dialogues::KEYS, object)
}

pub(super) fn is_prepared(object: &Object) -> bool {
    fit(&dialogues::PREPARED_KEYS, object)
}

fn is_sgd(object: &Object) -> bool {
    fit(&sgd::KEYS, object)
}

pub(super) fn is_label_studio(object: &Object) -> bool {
    has(object, &["data"]) && has_any(object, &["annotations", "completions", "predictions", "drafts"])
}

/// Label Studio's short export.
fn is_json_min(object: &Object) -> bool {
    let regions = object
        .values()
        .filter_map(|value| value.as_array()?.first())
        .any(|value| value.get("labels").is_some_and(Value::is_array) && value.get("start").is_some());
    !has(object, &["data"]) && (regions || has_any(object, &["annotation_id", "lead_time"]))
}

pub(super) fn is_hf_tokens(object: &Object) -> bool {
    let features = object.len() == 1 && has(object, &["features"]);
    features
        || (first(object, "tokens").is_some_and(Value::is_string)
            && hf_tokens::TAGS.iter().any(|key| object.get(*key).is_some_and(Value::is_array)))
}

pub(super) fn is_prodigy(object: &Object) -> bool {
    let spans = first(object, "spans").is_some_and(|span| span.get("token_start").is_some());
    has_any(object, &["answer", "_input_hash", "_task_hash", "_view_id"])
        || spans
        || has(object, &["options", "accept"])
}

fn is_spacy(object: &Object) -> bool {
    has(object, &["text", "ents"]) || has(object, &["text", "cats"]) || has(object, &["paragraphs"])
}

/// spaCy's training pair: a text and its annotations.
fn is_pair(value: &Value) -> bool {
    match value.as_array().map(Vec::as_slice) {
        Some([Value::String(_), Value::Object(annotations)]) => has_any(annotations, &["entities", "cats"]),
        _ => false,
    }
}

pub(super) fn is_doccano(object: &Object) -> bool {
    let marks = has_any(object, &["Comments", "annotation_approver"]);
    let spans = ["label", "labels", "entities"].iter().any(|key| first(object, key).is_some_and(is_triple));
    let entities = first(object, "entities").is_some_and(|entity| entity.get("start_offset").is_some());
    let classes = ["label", "labels"].iter().any(|key| object.get(*key).is_some_and(Value::is_array));
    has_any(object, &["text", "data"]) && !has(object, &["tokens"]) && (marks || spans || entities || classes)
}

pub(super) fn is_json_spans(object: &Object) -> bool {
    let known = ["id", "text", "spans", "relations", "label", "meta", "score"];
    let own = object.keys().all(|key| known.contains(&key.as_str()));
    let label = !object.get("label").is_some_and(Value::is_array);
    object.get("text").is_some_and(Value::is_string) && own && label && !is_prodigy(object)
}
