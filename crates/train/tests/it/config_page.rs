//! `docs/config.md` and `docs/config.schema.json` are what the types and doc comments of the config say. With the variable `UPDATE_DOCS` set,
//! they are written anew.

use std::fmt::Write as _;
use std::path::Path;

use fishdip_train::RunConfig;
use serde_json::Value;

const HEAD: &str = "\
# Keys of the config

A run has one TOML file. Every key can be given on the command line as well, `--set section.key=value`, whether the file has it or not; a key with
a dot in it has quotes: `--set 'task.entities.\"A.B\"=some name'`. An unknown key, a value of another type or out of its range is an error that names the
key, before anything is written. Paths are relative to the folder the command is run in. The run folder's `config.toml` has every default written out that has an effect.

This page is made of the doc comments in `crates/train/src/config` (`cargo xtask docs`), and so is [config.schema.json](config.schema.json), a JSON
schema that editors understand.
";

/// What a reader wants to know first.
const ORDER: [&str; 12] = [
    "model",
    "data",
    "task",
    "method",
    "optimizer",
    "training",
    "evaluation",
    "checkpoints",
    "active",
    "pretrain",
    "self_training",
    "compat",
];

#[test]
fn the_page_and_the_schema_are_those_of_the_types() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let schema = plain(RunConfig::schema());
    let json = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let mut stale = Vec::new();
    for (name, text) in [("config.md", page(&schema)), ("config.schema.json", json)] {
        let path = docs.join(name);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, text).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "not as `cargo xtask docs` writes it: {stale:?} in docs");
}

#[test]
fn every_number_has_a_range() {
    fn look(path: &str, schema: &Value) {
        let kind = schema["type"].to_string();
        if kind.contains("integer") || kind.contains("number") {
            let least = ["minimum", "exclusiveMinimum"].iter().any(|name| schema[name].is_number());
            assert!(least && schema["maximum"].is_number(), "{path} has no range");
        }
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            look(&format!("{path}.{name}"), inner);
        }
    }
    look("config", &RunConfig::schema());
}

/// Numbers with the precision they have, texts without the markup of Rust's documentation.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, plain(value))).collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::String(text) => text.replace('\n', " ").replace("[`", "`").replace("`]", "`").into(),
        Value::Number(number) if number.is_f64() => {
            let wide = number.as_f64().unwrap();
            let narrow = wide as f32;
            let exact = f64::from(narrow).to_bits() == wide.to_bits();
            if exact { narrow.to_string().parse::<f64>().unwrap().into() } else { wide.into() }
        }
        other => other,
    }
}

fn page(schema: &Value) -> String {
    let mut page = String::from(HEAD);
    let mut sections: Vec<_> = schema["properties"].as_object().unwrap().iter().collect();
    sections.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name));
    for (name, section) in sections {
        write!(page, "\n## `[{name}]`\n\n{}\n", text(section)).unwrap();
        let required = section["required"].as_array();
        for (key, value) in section["properties"].as_object().unwrap() {
            let needed = required.is_some_and(|required| required.contains(&Value::from(key.as_str())));
            entry(&mut page, &format!("{name}.{key}"), value, needed);
        }
    }
    page
}

/// A key: its type, range and default, what it does, and its names if it has some.
fn entry(page: &mut String, key: &str, schema: &Value, needed: bool) {
    let default = match &schema["default"] {
        _ if needed => "needed".to_owned(),
        Value::Null => "absent by default".to_owned(),
        Value::Object(table) if table.is_empty() => "empty by default".to_owned(),
        default => format!("default `{default}`"),
    };
    if let Some(inner) = schema["properties"].as_object() {
        write!(page, "\n### `[{key}]`\n\n{}\n", text(schema)).unwrap();
        for (name, value) in inner {
            entry(page, &format!("{key}.{name}"), value, false);
        }
        return;
    }
    write!(page, "\n### `{key}`\n\n{} · {default}\n\n{}\n", kind(schema), text(schema)).unwrap();
    if let Some(names) = schema["oneOf"].as_array() {
        page.push('\n');
        for one in names {
            writeln!(page, "- `{}`: {}", one["const"], text(one)).unwrap();
        }
    }
}

fn text(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

/// The type of a value, and its range.
fn kind(schema: &Value) -> String {
    if let Some(names) = schema["enum"].as_array() {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        return format!("one of {}", names.join(", "));
    }
    if schema["oneOf"].is_array() {
        return "one of the names below".to_owned();
    }
    let words = |kind: &Value| match kind.as_str().unwrap() {
        "integer" => Some(format!("whole number {}", range(schema))),
        "number" => Some(format!("number {}", range(schema))),
        "string" => Some("text".to_owned()),
        "boolean" => Some("`true` or `false`".to_owned()),
        "object" => Some("table".to_owned()),
        "array" => Some("list".to_owned()),
        "null" => None,
        other => panic!("no word for the type {other}"),
    };
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(words).collect::<Vec<_>>().join(", or "),
        kind => words(kind).unwrap(),
    }
}

fn range(schema: &Value) -> String {
    let most = &schema["maximum"];
    match &schema["exclusiveMinimum"] {
        Value::Null => format!("from {} to {most}", schema["minimum"]),
        least => format!("above {least} and at most {most}"),
    }
}
