//! What a JSON record seems to be, for data that are given as something else.

use serde_json::{Map, Value};

/// The name of the format that a record seems to be of, and that in words with what to do.
pub(super) type Seems = (&'static str, &'static str);

/// What `value` seems to be and what to do, where it shows the marks of a known layout.
pub(super) fn seems(value: &Value) -> Option<Seems> {
    match value {
        Value::Object(object) => seems_object(object),
        Value::Array(list) if matches!(list.as_slice(), [Value::String(_), Value::Object(_)]) => {
            Some(("spacy", "it seems to be one of spaCy's training pairs: read it with the format spacy"))
        }
        _ => None,
    }
}

/// As [`seems`], of an object.
pub(super) fn seems_object(object: &Map<String, Value>) -> Option<Seems> {
    let has = |key: &str| object.contains_key(key);
    let first = |key: &str| object.get(key).and_then(Value::as_array).and_then(|list| list.first());
    let first_has = |key: &str, inner: &str| first(key).is_some_and(|item| item.get(inner).is_some());
    let triples = |key: &str| {
        let item = first(key).and_then(Value::as_array).map(Vec::as_slice);
        matches!(item, Some([Value::Number(_), Value::Number(_), Value::String(_)]))
    };
    if has("data") && ["annotations", "completions", "predictions", "drafts"].into_iter().any(has) {
        Some(("label-studio", "it seems to be a task of Label Studio: read it with the format label-studio"))
    } else if has("annotation_id")
        || has("lead_time")
        || has("annotator")
        || object.keys().any(|key| first_has(key, "labels") && first_has(key, "start"))
    {
        Some((
            "json-min",
            "it seems to be Label Studio's JSON-MIN, which leaves out relations and more: export the project as JSON, and read that with \
             the format label-studio",
        ))
    } else if has("paragraphs") || has("ents") {
        Some(("spacy", "it seems to be a document of spaCy: read it with the format spacy"))
    } else if has("_task_hash")
        || has("_input_hash")
        || has("_view_id")
        || has("answer")
        || first_has("spans", "token_start")
        || has("accept")
    {
        Some(("prodigy", "it seems to be a task of Prodigy: read it with the format prodigy"))
    } else if (has("text") || has("data"))
        && (first_has("entities", "start_offset")
            || has("Comments")
            || has("annotation_approver")
            || ["label", "labels", "entities"].into_iter().any(triples))
    {
        Some(("doccano", "it seems to be a line of doccano: read it with the format doccano"))
    } else if has("tokens") && (has("entities") || has("relations")) {
        Some(("jsonl", "it seems to be an example in tokens: read it with the format jsonl or spert"))
    } else if has("text") && has("spans") {
        Some((
            "json-spans",
            "it seems to be a text with spans in characters: read it with the format json-spans",
        ))
    } else {
        None
    }
}
