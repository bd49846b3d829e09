//! What `encode` writes and `decode` says, line by line.

use std::path::Path;

use fishdip_tasks::interchange::{self, Asked, DecodeOptions};
use fishdip_tasks::prompts::{Prompts, ShotChoice};
use fishdip_tasks::{Entity, Example, Mode, Schema, Task, TaskKind};

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

fn scored(score: bool) -> DecodeOptions<'static> {
    DecodeOptions { score, asked: None }
}

fn decode(task: &Task, input: &str, score: bool) -> Result<String, String> {
    let mut output = Vec::new();
    let written =
        interchange::decode(task, input.as_bytes(), Path::new("in.jsonl"), scored(score), &mut output)
            .unwrap();
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
    let written =
        interchange::decode(&task, with_answer.as_bytes(), name, scored(true), &mut output).unwrap();
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

/// Prompts for two sentences, as lines of JSON.
fn prompts(task: &Task) -> Vec<serde_json::Value> {
    let example = |id: &str, text: &str| {
        let mut example = Example::new(text.split(' '));
        (example.id, example.entities) = (id.to_owned(), vec![Entity::new("Peop", 0, 1)]);
        example
    };
    let prompts = Prompts::new(task, &[example("t", "Ann left")], 1, ShotChoice::Nearest).unwrap();
    let mut output = Vec::new();
    prompts.write(&[example("a", "Eva came"), example("b", "Tom slept")], &mut output).unwrap();
    lines(output)
}

#[test]
fn a_prompt_with_its_answer_is_scored() {
    let task = Task::ner(schema(), Mode::Fixed);
    let mut asked = prompts(&task);
    asked[0]["output"] = "[ Eva | person ] came".into();
    let answer = serde_json::json!({ "role": "assistant", "content": "Tom slept" });
    asked[1]["messages"].as_array_mut().unwrap().push(answer);
    let input = format!("{}\n{}\n", asked[0], asked[1]);
    let mut output = Vec::new();
    let name = Path::new("in.jsonl");
    let written = interchange::decode(&task, input.as_bytes(), name, scored(true), &mut output).unwrap();
    let found = lines(output);
    assert_eq!((written.bad, &found[0]["id"], &found[1]["id"]), (0, &"a".into(), &"b".into()));
    // One of two entities is found, and nothing else.
    assert_eq!((&found[2]["score"]["precision"], &found[2]["score"]["recall"]), (&1.0.into(), &0.5.into()));

    let twice = format!("{input}{}\n", asked[0]);
    let mut output = Vec::new();
    let written = interchange::decode(&task, twice.as_bytes(), name, scored(true), &mut output).unwrap();
    let message = written.first.unwrap();
    assert!(message.contains("in.jsonl:3, example a: an output of this id was there before"), "{message}");
    assert_eq!(lines(output)[3]["score"]["recall"], 0.5);
}

#[test]
fn outputs_alone_are_joined_to_their_prompts() {
    let task = Task::ner(schema(), Mode::Fixed);
    let asked = prompts(&task);
    let file = format!("{}\n{}\n", asked[0], asked[1]);
    let known = Asked::read(file.as_bytes(), Path::new("prompts.jsonl")).unwrap();
    let options = DecodeOptions { score: true, asked: Some(&known) };
    let input = concat!(
        "{\"id\": \"a\", \"output\": \"[ Eva | person ] came\"}\n",
        "{\"id\": \"c\", \"output\": \"x\"}\n",
        "{\"id\": \"a\", \"output\": \"x\"}\n",
        "{\"output\": \"x\"}\n",
    );
    let mut output = Vec::new();
    let name = Path::new("in.jsonl");
    let written = interchange::decode(&task, input.as_bytes(), name, options, &mut output).unwrap();
    let found = lines(output);
    // Of `b` there is no answer, unless one of two lines was to be it: these are counted, and `b` is not counted again.
    assert_eq!((written.lines, written.bad, found.len()), (4, 3, 6));
    assert_eq!(found[0]["entities"][0]["type"], "Peop");
    for (at, says) in [
        (1, "in.jsonl:2, example c: no prompt has the id \"c\""),
        (2, "in.jsonl:3, example a: an output of this id was there before"),
        (3, "in.jsonl:4: it has no \"id\" by which its prompt could be found"),
        (4, "in.jsonl has no output for \"b\""),
    ] {
        assert!(found[at]["error"].as_str().unwrap().contains(says), "{}", found[at]);
    }
    assert_eq!((&found[4]["id"], &found[5]["score"]["f1"]), (&"b".into(), &1.0.into()));
    assert_eq!(found[5]["left_out"], 1, "of two that were asked for, one is scored");

    // A gold label that the schema has not is missed, as where a trained model is scored: what was asked of it is one of two right answers.
    let unknown = concat!(
        "{\"id\": \"a\", \"tokens\": [\"Eva\", \"came\"], \"entities\": [{\"type\": \"Peop\", \"start\": 0, \"end\": 1}]}\n",
        "{\"id\": \"b\", \"tokens\": [\"May\", \"came\"], \"entities\": [{\"type\": \"Month\", \"start\": 0, \"end\": 1}]}\n",
    );
    let known = Asked::read(unknown.as_bytes(), Path::new("prompts.jsonl")).unwrap();
    let options = DecodeOptions { score: true, asked: Some(&known) };
    let answers = concat!(
        "{\"id\": \"a\", \"output\": \"[ Eva | person ] came\"}\n",
        "{\"id\": \"b\", \"output\": \"May came\"}\n",
    );
    let mut output = Vec::new();
    let written = interchange::decode(&task, answers.as_bytes(), name, options, &mut output).unwrap();
    let score = &lines(output)[2];
    assert_eq!((written.bad, score.get("left_out")), (0, None), "{score}");
    assert_eq!(
        (&score["score"]["precision"], &score["score"]["recall"]),
        (&1.0.into(), &0.5.into()),
        "{score}"
    );

    // Without the prompts there is nothing to score by.
    let message = decode(&task, input, false).unwrap_err();
    assert!(message.contains("in.jsonl:1, example a: no example stands beside the output"), "{message}");
    let message = Asked::read(format!("{file}{file}").as_bytes(), Path::new("p.jsonl")).unwrap_err();
    assert!(message.to_string().contains("p.jsonl:3, example a"), "{message}");
    let message = Asked::read("{\"tokens\": [\"a\"]}".as_bytes(), Path::new("p.jsonl")).unwrap_err();
    assert!(message.to_string().contains("it has no \"id\""), "{message}");
}

#[test]
fn what_is_asked_for_and_not_answered_is_counted_once() {
    let task = Task::ner(schema(), Mode::Fixed);
    let asked = prompts(&task);
    let file = format!("{}\n{}\n", asked[0], asked[1]);
    let known = Asked::read(file.as_bytes(), Path::new("prompts.jsonl")).unwrap();
    let options = DecodeOptions { score: true, asked: Some(&known) };
    let good = "{\"id\": \"a\", \"output\": \"[ Eva | person ] came\"}\n";
    for (input, lines_and_bad, told) in [
        // A line that cannot be read, which was to be that of `b`.
        (format!("{good}{{\"id\": \"b\", \n"), (2, 1), 2),
        (format!("{good}{{\"output\": \"x\"}}\n"), (2, 1), 2),
        (good.to_owned(), (2, 1), 1),
        // Two bad lines, and two prompts without an answer.
        ("{\n{\"id\": \"c\", \"output\": \"x\"}\n".to_owned(), (2, 2), 4),
        // One bad line, and two prompts without an answer.
        ("{\n".to_owned(), (2, 2), 3),
        (String::new(), (2, 2), 2),
    ] {
        let mut output = Vec::new();
        let written =
            interchange::decode(&task, input.as_bytes(), Path::new("in.jsonl"), options, &mut output)
                .unwrap();
        let found = lines(output);
        assert_eq!((written.lines, written.bad), lines_and_bad, "{input}: {found:?}");
        let errors = found.iter().filter(|line| line["error"].is_string()).count();
        assert_eq!(errors, told, "{input}: {found:?}");
        assert_eq!(found[found.len() - 1]["left_out"], lines_and_bad.1, "{input}: {found:?}");
    }
}

#[test]
fn labels_that_no_example_has_are_told_beside_a_score() {
    let lines = concat!(
        "{\"id\": \"a\", \"tokens\": [\"Eva\", \"came\"], \"entities\": [{\"type\": \"PER\", \"start\": 0, \"end\": 1}], \"output\": \"[ Eva | person ] came\"}\n",
        "{\"id\": \"b\", \"tokens\": [\"Ann\"], \"entities\": [{\"type\": \"PER\", \"start\": 0, \"end\": 1}], \"output\": \"[ Ann | PER ]\"}\n",
    );
    let foreign = |schema: Schema, score: bool| {
        let options = DecodeOptions { score, asked: None };
        let task = Task::ner(schema, Mode::Fixed);
        let written =
            interchange::decode(&task, lines.as_bytes(), Path::new("in.jsonl"), options, &mut Vec::new());
        written.unwrap().foreign.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(foreign(Schema::open(), true), ["person"]);
    assert!(foreign(Schema::open(), false).is_empty());
    let named = Schema::new([("PER", "person")], [] as [(&str, &str); 0]).unwrap();
    assert!(foreign(named, true).is_empty());
}
