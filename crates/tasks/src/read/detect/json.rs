//! Layouts of JSON, by the first objects of a file.

use super::Sample;
use crate::read::json::recognize::{JSON_MIN, fit, is_hf_tokens, is_json_min, is_pair, is_spacy};
use crate::read::json::{Is, Keys, layouts};

/// The formats whose keys the first object has.
pub(super) fn by_keys(sample: &Sample) -> Vec<(&'static str, String)> {
    let Some((json, object)) = sample.json.as_ref().and_then(|json| Some((json, json.first()?))) else {
        return Vec::new();
    };
    let fits = layouts::BY_KEYS.iter().filter(|keys| fit(keys, object) && !is_hf_tokens(object));
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
