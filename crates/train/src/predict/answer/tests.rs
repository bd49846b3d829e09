#![allow(clippy::unwrap_used)]

use super::*;
use fishdip_tasks::{
    Decoded, Example, FoundArgument, FoundRelation, Link as Reference, Mode, Origin, Schema,
};
use serde_json::json;

/// A text of one word in two letters each: `aa bb cc dd`.
fn input() -> Input {
    let mut example = Example::new(["aa", "bb", "cc", "dd"]);
    example.origin = Some(Origin::new("f", 1));
    let (text, chars) = example.chars();
    Input { text, example, chars, fields: RawFields::default() }
}

fn found(label: &str, start: usize, end: usize) -> FoundEntity {
    FoundEntity { label: label.to_owned(), start, end, markup: 0..0 }
}

fn prediction(decoded: Decoded, scores: Vec<f64>, links: Vec<f64>) -> Prediction {
    Prediction {
        decoded,
        scores,
        links,
        probability: 0.123_456,
        log_probability: 0.123_456_f64.ln(),
        pieces: 8,
    }
}

fn value(answer: &Answer) -> Value {
    serde_json::from_str(&answer.line().unwrap().to_string()).unwrap()
}

fn json(task: &Task, prediction: &Prediction, threshold: f64) -> Value {
    value(&input().answer(task, prediction, &threshold.into()))
}

#[test]
fn relations_go_with_their_spans() {
    let task = Task::joint_er(Schema::open(), Mode::Fixed);
    let mut decoded = Decoded::default();
    decoded.entities = vec![found("A", 0, 1), found("B", 1, 2), found("A", 2, 3)];
    let relation = |head: usize, tail: usize| FoundRelation {
        label: "r".to_owned(),
        head: decoded.entities[head].clone(),
        tail: decoded.entities[tail].clone(),
    };
    decoded.relations = vec![relation(0, 1), relation(0, 2), relation(1, 2)];
    let prediction = prediction(decoded, vec![0.9, 0.899_96, 0.2], Vec::new());

    let ends = |threshold: f64| {
        let line = json(&task, &prediction, threshold);
        let spans: Vec<String> =
            line["spans"].as_array().unwrap().iter().map(|span| span["text"].to_string()).collect();
        for relation in line["relations"].as_array().unwrap() {
            for end in ["head", "tail"] {
                assert!(spans.contains(&relation[end]["text"].to_string()), "{line}");
            }
        }
        (spans.len(), line["relations"].as_array().unwrap().len())
    };
    assert_eq!(ends(0.0), (3, 3));
    // What is shown as 0.9 counts as 0.9.
    assert_eq!(ends(0.9), (2, 1));
    assert_eq!(ends(0.95), (0, 0));
    assert_eq!(json(&task, &prediction, 0.0)["score"], 0.1235);
}

#[test]
fn arguments_go_with_what_takes_part_and_never_with_the_given_trigger() {
    let task = Task::new(TaskKind::EventArguments, Schema::open(), Mode::Fixed);
    let mut decoded = Decoded::default();
    decoded.entities = vec![found("A", 0, 1), found("A", 1, 2)];
    let argument = |entity: usize| FoundArgument {
        label: "r".to_owned(),
        entity: decoded.entities[entity].clone(),
        trigger: found("Event", 3, 4),
    };
    decoded.arguments = vec![argument(0), argument(1)];
    let line = json(&task, &prediction(decoded, vec![0.9, 0.1], Vec::new()), 0.5);
    let expected = json!([{
        "label": "r", "head": { "start": 0, "end": 2, "text": "aa" }, "tail": { "start": 9, "end": 11, "text": "dd" }
    }]);
    assert_eq!(line["relations"], expected);
}

#[test]
fn chains_lose_the_mentions_that_are_cut() {
    let task = Task::coref(Mode::Fixed);
    let mention = |token: usize| TokenSpan::new(token, token + 1);
    let link = |token: usize, earlier: Option<usize>| Reference {
        mention: mention(token),
        antecedent: earlier.map(mention),
        markup: 0..0,
    };
    let mut decoded = Decoded::default();
    decoded.links = vec![link(0, None), link(1, Some(0)), link(2, Some(1)), link(3, Some(0))];
    decoded.clusters = task.clusters(&decoded.links);
    let prediction = prediction(decoded, Vec::new(), vec![0.9, 0.2, 0.8, 0.7]);
    let tokens = |threshold: f64| {
        let line = json(&task, &prediction, threshold);
        let clusters = line["clusters"].as_array().cloned().unwrap_or_default();
        clusters
            .iter()
            .map(|cluster| {
                let mentions = cluster.as_array().unwrap().iter();
                mentions.map(|mention| mention["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(tokens(0.0), [["aa", "bb", "cc", "dd"]]);
    // The second is cut, and with it the third, which refers to it.
    assert_eq!(tokens(0.5), [["aa", "dd"]]);
    assert!(tokens(0.95).is_empty());
    assert_eq!(json(&task, &prediction, 0.5)["clusters"][0][1]["score"], 0.7);
}

#[test]
fn fields_are_kept_but_for_those_of_the_output() {
    let task = Task::ner(Schema::open(), Mode::Fixed);
    let mut input = input();
    let fields = json!({ "id": 7, "text": "old", "spans": [1], "score": "x", "label": "kept", "meta": { "a": [1.25] },
        "error": "ours?", "line": 3 });
    input.fields = RawFields::of(&fields).unwrap();
    assert_eq!(input.replaced(TaskKind::Ner, &[]), ["text", "score", "spans", "error", "line"]);
    let columns = ["text", "start", "label"];
    assert_eq!(input.replaced(TaskKind::Ner, &columns), ["text", "score", "spans", "error", "line", "label"]);
    let same = Input { fields: RawFields::of(&json!({ "text": "aa bb cc dd" })).unwrap(), ..input.clone() };
    assert!(same.replaced(TaskKind::Ner, &columns).is_empty());
    let answer = prediction(Decoded::default(), vec![], vec![]);
    let line = input.clone().answer(&task, &answer, &0.0_f64.into()).line().unwrap();
    let expected = r#"{"id":7,"text":"aa bb cc dd","score":0.1235,"spans":[],"relations":[],"label":"kept","meta":{"a":[1.25]}}"#;
    assert_eq!(line.to_string(), expected);

    // A class that the input has is none that was found.
    let classes = Task::new(TaskKind::TextClassification, Schema::open(), Mode::Fixed);
    let blank = value(&input.blank(&classes));
    assert_eq!((&blank["id"], blank.get("label")), (&json!(7), None));
}
