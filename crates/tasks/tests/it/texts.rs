//! Which field is the text, and what stands where a text should.

use std::io::Cursor;
use std::path::Path;

use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Error, Quirks, TaskKind};

use crate::annotation_tools::{brat, options, read, read_with, refused};

const TOOLS: [Format; 4] = [Format::JsonSpans, Format::Doccano, Format::Prodigy, Format::Spacy];

/// A record of an annotation tool with this text and one class.
fn record(format: Format, key: &str, text: &str) -> String {
    let class = match format {
        Format::JsonSpans => r#""label": "x""#,
        Format::Doccano => r#""label": ["x"]"#,
        Format::Prodigy => r#""label": "x", "answer": "accept""#,
        _ => r#""cats": {"x": 1}"#,
    };
    format!("{{{key:?}: {text:?}, {class}}}\n")
}

fn predicted(format: Format, text: &str, key: Option<&str>) -> Vec<Result<String, String>> {
    let mut options = options();
    options.text_key = key.map(str::to_owned);
    let reader = Cursor::new(text.to_owned());
    let inputs = format.prediction_inputs(reader, Path::new("f.jsonl"), &options, TaskKind::Ner).unwrap();
    let message = |error: &Error| error.to_string();
    inputs.map(|i| i.map(|i| i.example.tokens.join(" ")).map_err(|e| message(&e.error))).collect()
}

#[test]
fn a_place_of_a_file_is_no_text() {
    for format in TOOLS {
        for place in ["/data/upload/3/a.txt", "s3://bucket/a", "https://a.b/c.html", "C:\\a\\b.txt"] {
            let text = record(format, "text", "Ann left") + &record(format, "text", place);
            let found = read(format, &text);
            assert_eq!(found[0], "0 x", "{format}");
            let told = found[1].contains("f.jsonl:2: example 1: has")
                && found[1].contains("names a file instead of its text");
            assert!(told && found[1].contains(&format!("{place:?}")), "{format}: {found:?}");
        }
    }
    for (format, text) in [
        (Format::Classes, "x Ann left\nx /data/upload/3/a.txt\n"),
        (Format::Csv, "text,label\nAnn left,x\ns3://bucket/a,x\n"),
        (Format::Tsv, "text\tlabel\nAnn left\tx\nhttps://a.b/c.txt\tx\n"),
    ] {
        let found = read(format, text);
        assert!(
            found[0].ends_with(" x") && found[1].contains("names a file instead of its text"),
            "{format}: {found:?}"
        );
    }
    refused(Format::Spacy, "[\"/data/upload/3/a.txt\", {\"entities\": []}]", &["example 0", "names a file"]);
}

#[test]
fn addresses_are_texts_among_texts_alone() {
    let (one, other) = ("https://a.example/b", "http://c.example");
    for format in TOOLS {
        let among = record(format, "text", "see you") + &record(format, "text", one);
        assert_eq!(read(format, &among), ["0 x", "1 x"], "{format}");
        let all = record(format, "text", one) + &record(format, "text", other);
        let found = read(format, &all);
        assert!(
            found.len() == 2 && found.iter().all(|e| e.contains("is an address on the web")),
            "{format}: {found:?}"
        );
        assert!(found[1].contains("f.jsonl:2: example 1"), "{found:?}");
    }
    for (format, head, line) in [(Format::Classes, "", "x TEXT\n"), (Format::Csv, "text,label\n", "TEXT,x\n")]
    {
        let of = |texts: [&str; 2]| {
            let lines = texts.map(|text| line.replace("TEXT", text));
            read(format, &(head.to_owned() + &lines.concat()))
        };
        assert_eq!(of(["see you", one]).iter().filter(|e| e.ends_with(" x")).count(), 2, "{format}");
        assert!(of([one, other]).iter().all(|e| e.contains("is an address on the web")), "{format}");
    }
    // What is annotated quotes it, so it is the text.
    let quoted = r#"{"text": "https://a.example/b", "spans": [{"start": 8, "end": 17, "label": "HOST", "text": "a.example"}]}"#;
    assert_eq!(read(Format::JsonSpans, quoted), ["0 HOST=a_._example"]);
    refused(
        Format::JsonSpans,
        &quoted.replace(", \"text\": \"a.example\"", ""),
        &["is an address on the web"],
    );
    assert_eq!(
        read(Format::Jsonl, r#"{"tokens": ["a"], "text": "https://a.example/b", "label": "x"}"#),
        ["0 x"]
    );
}

#[test]
fn a_place_is_no_text_to_predict_for() {
    let task = |text: &str| format!("{{\"id\": 1, \"data\": {{\"text\": {text:?}}}}}\n");
    let found = predicted(Format::LabelStudio, &(task("Ann left") + &task("/data/upload/1/a.txt")), None);
    assert_eq!(found[0].as_deref(), Ok("Ann left"));
    assert!(
        found[1].as_ref().is_err_and(|e| e.contains("f.jsonl:2, task 1") && e.contains("names a file")),
        "{found:?}"
    );
    for format in [Format::JsonSpans, Format::Doccano, Format::Prodigy] {
        let found = predicted(format, &record(format, "text", "s3://bucket/a"), None);
        assert!(found[0].as_ref().is_err_and(|e| e.contains("names a file")), "{found:?}");
        assert!(predicted(format, &record(format, "text", "https://a.example/b"), None)[0].is_ok());
    }
}

#[test]
fn the_text_is_where_it_is_asked_for_in_training_and_prediction() {
    let mut body = options();
    body.text_key = Some("body".to_owned());
    for format in TOOLS {
        let both = record(format, "text", "Ann left").replacen('{', "{\"body\": \"Bo came\", ", 1);
        let asked = |options: &ReadOptions| {
            let examples = format.read_from(Cursor::new(both.clone()), Path::new("f"), options).unwrap();
            examples
                .map(|example| example.map(|e| e.text.unwrap()).map_err(|e| e.to_string()))
                .collect::<Vec<_>>()
        };
        let label = format == Format::Spacy || format == Format::JsonSpans;
        // What is no key of these layouts is refused, unless it is the text.
        assert_eq!(asked(&options())[0].is_err(), label, "{format}: {:?}", asked(&options()));
        assert_eq!(asked(&body), [Ok("Bo came".to_owned())], "{format}");
        assert_eq!(predicted(format, &both, Some("body"))[0].as_deref(), Ok("Bo came"), "{format}");
        assert_eq!(predicted(format, &both, None)[0].as_deref(), Ok("Ann left"), "{format}");
        // The only text there is; the class and an id are none.
        let other = record(format, "body", "Bo came").replacen('{', "{\"doc_id\": \"a\", ", 1);
        let only = if label { record(format, "body", "Bo came") } else { other };
        assert_eq!(predicted(format, &only, None)[0].as_deref(), Ok("Bo came"), "{format}");
        let (found, notes) = read_with(format, &only, &options());
        assert_eq!(found, ["0 x"], "{format}");
        assert!(
            notes.iter().any(|n| n.detail == "texts are read from the field \"body\""),
            "{format}: {notes:?}"
        );
        let two = record(format, "body", "Bo came").replacen('{', "{\"heading\": \"Bo\", ", 1);
        refused(format, &two, &["has no \"text\", but", "--text-key (data.text_key)"]);
        assert!(predicted(format, &two, None)[0].is_err(), "{format}");
    }
}

#[test]
fn an_empty_text_is_no_example() {
    for format in TOOLS {
        for empty in ["", " \n "] {
            refused(format, &record(format, "text", empty), &["example 0: has an empty text"]);
        }
    }
    let task = r#"[{"id": 3, "data": {"text": ""}, "annotations": [{"result": []}]}]"#;
    refused(Format::LabelStudio, task, &["task 3: has an empty text"]);
    let found = brat(&[("a.txt", " \n"), ("a.ann", "#1\tAnnotatorNotes T2\tx\n")]).0.concat();
    assert!(found.contains("document a: has an empty text"), "{found}");
    // To predict for it is no fault: a line in, a line out.
    let unlabelled = ReadOptions::new(TagScheme::Unlabelled, Quirks::NONE);
    assert_eq!(read_with(Format::JsonSpans, r#"{"text": ""}"#, &unlabelled).0, ["0"]);
}

#[test]
fn tasks_of_a_file_have_their_texts_in_one_field() {
    let tasks = r#"[{"id": 7, "data": {"body": "Ann left"}}, {"id": 8, "data": {"other": "Bo sat"}}]"#;
    let options = options();
    let inputs =
        Format::LabelStudio.prediction_inputs(Cursor::new(tasks), Path::new("f"), &options, TaskKind::Ner);
    let found: Vec<_> = inputs.unwrap().collect();
    assert_eq!(found[0].as_ref().unwrap().example.tokens, ["Ann", "left"]);
    let message = found[1].as_ref().unwrap_err().error.to_string();
    assert!(message.contains("task 8: there is no text under \"body\""), "{message}");
}
