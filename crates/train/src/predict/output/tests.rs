#![allow(clippy::unwrap_used)]

use fishdip_tasks::read::RawFields;
use fishdip_tasks::{Decoded, Example, FoundEntity, FoundRelation, Mode, Schema, Task};
use serde_json::{Map, Value, json};

use super::super::{Input, Thresholds};
use super::*;
use crate::Prediction;

fn schema() -> Schema {
    Schema::new([("PER", "person"), ("LOC", "location")], [("in", "lives in")]).unwrap()
}

/// "Ann left Rome." with `fields` of its input, in which Ann is found with 0.9 and Rome with 0.6.
fn answer(task: &Task, fields: &Value) -> Answer {
    let mut example = Example::new(["Ann", "left", "Rome", "."]);
    example.text = Some("Ann left Rome.".to_owned());
    let (text, chars) = example.chars();
    let fields = RawFields::of(fields).unwrap();
    let found = |label: &str, start, end| FoundEntity { label: label.to_owned(), start, end, markup: 0..0 };
    let mut decoded = Decoded::default();
    decoded.entities = vec![found("PER", 0, 1), found("LOC", 2, 3)];
    if task.kind() == TaskKind::JointEr {
        let (head, tail) = (decoded.entities[0].clone(), decoded.entities[1].clone());
        decoded.relations = vec![FoundRelation { label: "in".to_owned(), head, tail }];
    }
    let prediction = Prediction {
        decoded,
        scores: vec![0.9, 0.6],
        links: Vec::new(),
        probability: 0.5,
        log_probability: -0.7,
        pieces: 4,
    };
    Input { text, example, chars, fields }.answer(task, &prediction, &Thresholds::from(0.0))
}

fn ner() -> Task {
    Task::ner(schema(), Mode::Fixed)
}

/// What `output` writes for an answer and for what is none.
fn written(mut output: impl Output, answers: &[Answer], has_place: bool) {
    for answer in answers {
        assert_eq!(output.answer(answer).unwrap(), None);
    }
    let refusal = Refusal { line: Some(7), error: "no JSON".to_owned() };
    assert_eq!(output.refusal(&refusal).unwrap(), has_place);
    output.finish().unwrap();
}

#[test]
fn columns_have_comments_with_fields_and_errors() {
    let mut out = Vec::new();
    let one = answer(&ner(), &json!({ "id": 5, "text": "Ann left Rome.", "meta": { "page": 3 } }));
    written(conll::Sentences(&mut out), &[one], true);
    let expected = "# id = 5\n# meta = {\"page\":3}\n# text = Ann left Rome.\nAnn B-PER\nleft O\nRome B-LOC\n. O\n\n\
                    # line = 7\n# error = no JSON\n\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn tables_have_a_row_a_span_with_the_fields() {
    let mut out = Vec::new();
    let one = answer(&ner(), &json!({ "id": "a", "page": 3, "score": "mine" }));
    written(csv::Table::new(&mut out, TaskKind::Ner), &[one], true);
    let expected = "text,start,end,label,span,score,page,id,line,error\n\
                    Ann left Rome.,0,3,PER,Ann,0.9,3,a,,\n\
                    Ann left Rome.,9,13,LOC,Rome,0.6,3,a,,\n\
                    ,,,,,,,,7,no JSON\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn cells_that_spreadsheets_would_run_are_told_and_kept() {
    for (note, is_told) in [
        ("=1+1", true),
        ("+CALL", true),
        ("- Ann", true),
        ("@SUM(A1)", true),
        ("\t=1", true),
        ("-0.5", false),
        ("+41", false),
        ("1+1=2", false),
        ("", false),
    ] {
        let mut out = Vec::new();
        let mut table = csv::Table::new(&mut out, TaskKind::Ner);
        let told = table.answer(&answer(&ner(), &json!({ "id": 1, "note": note }))).unwrap();
        assert_eq!(told, is_told.then_some(Unshown::Formula), "{note:?}");
        table.finish().unwrap();
        assert!(String::from_utf8(out).unwrap().contains(note), "{note:?} is as it was");
    }
}

#[test]
fn tasks_of_label_studio_go_back_as_they_came() {
    let task = json!({
        "id": 9, "data": { "body": "Ann left Rome.", "page": 3 }, "meta": null,
        "annotations": [{ "result": [
            { "from_name": "ner", "to_name": "body", "type": "labels", "value": { "start": 0, "end": 3, "labels": ["PER"] } }
        ] }]
    });
    let mut out = Vec::new();
    let joint = Task::joint_er(schema(), Mode::Fixed);
    let other = answer(&joint, &json!({ "id": 1, "text": "Ann left Rome.", "page": 4 }));
    let answers = [answer(&joint, &task), other];
    written(label_studio::Tasks::new(&mut out, "m".to_owned(), None), &answers, false);
    let found: Value = serde_json::from_slice(&out).unwrap();
    let prediction = &found[0]["predictions"][0];
    assert_eq!((&prediction["model_version"], &prediction["score"]), (&json!("m"), &json!(0.5)));
    assert_eq!(prediction["result"][1]["from_name"], "ner");
    assert_eq!(
        prediction["result"][1]["value"],
        json!({ "start": 9, "end": 13, "text": "Rome", "labels": ["LOC"] })
    );
    assert_eq!(
        (&prediction["result"][2]["from_id"], &prediction["result"][2]["to_id"]),
        (&json!("0"), &json!("1"))
    );
    let mut rest = found[0].as_object().unwrap().clone();
    rest.remove("predictions");
    assert_eq!(Value::Object(rest), task);
    assert_eq!(found[1]["data"], json!({ "id": 1, "text": "Ann left Rome.", "page": 4 }));
    let mut empty = Vec::new();
    written(label_studio::Tasks::new(&mut empty, "m".to_owned(), None), &[], false);
    assert_eq!(serde_json::from_slice::<Value>(&empty).unwrap(), json!([]));
}

#[test]
fn which_of_several_controls_is_taken_is_told_unless_it_is_asked_for() {
    let region = |from: &str| {
        json!({ "from_name": from, "to_name": "t", "type": "labels",
        "value": { "start": 0, "end": 3, "labels": ["PER"] } })
    };
    let task = |regions: Vec<Value>| {
        answer(
            &ner(),
            &json!({ "data": { "text": "Ann left Rome." }, "annotations": [{ "result": regions }] }),
        )
    };
    let two = task(vec![region("a"), region("b")]);
    for (answer, asked, told, taken) in [
        (&two, None, Some(Unshown::Controls), "a"),
        (&two, Some("b"), None, "b"),
        (&two, Some("c"), Some(Unshown::Controls), "a"),
        (&task(vec![region("a")]), None, None, "a"),
    ] {
        let mut out = Vec::new();
        let mut tasks = label_studio::Tasks::new(&mut out, "m".to_owned(), asked.map(str::to_owned));
        assert_eq!(tasks.answer(answer).unwrap(), told, "{asked:?}");
        tasks.finish().unwrap();
        let found: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(found[0]["predictions"][0]["result"][0]["from_name"], taken, "{asked:?}");
    }
}

#[test]
fn documents_of_brat_appear_in_the_end_with_names_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("found");
    let joint = Task::joint_er(schema(), Mode::Fixed);
    let with = |fields: Value| answer(&joint, &fields);
    let answers = [
        with(json!({ "id": "a", "page": 3, "text": "x" })),
        with(json!({ "id": "A" })),
        with(json!({ "id": "../b" })),
        with(Value::Object(Map::new())),
    ];
    let documents = brat::Documents::new(&out, &joint).unwrap();
    assert!(!out.exists());
    written(documents, &answers, false);
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    assert_eq!(read("a.txt"), "Ann left Rome.");
    assert_eq!(
        read("a.ann"),
        "T1\tPER 0 3\tAnn\nT2\tLOC 9 13\tRome\nR1\tin Arg1:T1 Arg2:T2\n#1\tAnnotatorNotes T1\tscore 0.9\n#2\tAnnotatorNotes T2\tscore 0.6\n"
    );
    let fields: Vec<Value> =
        read("fields.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(fields[0], json!({ "file": "a", "id": "a", "page": 3 }));
    let names: Vec<&str> = fields.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "text-2", "text-3", "text-4"]);
    assert!(matches!(brat::Documents::new(&out, &joint), Err(Error::OutExists { .. })));
    let odd = Task::ner(Schema::new([("a b", "x")], []).unwrap(), Mode::Fixed);
    assert!(matches!(brat::Documents::new(&folder.path().join("odd"), &odd), Err(Error::Data(_))));
}

#[test]
fn what_a_format_cannot_show_is_refused_with_a_reason_and_those_that_can() {
    let brat = OutputFormat::Brat("x".into());
    let cases = [
        (&OutputFormat::Csv, TaskKind::Coref, "which of them mean the same thing", "(jsonl)"),
        (&OutputFormat::Conll, TaskKind::JointEr, "relations between them", "(jsonl, label-studio, brat)"),
        (&OutputFormat::Conll, TaskKind::TextClassification, "finds none", "(jsonl, label-studio, csv)"),
        (&brat, TaskKind::Slots, "intent", "(jsonl, conll, label-studio, csv)"),
        (&OutputFormat::LabelStudio, TaskKind::Srl, "one predicate", "(jsonl)"),
    ];
    for (format, kind, reason, able) in cases {
        let message = format.check_for(kind).unwrap_err().to_string();
        assert!(message.contains(reason) && message.ends_with(able), "{message}");
    }
    for kind in TaskKind::ALL {
        assert!(OutputFormat::Jsonl.check_for(kind).is_ok());
    }
    for format in [&OutputFormat::Conll, &OutputFormat::LabelStudio, &brat, &OutputFormat::Csv] {
        assert!(format.check_for(TaskKind::Ner).is_ok());
    }
}
