//! Layouts of JSON, by the keys of their objects.

use serde_json::Value;

use crate::read::json::Keys;
use crate::read::{
    ace, coreference, dialogues, dygie, fewrel, jsonl, nyt, opennre, relations, roles, sgd, triples,
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
    &dialogues::PREPARED_KEYS,
    &sgd::KEYS,
    &jsonl::KEYS,
];

/// What the object is like that is none of the format `format`, as the end of a message; nothing if it is like nothing known.
pub(in crate::read) fn seems(value: &Value, format: &str) -> String {
    let Some(object) = value.as_object() else { return String::new() };
    let keys = || object.keys().map(String::as_str);
    match KEYS.iter().find(|known| known.fit(keys()) && known.format != format) {
        Some(known) => format!("; it looks like the format {}", known.format),
        None => String::new(),
    }
}
