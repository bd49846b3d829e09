//! Label Studio exports: each of their ways is read right, or refused with the task's id and what to do.

use std::io::Cursor;
use std::path::Path;

use fishdip_tasks::read::{Format, NoteKind, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Example, Quirks};
use serde_json::{Value, json};

/// The examples or errors of a file, and the notes.
struct Read {
    examples: Vec<Result<Example, String>>,
    notes: Vec<(NoteKind, String)>,
}

fn read_with(tasks: &Value, change: impl Fn(&mut ReadOptions)) -> Read {
    let mut options = ReadOptions::new(TagScheme::Auto, Quirks::NONE);
    change(&mut options);
    let text = serde_json::to_string_pretty(tasks).unwrap();
    match Format::LabelStudio.read_from(Cursor::new(text), Path::new("ls.json"), &options) {
        Err(error) => Read { examples: vec![Err(error.to_string())], notes: Vec::new() },
        Ok(mut examples) => {
            let read = examples.by_ref().map(|example| example.map_err(|error| error.to_string())).collect();
            let notes = examples.notes().take();
            Read { examples: read, notes: notes.into_iter().map(|note| (note.kind, note.detail)).collect() }
        }
    }
}

fn read(tasks: &Value) -> Read {
    read_with(tasks, |_| {})
}

impl Read {
    /// The labels and texts of the entities of each example.
    #[track_caller]
    fn entities(&self) -> Vec<String> {
        let entities = |example: &Result<Example, String>| {
            let example = example.as_ref().unwrap();
            let entity = |e: &fishdip_tasks::Entity| {
                format!("{}={}", e.label, example.tokens[e.start..e.end].join(" "))
            };
            example.entities.iter().map(entity).collect::<Vec<_>>().join(" ")
        };
        self.examples.iter().map(entities).collect()
    }

    #[track_caller]
    fn labels(&self) -> Vec<Option<String>> {
        self.examples.iter().map(|example| example.as_ref().unwrap().label.clone()).collect()
    }

    #[track_caller]
    fn refused(&self, parts: &[&str]) {
        let errors: Vec<_> = self.examples.iter().filter_map(|example| example.as_ref().err()).collect();
        let [error] = errors.as_slice() else { unreachable!("one error, not {errors:?}") };
        for part in parts {
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
    }

    fn count(&self, kind: NoteKind) -> usize {
        self.notes.iter().filter(|note| note.0 == kind).count()
    }
}

fn task(id: usize, text: &str, result: &Value) -> Value {
    json!({ "id": id, "data": { "text": text }, "annotations": [{ "id": 10 * id, "completed_by": 1, "result": result }] })
}

fn region(id: &str, start: usize, end: usize, text: &str, label: &str) -> Value {
    json!({ "id": id, "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual",
            "value": { "start": start, "end": end, "text": text, "labels": [label] } })
}

fn choice(control: &str, choices: &[&str]) -> Value {
    json!({ "id": control, "from_name": control, "to_name": "text", "type": "choices", "value": { "choices": choices } })
}

#[test]
fn what_an_export_holds_beside_the_labels_is_known() {
    let task = r#"[{
        "id": 3, "inner_id": 1, "project": 2, "created_at": "2024", "updated_at": "2024", "file_upload": "a.json", "drafts": [], "meta": {},
        "total_annotations": 1, "cancelled_annotations": 0, "total_predictions": 0, "comment_count": 0, "comment_authors": [],
        "unresolved_comment_count": 0, "last_comment_updated_at": null, "updated_by": 1, "predictions": [], "agreement": 100.0,
        "data": { "text": "Ann left" },
        "annotations": [{
            "id": 4, "completed_by": { "id": 1, "email": "a@b.c", "first_name": "", "last_name": "" }, "was_cancelled": false,
            "ground_truth": false, "created_at": "2024", "updated_at": "2024", "draft_created_at": null, "lead_time": 3.5, "prediction": {},
            "result_count": 1, "unique_id": "u", "import_id": null, "last_action": null, "bulk_created": false, "task": 3, "project": 2,
            "updated_by": 1, "parent_prediction": null, "parent_annotation": null, "last_created_by": null,
            "result": [{ "id": "a", "from_name": "label", "to_name": "text", "type": "labels", "origin": "prediction-changed",
                "value": { "start": 0, "end": 3, "text": "Ann", "labels": ["PER"] }, "score": 0.5, "hidden": false, "readonly": false,
                "parentID": "b", "meta": { "text": ["sure"] } }]
        }]
    }]"#;
    let tasks: Value = serde_json::from_str(task).unwrap();
    assert_eq!(read(&tasks).entities(), ["PER=Ann"]);
}

#[test]
fn an_unknown_key_is_refused_where_it_stands() {
    let mut tasks =
        json!([task(1, "Ann", &json!([])), task(2, "Bo", &json!([region("a", 0, 2, "Bo", "PER")]))]);
    tasks[1]["annotations"][0]["result"][0]["value"]["strat"] = json!(1);
    read(&tasks).refused(&["ls.json:15: task 2", "region a, value", "\"strat\"", "did you mean \"start\"?"]);
    let mut tasks = json!([task(1, "Ann", &json!([]))]);
    tasks[0]["verdicts"] = json!([1]);
    read(&tasks).refused(&["ls.json:2: task 1", "\"verdicts\"", "label-studio does not know"]);
}

#[test]
fn what_is_not_annotated_is_left_out_and_counted() {
    let tasks = json!([
        task(1, "Ann", &json!([region("a", 0, 3, "Ann", "PER")])),
        { "id": 2, "data": { "text": "b" }, "annotations": [] },
        { "id": 3, "data": { "text": "c" }, "annotations": [], "predictions": [{ "result": [region("a", 0, 1, "c", "PER")] }] },
        { "id": 4, "data": { "text": "d" }, "annotations": [], "drafts": [{ "result": [] }] },
        { "id": 5, "data": { "text": "e" }, "annotations": [{ "was_cancelled": true, "result": [] }] },
        task(6, "f", &json!([])),
    ]);
    let found = read(&tasks);
    assert_eq!(found.entities(), ["PER=Ann", ""]);
    assert_eq!((found.count(NoteKind::Unlabelled), found.count(NoteKind::Skipped)), (3, 1));
    assert!(found.notes[1].1.contains("task 3") && found.notes[1].1.contains("predictions"));
    let none = json!([{ "id": 2, "data": { "text": "b" }, "annotations": [] }]);
    read(&none).refused(&["ls.json", "nothing in it is annotated", "1 text"]);
    read(&json!([])).refused(&["ls.json", "no sentence"]);
}

#[test]
fn what_is_to_be_predicted_needs_no_annotation() {
    let tasks = json!([{ "id": 2, "data": { "text": "Ann left" } }, task(3, "Bo left", &json!([{ "type": "rectanglelabels" }]))]);
    let found = read_with(&tasks, |options| options.scheme = TagScheme::Unlabelled);
    assert_eq!(found.entities(), ["", ""]);
    let none = read_with(&json!([]), |options| options.scheme = TagScheme::Unlabelled);
    assert!(none.examples.is_empty());
}

#[test]
fn completions_of_old_exports_are_annotations() {
    let tasks = json!([{ "id": 1, "data": { "text": "Ann left" },
        "completions": [{ "id": 1, "lead_time": 2.0, "honeypot": true, "result": [region("a", 0, 3, "Ann", "PER")] }] }]);
    assert_eq!(read(&tasks).entities(), ["PER=Ann"]);
}

#[test]
fn other_exports_are_named() {
    let min = json!([{ "id": 1, "text": "Ann left", "label": [{ "start": 0, "end": 3, "text": "Ann", "labels": ["PER"] }],
        "annotator": 1, "annotation_id": 4, "created_at": "2024", "updated_at": "2024", "lead_time": 1.5 }]);
    read(&min).refused(&["task 1", "JSON-MIN", "export the project as JSON"]);
    read(&json!([{ "id": 1, "text": "Ann", "label": [[0, 3, "PER"]] }])).refused(&["task 1", "doccano"]);
    read(&json!([{ "text": "Ann", "spans": [], "answer": "accept" }])).refused(&["task 0", "Prodigy"]);
    read(&json!([{ "text": "Ann", "ents": [] }])).refused(&["task 0", "spaCy"]);
}

#[test]
fn one_text_has_one_class() {
    let several = json!([
        task(1, "Cheap and cold", &json!([choice("topic", &["price", "quality"])])),
        task(2, "Warm", &json!([choice("topic", &["quality"])]))
    ]);
    let found = read(&several);
    found.refused(&["task 1", "several choices", "\"price\", \"quality\""]);
    assert_eq!(found.examples.len(), 2);
    let none =
        read(&json!([task(1, "Cheap", &json!([choice("topic", &["price"])])), task(2, "Warm", &json!([]))]));
    assert_eq!((none.labels().len(), none.count(NoteKind::Unlabelled)), (1, 1));
    let twice =
        json!([task(1, "Cheap", &json!([choice("topic", &["price"]), choice("topic", &["quality"])]))]);
    read(&twice).refused(&["task 1", "several choices"]);
}

#[test]
fn two_controls_of_a_kind_are_told_apart_by_name() {
    let tasks = json!([
        task(1, "Cold soup", &json!([choice("mood", &["bad"]), choice("urgent", &["no"])])),
        task(2, "Warm soup", &json!([choice("urgent", &["yes"]), choice("mood", &["good"])])),
    ]);
    read(&tasks).refused(&[
        "task 1",
        "second control of choices",
        "\"urgent\"",
        "data.tag_column = \"mood\"",
    ]);
    let choose = |name: &str| {
        let name = name.to_owned();
        read_with(&tasks, move |options| options.tag_column = Some(name.clone().try_into().unwrap()))
    };
    assert_eq!(choose("mood").labels(), [Some("bad".to_owned()), Some("good".to_owned())]);
    assert_eq!(choose("urgent").labels(), [Some("no".to_owned()), Some("yes".to_owned())]);
    choose("modo").refused(&["\"modo\"", "the controls are \"mood\", \"urgent\""]);
    let mut other = region("b", 4, 8, "left", "VERB");
    other["from_name"] = json!("words");
    let labels = json!([task(1, "Ann left", &json!([region("a", 0, 3, "Ann", "PER"), other]))]);
    read(&labels).refused(&["task 1", "second control of labels", "data.tag_column"]);
    let one = read_with(&labels, |options| options.tag_column = Some("words".to_owned().try_into().unwrap()));
    assert_eq!(one.entities(), ["VERB=left"]);
}

#[test]
fn the_text_is_not_guessed() {
    let data = |data: Value| json!([{ "id": 1, "data": data, "annotations": [{ "result": [choice("mood", &["good"])] }] }]);
    read(&data(json!({ "doc": "A-17", "review": "Lovely soup" }))).refused(&[
        "task 1",
        "\"doc\", \"review\"",
        "data.text_key",
    ]);
    let asked = read_with(&data(json!({ "doc": "A-17", "review": "Lovely soup" })), |options| {
        options.text_key = Some("review".to_owned());
    });
    assert_eq!(asked.examples[0].as_ref().unwrap().tokens, ["Lovely", "soup"]);
    let one = read(&data(json!({ "doc_id": "A-17", "review": "Lovely soup" })));
    assert_eq!(one.examples[0].as_ref().unwrap().tokens, ["Lovely", "soup"]);
    assert_eq!(one.count(NoteKind::Assumed), 1);
    let named = read(&data(json!({ "title": "Soup", "text": "Lovely soup" })));
    assert_eq!(named.examples[0].as_ref().unwrap().tokens, ["Lovely", "soup"]);
    assert_eq!(named.count(NoteKind::Assumed), 1);
    read(&data(json!({ "n": 4 }))).refused(&["task 1", "no text"]);
    let quoting = json!([{ "id": 1, "data": { "head": "Bo came", "body": "Ann left" }, "annotations": [{ "result": [region("a", 0, 3, "Ann", "PER")] }] }]);
    assert_eq!(read(&quoting).entities(), ["PER=Ann"]);
    let missing =
        read_with(&data(json!({ "review": "x" })), |options| options.text_key = Some("body".to_owned()));
    missing.refused(&["task 1", "\"body\"", "\"review\""]);
}

#[test]
fn a_place_of_a_text_is_not_the_text() {
    let no_text = json!({ "id": "a", "type": "labels", "value": { "start": 1, "end": 5, "labels": ["X"] } });
    for place in [
        "/data/upload/1/menu.txt",
        "s3://store/menu",
        "https://a.example/menu.html",
        "https://a.example/menu",
    ] {
        let found = read(&json!([
            task(1, place, &json!([no_text.clone()])),
            task(2, place, &json!([no_text.clone()]))
        ]));
        let errors: Vec<_> = found.examples.iter().map(|example| example.as_ref().unwrap_err()).collect();
        assert!(errors.len() == 2 && errors[1].contains("task 2"), "{errors:?}");
        assert!(errors[0].contains("names a file") && errors[0].contains("data.text"), "{errors:?}");
    }
    // What was labelled is the text, whatever it looks like.
    let quoted = task(1, "/data/upload/1/menu.txt", &json!([region("a", 1, 5, "data", "X")]));
    assert!(read(&json!([quoted])).examples[0].is_ok());
    let among_texts = json!([
        task(1, "https://a.example/x", &json!([choice("c", &["spam"])])),
        task(2, "See you", &json!([choice("c", &["ham"])]))
    ]);
    assert_eq!(read(&among_texts).labels().len(), 2);
}

#[test]
fn several_annotators_agree_or_one_is_chosen() {
    let by = |user: Value, label: &str| json!({ "completed_by": user, "result": [region("a", 0, 3, "Ann", label)] });
    let ann = json!({ "id": 1, "email": "ann@a.example", "first_name": "Ann", "last_name": "Lee", "username": "ann" });
    let tasks = |second: &str| json!([{ "id": 1, "data": { "text": "Ann left" }, "annotations": [by(ann.clone(), "PER"), by(json!(2), second)] }]);
    read(&tasks("ORG")).refused(&[
        "task 1",
        "2 annotations that differ",
        "\"ann@a.example\"",
        "data.annotator",
    ]);
    assert_eq!(read(&tasks("PER")).entities(), ["PER=Ann"]);
    for (annotator, label) in
        [("1", "PER=Ann"), ("ann@a.example", "PER=Ann"), ("ann", "PER=Ann"), ("2", "ORG=Ann")]
    {
        let found = read_with(&tasks("ORG"), |options| options.annotator = Some(annotator.to_owned()));
        assert_eq!(found.entities(), [label]);
    }
    let nobody = read_with(&tasks("ORG"), |options| options.annotator = Some("bo".to_owned()));
    nobody.refused(&["\"bo\"", "the annotators are \"2\", \"ann@a.example\""]);
    let mut marked = tasks("ORG");
    marked[0]["annotations"][1]["ground_truth"] = json!(true);
    let marked = read(&marked);
    assert_eq!((marked.entities(), marked.count(NoteKind::Assumed)), (vec!["ORG=Ann".to_owned()], 1));
}

#[test]
fn relations_have_their_direction() {
    let link = |direction: Value| json!({ "type": "relation", "from_id": "a", "to_id": "b", "direction": direction, "labels": ["runs"] });
    let relations = |direction: Value| {
        let regions =
            json!([region("a", 0, 3, "Ann", "PER"), region("b", 9, 13, "Acme", "ORG"), link(direction)]);
        read(&json!([task(1, "Ann runs Acme", &regions)]))
    };
    let pairs = |found: &Read| -> Vec<(usize, usize)> {
        found.examples[0].as_ref().unwrap().relations.iter().map(|r| (r.head, r.tail)).collect()
    };
    assert_eq!(pairs(&relations(json!("right"))), [(0, 1)]);
    assert_eq!(pairs(&relations(Value::Null)), [(0, 1)]);
    assert_eq!(pairs(&relations(json!("left"))), [(1, 0)]);
    assert_eq!(pairs(&relations(json!("bi"))), [(0, 1), (1, 0)]);
    relations(json!("up")).refused(&["task 1", "\"up\""]);
    let lost = json!([region("a", 0, 3, "Ann", "PER"), link(json!("right"))]);
    read(&json!([task(1, "Ann runs Acme", &lost)])).refused(&["task 1", "region b, which is not there"]);
}

#[test]
fn offsets_are_decided_by_the_whole_file() {
    let text = "\u{1f980} Ann met Bo";
    let points = task(1, text, &json!([region("a", 2, 5, "Ann", "PER")]));
    let units = task(2, text, &json!([region("a", 3, 6, "Ann", "PER")]));
    let plain = task(3, "Bo left", &json!([region("a", 0, 2, "Bo", "PER")]));
    // Where a region says nothing, the others of its file do.
    let silent = |start: usize, end: usize| {
        task(
            4,
            text,
            &json!([{ "id": "a", "type": "labels", "value": { "start": start, "end": end, "labels": ["PER"] } }]),
        )
    };
    let found = read(&json!([points, plain, silent(2, 5)]));
    assert_eq!(
        (found.entities(), found.count(NoteKind::Assumed)),
        (vec!["PER=Ann".to_owned(), "PER=Bo".to_owned(), "PER=Ann".to_owned()], 1)
    );
    let found = read(&json!([silent(3, 6), units, plain]));
    assert_eq!(
        (found.entities(), found.count(NoteKind::Assumed)),
        (vec!["PER=Ann".to_owned(), "PER=Ann".to_owned(), "PER=Bo".to_owned()], 1)
    );
    read(&json!([points, units])).refused(&["task 2", "UTF-16", "task 1", "task 1 (line 2)"]);
    assert_eq!(read(&json!([plain])).count(NoteKind::Assumed), 0);
}

#[test]
fn texts_of_regions_may_differ_in_white_space() {
    let tasks = json!([
        task(1, "New  York is cold", &json!([region("a", 0, 9, "New York", "LOC")])),
        task(2, "New\nYork is cold", &json!([region("a", 0, 8, "New\\nYork", "LOC")])),
        task(3, "In New\r\nYork", &json!([region("a", 3, 12, "New\n\nYork", "LOC")])),
        task(4, "Simple words here", &json!([region("a", 2, 9, "mple wo", "X")])),
        task(5, "Simple words here", &json!([region("a", 0, 12, "mple wo", "X")])),
        task(6, "Bo", &json!([region("a", 0, 9, "Bo", "X")])),
    ]);
    let found = read(&tasks);
    let errors: Vec<_> = found.examples.iter().filter_map(|example| example.as_ref().err()).collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(
        errors[0].contains("task 5")
            && errors[0].contains("\"mple wo\"")
            && errors[0].contains("\"Simple words\"")
    );
    assert!(errors[1].contains("task 6") && errors[1].contains("2 characters"));
}

#[test]
fn places_in_html_are_read_where_the_text_is_plain() {
    let tasks = |text: &str| {
        let region = json!({ "id": "a", "type": "hypertextlabels", "from_name": "label", "to_name": "text", "value": {
            "start": "/text()[1]", "end": "/text()[1]", "startOffset": 4, "endOffset": 6, "globalOffsets": { "start": 4, "end": 6 },
            "text": "Bo", "hypertextlabels": ["PER"] } });
        json!([task(1, text, &json!([region]))])
    };
    assert_eq!(read(&tasks("met Bo")).entities(), ["PER=Bo"]);
    read(&tasks("<p>met <b>Bo</b></p>")).refused(&["task 1", "region a", "HTML"]);
}

#[test]
fn what_is_not_of_the_text_is_told_or_refused() {
    let note = json!({ "id": "n", "from_name": "why", "to_name": "text", "type": "textarea", "value": { "text": ["unsure"] } });
    let of_span = json!({ "id": "a", "from_name": "sure", "to_name": "text", "type": "choices", "value": { "start": 0, "end": 3, "text": "Ann", "choices": ["yes"] } });
    let found = read(&json!([task(1, "Ann left", &json!([region("a", 0, 3, "Ann", "PER"), note, of_span]))]));
    assert_eq!((found.entities(), found.labels()), (vec!["PER=Ann".to_owned()], vec![None]));
    assert_eq!(found.count(NoteKind::LeftOut), 2);
    for kind in ["taxonomy", "paragraphlabels", "rectanglelabels", "brush"] {
        let other = json!({ "id": "a", "from_name": "x", "to_name": "text", "type": kind, "value": {} });
        read(&json!([task(1, "Ann left", &json!([other]))])).refused(&["task 1", "region a", kind]);
    }
    let bare = json!({ "id": "a", "type": "labels", "value": { "start": 0, "end": 3, "text": "Ann" } });
    read(&json!([task(1, "Ann left", &json!([bare]))])).refused(&["task 1", "region a", "no label"]);
}
