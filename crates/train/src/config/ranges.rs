//! What a config may hold, by its schema: known keys, types, names and ranges.
//!
//! The schema is made of the types and their attributes, so that what is checked here is what its page shows.

use std::fmt::Display;

use fishdip_tasks::read::Format;
use fishdip_tasks::shortened;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value as Json;
use toml::Value;

use crate::Error;

/// What the message of a key begins with that there is not.
pub(super) const UNKNOWN: &str = "unknown field";

/// A value that a config may not hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    /// The keys that lead to it.
    pub(super) path: Vec<String>,
    /// What is wrong, with the whole key where that helps.
    pub(super) message: String,
}

/// The JSON schema of `T`, everything in one place.
pub(super) fn schema<T: JsonSchema>() -> Json {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Names of formats.
pub(super) fn formats(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    json_schema!({ "type": "string", "enum": names })
}

/// Refuses a value of `config` out of its range. Messages call it `section`; the whole config has no name.
pub(super) fn check<T: Serialize + JsonSchema>(section: &str, config: &T) -> Result<(), Error> {
    let refuse = |message| Error::Config { place: "the config".to_owned(), message, hint: None };
    // TOML has no whole number beyond this, so that it could not tell which one it is.
    if let Some(message) = serde_json::to_value(config).ok().and_then(|config| too_large(&config, section)) {
        return Err(refuse(message));
    }
    let value =
        Value::try_from(config).map_err(|e| refuse(format!("a value of [{section}] cannot be kept: {e}")))?;
    let path = if section.is_empty() { Vec::new() } else { vec![section.to_owned()] };
    find(&schema::<T>(), &value, &path).map_or(Ok(()), |fault| Err(refuse(fault.message)))
}

/// The first whole number in `value`, which messages call `name`, that no range holds.
fn too_large(value: &Json, name: &str) -> Option<String> {
    match value {
        Json::Object(table) => table.iter().find_map(|(key, value)| {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            too_large(value, &name)
        }),
        Json::Number(number) if number.as_u64().is_some_and(|number| i64::try_from(number).is_err()) => {
            Some(format!("`{name}` is {number}, which is out of every range"))
        }
        _ => None,
    }
}

/// The first thing in `value`, to which the keys `path` lead, that `schema` does not allow. Missing keys come last.
pub(super) fn find(schema: &Json, value: &Value, path: &[String]) -> Option<Fault> {
    let refuse = |message: String| Some(Fault { path: path.to_vec(), message });
    if let Some(names) = names(schema) {
        let known = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        return match value {
            Value::String(name) if names.contains(&name.as_str()) => None,
            Value::String(name) => {
                let name = shortened(name);
                refuse(format!("unknown variant `{name}`, expected one of {} for {}", known(), key(path)))
            }
            other => refuse(format!("{} must be one of {}, not {}", key(path), known(), shown(other))),
        };
    }
    let kinds = kinds(schema);
    let is = |kind: &str| kinds.contains(&kind);
    let fits = match value {
        Value::Table(table) if is("object") => return in_table(schema, table, path),
        Value::Array(items) if is("array") => {
            return items.iter().find_map(|item| find(&schema["items"], item, path));
        }
        Value::Integer(number) if is("integer") => in_range(schema, *number as f64, false),
        Value::Integer(number) => is("number") && in_range(schema, *number as f64, true),
        Value::Float(number) => is("number") && in_range(schema, *number, true),
        Value::String(text) => {
            is("string") && texts(schema).is_none_or(|texts| texts.contains(&text.as_str()))
        }
        Value::Boolean(_) => is("boolean"),
        _ => false,
    };
    if fits {
        return None;
    }
    let default = match &schema["default"] {
        Json::Null => String::new(),
        default => format!("; the default is {}", number(default)),
    };
    let shown = match value {
        // With its point, where the point is what is wrong.
        Value::Float(number) if !is("number") && number.is_finite() => format!("{number:?}"),
        Value::String(text) if text.trim().is_empty() => "an empty value".to_owned(),
        // TOML has no number this large, so that an override with one was read as text.
        Value::String(text) if is("integer") && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            shortened(text).into_owned()
        }
        _ => shown(value),
    };
    refuse(format!("{} must be {}, not {shown}{default}", key(path), expected(schema)))
}

fn in_table(schema: &Json, table: &toml::Table, path: &[String]) -> Option<Fault> {
    let within = |name: &str| path.iter().cloned().chain([name.to_owned()]).collect::<Vec<_>>();
    let known = schema["properties"].as_object();
    for (name, value) in table {
        let Some(inner) = known.and_then(|known| known.get(name)).or_else(|| others(schema)) else {
            let known = known.into_iter().flatten().map(|(name, _)| format!("`{name}`"));
            let place = if path.is_empty() { "sections" } else { "keys" };
            let known = known.collect::<Vec<_>>().join(", ");
            let field = shortened(name);
            let message = format!("{UNKNOWN} `{field}`, expected one of the {place} {known}");
            return Some(Fault { path: within(name), message });
        };
        if let fault @ Some(_) = find(inner, value, &within(name)) {
            return fault;
        }
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
    let missing = required.into_iter().find(|name| !table.contains_key(*name))?;
    let message = if path.is_empty() {
        format!("the section [{missing}] is missing")
    } else {
        format!("{} is missing", key(&within(missing)))
    };
    Some(Fault { path: within(missing), message })
}

/// What keys that are not listed lead to.
fn others(schema: &Json) -> Option<&Json> {
    schema.get("additionalProperties").filter(|others| others.is_object())
}

/// The names that a value can be.
pub(super) fn names(schema: &Json) -> Option<Vec<&str>> {
    if let Some(names) = schema["enum"].as_array() {
        return Some(names.iter().filter_map(Json::as_str).collect());
    }
    let each = schema["oneOf"].as_array()?;
    Some(each.iter().filter_map(|one| one["const"].as_str()).collect())
}

/// The types that a value may have; one that may be null is absent instead.
fn kinds(schema: &Json) -> Vec<&str> {
    let kinds = match &schema["type"] {
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        kind => Vec::from_iter(kind.as_str()),
    };
    kinds.into_iter().filter(|kind| *kind != "null").collect()
}

/// Whether `number` is in the range of `schema`. A fraction has the precision that it is computed with.
#[allow(clippy::float_cmp, reason = "a bound in the same precision is the bound")]
fn in_range(schema: &Json, number: f64, fraction: bool) -> bool {
    let bound = |name: &str| schema[name].as_f64();
    let near = |bound: f64| fraction && number as f32 == bound as f32;
    number.is_finite()
        && bound("minimum").is_none_or(|least| number >= least || near(least))
        && bound("maximum").is_none_or(|most| number <= most || near(most))
        && bound("exclusiveMinimum").is_none_or(|least| number > least)
}

fn expected(schema: &Json) -> String {
    let words = |kind: &str| match kind {
        "integer" => format!("a whole number {}", range(schema)),
        "number" => format!("a number {}", range(schema)),
        "string" => texts(schema).map_or_else(|| "text".to_owned(), |texts| in_quotes(&texts)),
        "boolean" => "true or false".to_owned(),
        "array" => "a list".to_owned(),
        _ => "a section of keys and values".to_owned(),
    };
    kinds(schema).into_iter().map(words).collect::<Vec<_>>().join(", or ")
}

/// The texts that a value can be, where they are listed.
fn texts(schema: &Json) -> Option<Vec<&str>> {
    let listed = schema["pattern"].as_str()?.strip_prefix('^')?.strip_suffix('$')?;
    Some(listed.trim_matches(['(', ')']).split('|').collect())
}

fn in_quotes(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(" or ")
}

/// The range of a number, in words.
fn range(schema: &Json) -> String {
    let most = number(&schema["maximum"]);
    match &schema["exclusiveMinimum"] {
        Json::Null => format!("from {} to {most}", number(&schema["minimum"])),
        least => format!("above {} and at most {most}", number(least)),
    }
}

/// A number as a person writes it: one that has the precision of `f32` with as many digits.
fn number(value: &Json) -> String {
    match value.as_f64() {
        Some(wide) if value.is_f64() => {
            let narrow = wide as f32;
            if f64::from(narrow).to_bits() == wide.to_bits() { decimal(narrow) } else { decimal(wide) }
        }
        _ => value.to_string(),
    }
}

fn decimal(number: impl Display + std::fmt::LowerExp + Into<f64> + Copy) -> String {
    let size: f64 = number.into().abs();
    if size == 0.0 || (1e-4..1e7).contains(&size) { number.to_string() } else { format!("{number:e}") }
}

fn key(path: &[String]) -> String {
    if path.is_empty() { "the config".to_owned() } else { format!("`{}`", shortened(&path.join("."))) }
}

/// The start of a value.
fn shown(value: &Value) -> String {
    const SHOWN: usize = 40;
    let text = match value {
        Value::Table(_) => return "a section".to_owned(),
        Value::Array(_) => return "a list".to_owned(),
        Value::Float(number) if number.is_nan() => "NaN".to_owned(),
        Value::Float(number) if number.is_infinite() => "an infinite number".to_owned(),
        Value::Float(number) => decimal(*number),
        other => other.to_string(),
    };
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain("…".chars()).collect()
}
