//! Runs the literate fixtures of `fixtures/encoding`.
//!
//! Every `##` heading there is one behaviour, shown by fenced blocks of `key: value` lines:
//!
//! | key | is |
//! |---|---|
//! | `task` | its name; `ner` if there is none |
//! | `mode` | `fixed` (as without it) or `reference` |
//! | `prefix` | what comes before every source |
//! | `schema` | the name of a preset, or JSON; `conll03` if there is none |
//! | `example` | the example as JSON |
//! | `tokens` | instead of it: the tokens, separated by spaces |
//! | `entities` | and gold entities, `LABEL START END` separated by `;` |
//! | `source`, `target` | what encoding gives |
//! | `dropped` | indices of entities that the target cannot show |
//! | `output` | what is decoded; the target if there is none |
//! | `spans` | the entities found; the gold ones if there is none |
//! | `found` | instead: facts (`tests/it/support/facts.rs`) separated by `;`; the gold ones if there is none |
//! | `repairs` | `AT KIND DETAIL` separated by `;`; none if there is none |
//! | `flags` | which of the four error flags are set; none if there is none |
//! | `score` | the headline score, to four digits |

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use fishdip_tasks::{Decoded, Entity, Example, Mode, Schema, Task, TaskKind};

use crate::support::facts;

const KEYS: [&str; 16] = [
    "task", "mode", "prefix", "schema", "example", "tokens", "entities", "source", "target", "dropped",
    "output", "spans", "found", "repairs", "flags", "score",
];

type Block<'a> = BTreeMap<&'a str, &'a str>;

/// The blocks of a file, each with its heading.
fn blocks<'a>(text: &'a str, file: &str) -> Vec<(String, Block<'a>)> {
    let (mut heading, mut blocks, mut open) = ("", Vec::new(), None::<Block<'a>>);
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            open = match open.take() {
                None => Some(Block::new()),
                Some(block) => {
                    blocks.push((format!("{file}: {heading}"), block));
                    None
                }
            };
        } else if let Some(block) = &mut open {
            let (key, value) =
                line.split_once(':').unwrap_or_else(|| panic!("{file}:{}: no key", number + 1));
            assert!(KEYS.contains(&key), "{file}:{}: unknown key {key}", number + 1);
            block.insert(key, value.trim());
        } else if let Some(title) = line.strip_prefix("## ") {
            heading = title;
        }
    }
    blocks
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|item| !item.is_empty())
}

fn entities(text: &str) -> Vec<Entity> {
    let entity = |item: &str| {
        let fields: Vec<_> = item.split(' ').collect();
        Entity::new(fields[0], fields[1].parse().unwrap(), fields[2].parse().unwrap())
    };
    list(text).map(entity).collect()
}

fn repairs(decoded: &Decoded) -> Vec<String> {
    let repair = |repair: &fishdip_tasks::Repair| {
        let kind = serde_json::to_value(repair.kind).unwrap();
        format!("{} {} {}", repair.at, kind.as_str().unwrap(), repair.detail)
    };
    decoded.repairs.iter().map(repair).collect()
}

fn flags(decoded: &Decoded) -> String {
    let mut flags = String::new();
    for (name, set) in [
        ("wrong_reconstruction", decoded.wrong_reconstruction),
        ("format_error", decoded.format_error),
        ("label_error", decoded.label_error),
        ("entity_error", decoded.entity_error),
    ] {
        if set {
            write!(flags, "{name} ").unwrap();
        }
    }
    flags.trim_end().to_owned()
}

fn schema(text: &str) -> Schema {
    let json = || serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    Schema::preset(text).unwrap_or_else(json)
}

fn task(block: &Block<'_>) -> Task {
    let kind: TaskKind = block.get("task").unwrap_or(&"ner").parse().unwrap();
    let mode = match block.get("mode") {
        Some(&"reference") => Mode::Reference,
        Some(&"fixed") | None => Mode::Fixed,
        Some(other) => panic!("unknown mode {other}"),
    };
    let task = Task::new(kind, schema(block.get("schema").unwrap_or(&"conll03")), mode);
    match block.get("prefix") {
        Some(prefix) => task.with_prefix(prefix),
        None => task,
    }
}

fn example(block: &Block<'_>) -> Example {
    if let Some(json) = block.get("example") {
        return serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    }
    let mut example = Example::new(block["tokens"].split(' '));
    example.entities = entities(block.get("entities").unwrap_or(&""));
    example
}

fn run(name: &str, block: &Block<'_>) {
    let (task, example) = (task(block), example(block));
    let encoded = task.encode(&example).unwrap_or_else(|error| panic!("{name}: {error}"));
    if let Some(source) = block.get("source") {
        assert_eq!(encoded.source, *source, "{name}: source");
    }
    if let Some(target) = block.get("target") {
        assert_eq!(encoded.target, *target, "{name}: target");
    }
    let dropped: Vec<usize> = list(block.get("dropped").unwrap_or(&"")).map(|i| i.parse().unwrap()).collect();
    assert_eq!(encoded.dropped, dropped, "{name}: dropped");

    let decoded = task.decode(&example, block.get("output").unwrap_or(&encoded.target.as_str()));
    let mut expected: Vec<String> = match (block.get("spans"), block.get("found")) {
        (Some(text), _) => list(text).map(|span| format!("entity {span}")).collect(),
        (None, Some(text)) => list(text).map(str::to_owned).collect(),
        (None, None) => facts::gold(task.kind(), &example, &[]),
    };
    expected.sort();
    assert_eq!(facts::found(task.kind(), &decoded), expected, "{name}: found");
    assert_eq!(
        repairs(&decoded),
        list(block.get("repairs").unwrap_or(&"")).collect::<Vec<_>>(),
        "{name}: repairs"
    );
    assert_eq!(flags(&decoded), *block.get("flags").unwrap_or(&""), "{name}: flags");
    if let Some(score) = block.get("score") {
        let headline = task.score([(&example, &decoded)]).headline();
        assert_eq!(format!("{headline:.4}"), *score, "{name}: score");
    }
}

#[test]
fn fixtures_hold() {
    let folder = Path::new("../../fixtures/encoding");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let blocks = blocks(&text, &file.file_name().unwrap().to_string_lossy());
        assert!(!blocks.is_empty(), "{}: no block", file.display());
        for (name, block) in blocks {
            run(&name, &block);
        }
    }
}
