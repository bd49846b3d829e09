//! What `encode` writes and `decode` says, line by line.

use std::path::Path;

use fishdip_tasks::{Mode, Schema, Task, TaskKind, interchange};

fn schema() -> Schema {
    let toml = "[entities]\nPeop = \"person\"\nLoc = \"location\"\n[relations]\nLive_In = \"lives in\"\n";
    toml::from_str(toml).unwrap()
}

fn encode(task: &Task, input: &str) -> Result<String, String> {
    let mut output = Vec::new();
    let done = interchange::encode(task, input.as_bytes(), Path::new("in.jsonl"), &mut output);
    done.map_err(|error| error.to_string())?;
    Ok(String::from_utf8(output).unwrap())
}

fn decode(task: &Task, input: &str, score: bool) -> Result<String, String> {
    let mut output = Vec::new();
    let done = interchange::decode(task, input.as_bytes(), Path::new("in.jsonl"), score, &mut output);
    done.map_err(|error| error.to_string())?;
    Ok(String::from_utf8(output).unwrap())
}

const EXAMPLE: &str = r#"{"id":7,"tokens":["Tolkien","lived","here"],"entities":[{"type":"Peop","start":0,"end":1},{"type":"Loc","start":2,"end":3}],"relations":[{"type":"Live_In","head":0,"tail":1}]"#;

#[test]
fn an_example_becomes_texts() {
    let task = Task::joint_er(schema(), Mode::Fixed);
    insta::assert_snapshot!(encode(&task, &format!("{EXAMPLE}}}\n\n")).unwrap(), @r#"{"id":"7","source":"Tolkien lived here","target":"[ Tolkien | person | lives in = here ] lived [ here | location ]"}"#);
}

#[test]
fn an_output_becomes_spans_repairs_and_a_score() {
    let task = Task::joint_er(schema(), Mode::Fixed);
    let output = "[ Tolkien | person | lives in = here ] lived [ here | place ]";
    let line = format!("{EXAMPLE},\"output\":{output:?}}}\n");
    insta::assert_snapshot!(decode(&task, &line, true).unwrap());
}

#[test]
fn every_task_has_a_line() {
    let lines = [
        (TaskKind::Ner, r#"{"tokens":["a"],"entities":[{"type":"X","start":0,"end":1}]}"#),
        (TaskKind::Slots, r#"{"tokens":["a"],"intent":"I","slots":[{"type":"X","start":0,"end":1}]}"#),
        (
            TaskKind::Srl,
            r#"{"tokens":["a","b"],"predicate":{"start":1,"end":2},"roles":[{"type":"X","start":0,"end":1}]}"#,
        ),
        (TaskKind::Coref, r#"{"tokens":["a","b"],"clusters":[[{"start":0,"end":1},{"start":1,"end":2}]]}"#),
        (TaskKind::EventTriggers, r#"{"tokens":["a"],"triggers":[{"type":"T","start":0,"end":1}]}"#),
        (TaskKind::TextClassification, r#"{"text":"a b","label":"I"}"#),
        (
            TaskKind::RelationClassification,
            r#"{"tokens":["a","b"],"head":{"start":0,"end":1},"tail":{"start":1,"end":2},"relation":"R"}"#,
        ),
    ];
    let toml = "[entities]\nX = \"thing\"\n[relations]\nR = \"is a\"\n[classes]\nI = \"intent\"\n[triggers]\nT = \"event\"\n";
    let mut all = String::new();
    for (kind, line) in lines {
        let task = Task::new(kind, toml::from_str(toml).unwrap(), Mode::Fixed);
        all.push_str(&encode(&task, line).unwrap_or_else(|error| format!("{error}\n")));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn wrong_lines_are_placed() {
    let task = Task::ner(schema(), Mode::Fixed);
    for (input, expected) in [
        ("{\"tokens\":[\"a\"]}\n{nonsense\n", "in.jsonl:2"),
        ("{\"tokens\":[\"a\"],\"entities\":[{\"type\":\"Peop\",\"start\":0,\"end\":2}]}", "in.jsonl:1"),
        ("{\"tokens\":[\"a\"],\"entities\":[{\"type\":\"Who\",\"start\":0,\"end\":1}]}", "Who"),
        ("{\"tokens\":7}", "in.jsonl:1"),
    ] {
        let message = encode(&task, input).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
    let message = decode(&task, "{\"tokens\":[\"a\"]}", false).unwrap_err();
    assert!(message.contains("in.jsonl:1") && message.contains("output"), "{message}");
}
