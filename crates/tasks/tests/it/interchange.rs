//! What `encode` writes and `decode` says, line by line.

use std::path::Path;

use fishdip_tasks::{Mode, Schema, Task, TaskKind, interchange};

fn schema() -> Schema {
    let toml = "[entities]\nPeop = \"person\"\nLoc = \"location\"\n[relations]\nLive_In = \"lives in\"\n";
    toml::from_str(toml).unwrap()
}

fn encode(task: &Task, input: &str) -> Result<String, String> {
    let mut output = Vec::new();
    let written = interchange::encode(task, input.as_bytes(), Path::new("in.jsonl"), &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    written.first.map_or(Ok(output), Err)
}

fn decode(task: &Task, input: &str, score: bool) -> Result<String, String> {
    let mut output = Vec::new();
    let written =
        interchange::decode(task, input.as_bytes(), Path::new("in.jsonl"), score, &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    written.first.map_or(Ok(output), Err)
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

/// The lines as JSON.
fn lines(output: Vec<u8>) -> Vec<serde_json::Value> {
    let output = String::from_utf8(output).unwrap();
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_bad_line_costs_itself_alone() {
    let task = Task::ner(schema(), Mode::Fixed);
    let good =
        r#"{"tokens":["Ann"],"entities":[{"type":"Peop","start":0,"end":1}],"output":"[ Ann | person ]"}"#;
    let bad = [
        "{nonsense",
        r#"{"tokens":["a"],"entities":[{"type":"Peop","start":0,"end":2}],"output":"a"}"#,
        r#"{"tokens":["a"],"entities":[{"type":"Peop","start":"x","end":1}],"output":"a"}"#,
    ];
    let input = format!("{good}\n\n{}\n{}\n{}\n{good}\n", bad[0], bad[1], bad[2]);
    let name = Path::new("in.jsonl");

    let mut output = Vec::new();
    let written = interchange::encode(&task, input.as_bytes(), name, &mut output).unwrap();
    let encoded = lines(output);
    assert_eq!((written.lines, written.bad, encoded.len()), (5, 3, 5));
    assert!(encoded[0]["target"] == "[ Ann | person ]" && encoded[4]["target"] == encoded[0]["target"]);

    let mut output = Vec::new();
    let with_answer = format!("{input}{{\"tokens\":[\"a\"]}}\n");
    let written = interchange::decode(&task, with_answer.as_bytes(), name, true, &mut output).unwrap();
    let decoded = lines(output);
    assert_eq!((written.lines, written.bad, decoded.len()), (6, 4, 7));
    assert_eq!((&decoded[4]["entities"][0]["type"], &decoded[4]["id"]), (&"Peop".into(), &"4".into()));
    assert_eq!(decoded[6]["score"]["f1"], 1.0, "{}", decoded[6]);

    for (at, line) in [(1, 3), (2, 4), (3, 5)] {
        for found in [&encoded[at], &decoded[at]] {
            let error = found["error"].as_str().unwrap();
            assert!(found["line"] == line && error.contains(&format!("in.jsonl:{line}")), "{found}");
        }
    }
    assert!(decoded[5]["line"] == 7 && written.first.unwrap().contains("in.jsonl:3"));
}

#[test]
fn a_label_that_is_not_known_costs_its_line_alone() {
    let task = Task::ner(schema(), Mode::Fixed);
    let input = "{\"tokens\":[\"a\"],\"entities\":[{\"type\":\"Who\",\"start\":0,\"end\":1}]}\n{\"tokens\":[\"b\"]}\n";
    let mut output = Vec::new();
    let written = interchange::encode(&task, input.as_bytes(), Path::new("in.jsonl"), &mut output).unwrap();
    let found = lines(output);
    assert_eq!((written.bad, &found[0]["line"], &found[1]["source"]), (1, &1.into(), &"b".into()));
}

/// As raw text is read: hyphens part words.
#[test]
fn a_text_without_tokens_is_cut_into_words() {
    let task = Task::ner(Schema::open(), Mode::Fixed);
    let line =
        r#"{"text":"10mg of aspirin-based x","output":"[ 10 mg | dose ] of [ aspirin | drug ] - based x"}"#;
    let found: serde_json::Value = serde_json::from_str(&decode(&task, line, false).unwrap()).unwrap();
    let places: Vec<_> =
        found["entities"].as_array().unwrap().iter().map(|e| (&e["start"], &e["end"])).collect();
    assert_eq!(places, [(&0.into(), &2.into()), (&3.into(), &4.into())]);
    assert!(
        found["repairs"].as_array().unwrap().is_empty() && found["wrong_reconstruction"] == false,
        "{found}"
    );
    let line = r#"{"id": "t", "text":"10mg of aspirin"}"#;
    insta::assert_snapshot!(encode(&task, line).unwrap(), @r#"{"id":"t","source":"10 mg of aspirin","target":"10 mg of aspirin"}"#);
}

#[test]
fn what_has_no_gold_is_not_scored_unseen() {
    let task = Task::new(TaskKind::TextClassification, Schema::open(), Mode::Fixed);
    let line = "{\"id\":\"x\",\"text\":\"a b\",\"output\":\"I\"}\n";
    assert!(decode(&task, line, false).is_ok());
    let message = decode(&task, line, true).unwrap_err();
    assert!(message.contains("in.jsonl:1, example x"), "{message}");
    assert!(message.contains("add the field \"label\""), "{message}");
}
