//! Inputs of prediction, layout by layout.

#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::TokenSpan;

fn read(
    format: Format,
    text: &'static str,
    options: &ReadOptions,
) -> Vec<Result<PredictionInput, UnreadInput>> {
    read_for(TaskKind::Ner, format, text, options)
}

fn read_for(
    kind: TaskKind,
    format: Format,
    text: &'static str,
    options: &ReadOptions,
) -> Vec<Result<PredictionInput, UnreadInput>> {
    format.prediction_inputs(text.as_bytes(), Path::new("f"), options, kind).unwrap().collect()
}

fn field(input: &PredictionInput, key: &str) -> String {
    input.fields.get(key).unwrap().to_string()
}

/// Numbers that no type holds, and what is written in more than one way.
const ODD: &str = r#"{"big":123456789012345678901234567890,"fine":0.1000000000000000055511151231257827,"zero":1.0,"neg":-0,"exp":1E+2,"esc":"\u00e9\/"}"#;

#[test]
fn fields_are_kept_to_the_last_digit() {
    let lines = [
        (Format::JsonSpans, format!(r#"{{"text": "Ann left", "meta": {ODD}}}"#)),
        (Format::Jsonl, format!(r#"{{"tokens": ["Ann"], "meta": {ODD}}}"#)),
        (Format::HfTokens, format!(r#"[{{"tokens": ["Ann"], "ner_tags": ["O"], "meta": {ODD}}}]"#)),
        (
            Format::LabelStudio,
            format!("[\n  {{\"id\": 1, \"data\": {{\"text\": \"Ann\"}}, \"meta\":\n {ODD} }}]"),
        ),
    ];
    for (format, text) in lines {
        let found = read(format, text.leak(), &ReadOptions::default()).remove(0).unwrap();
        assert_eq!(field(&found, "meta"), ODD, "{format}");
    }
}

#[test]
fn an_empty_text_is_one_in_every_layout_of_texts() {
    let texts = [
        (Format::Csv, "id,text\na,Ann\nb,\nc,\" \"\n"),
        (Format::Tsv, "id\ttext\na\tAnn\nb\t\nc\t \n"),
        (
            Format::JsonSpans,
            "{\"id\": \"a\", \"text\": \"Ann\"}\n{\"id\": \"b\", \"text\": \"\"}\n{\"id\": \"c\", \"text\": \" \"}\n",
        ),
    ];
    for (format, text) in texts {
        let found = read(format, text, &ReadOptions::default());
        let inputs: Vec<_> = found.iter().map(|input| input.as_ref().unwrap()).collect();
        assert_eq!(inputs.len(), 3, "{format}");
        for (input, id) in inputs[1..].iter().zip(["\"b\"", "\"c\""]) {
            assert_eq!(input.example.text.as_deref().map(str::trim), Some(""), "{format}");
            assert!(input.example.tokens.is_empty() && field(input, "id") == id, "{format}");
        }
    }
    // Nothing can be learnt from one.
    let training =
        Format::Csv.read_from("text,label\nAnn,a\n,b\n".as_bytes(), Path::new("f"), &ReadOptions::default());
    let refused = training.unwrap().nth(1).unwrap().unwrap_err().to_string();
    assert!(refused.contains("is empty; add it or take out the row"), "{refused}");
}

#[test]
fn the_keys_are_those_of_an_example() {
    let known: Vec<&str> = json::layouts::JSONL.read.to_vec();
    for kind in TaskKind::ALL {
        assert!(TEXTS.iter().chain(asked(kind)).all(|key| known.contains(key)), "{kind}");
    }
}

#[test]
fn annotations_of_examples_cost_nothing() {
    let options = ReadOptions::default();
    let line = r#"{"id": {}, "tokens": ["a"], "entities": 3, "label": [], "predicate": {"start": 0, "end": 9}, "relations": [{"type": "r", "head": 7, "tail": 0}]}"#;
    let found = read(Format::Jsonl, line, &options).remove(0).unwrap();
    assert_eq!((found.example.tokens.len(), found.fields.len()), (1, 6));
    let asked = read_for(TaskKind::Srl, Format::Jsonl, line, &options).remove(0).unwrap_err();
    assert_eq!(asked.at.unwrap().line(), 1);
    let text = read(Format::Jsonl, r#"{"text": "10mg"}"#, &options).remove(0).unwrap();
    assert_eq!(text.example.tokens, ["10", "mg"]);
}

#[test]
fn a_text_that_its_tokens_do_not_spell_is_told_as_in_training() {
    let lines = concat!(
        r#"{"id": "x", "text": "Bo left", "tokens": ["Ann", "left"]}"#,
        "\n",
        r#"{"text": "Ann  left.", "tokens": ["Ann", "left", "."]}"#,
        "\n",
        r#"{"text": "10mg"}"#,
    );
    let (file, options) = (Path::new("f"), ReadOptions::default());
    let mut inputs =
        Format::Jsonl.prediction_inputs(lines.as_bytes(), file, &options, TaskKind::Ner).unwrap();
    assert!(inputs.by_ref().all(|input| input.is_ok()));
    let told: Vec<_> = inputs.notes().take().iter().map(ToString::to_string).collect();
    let mut examples = Format::Jsonl.read_from(lines.as_bytes(), file, &options).unwrap();
    assert!(examples.by_ref().all(|example| example.is_ok()));
    let in_training: Vec<_> = examples.notes().take().iter().map(ToString::to_string).collect();
    assert!(told.len() == 1 && told[0].starts_with("f:1, example x: its text is not that"), "{told:?}");
    assert!(in_training.contains(&told[0]), "{in_training:?}");
}

#[test]
fn what_holds_no_text_or_two_is_refused() {
    let options = ReadOptions::default();
    let lines = "{\"toks\": []}\n{\"id\": \"x\"}\n{\"tokens\": [\"a\"], \"tokens\": [\"b\"]}\n{\"tokens\": [\"a\"]}\n";
    let found: Vec<bool> = read(Format::Jsonl, lines, &options).iter().map(Result::is_ok).collect();
    assert_eq!(found, [false, false, false, true]);
    let twice = read(Format::JsonSpans, "{\"text\": \"Rome\", \"text\": \"Oslo\"}", &options).remove(0);
    let message = twice.unwrap_err().error.to_string();
    assert!(message.contains("the key \"text\" stands there twice"), "{message}");
}

#[test]
fn every_text_is_asked_about_with_all_its_fields() {
    let options = ReadOptions::default();
    let lines = "{\"text\": \"Ann left\", \"id\": 7, \"meta\": {\"a\": [1.5]}}\n{\"text\": 3}\nx\n{\"body\": \"b c\"}\n";
    let found = read(Format::JsonSpans, lines, &options);
    let tokens: Vec<_> = found.iter().map(|q| q.as_ref().ok().map(|q| q.example.tokens.len())).collect();
    assert_eq!(tokens, [Some(2), None, None, Some(2)]);
    let first = found[0].as_ref().unwrap();
    assert_eq!(
        first.fields.to_string(),
        lines.lines().next().unwrap().replace([' '], "").replace("Annleft", "Ann left")
    );
    assert!(found[1].as_ref().unwrap_err().error.to_string().contains("f:2"));

    let tasks = r#"[{"id": 1, "data": {"text": "a"}},
        {"id": 2, "data": {"q": "a", "p": "b c"}, "annotations": [{"was_cancelled": true, "result": []}]}]"#;
    let found = read(Format::LabelStudio, tasks, &options);
    let error = found[1].as_ref().unwrap_err().error.to_string();
    assert!(found[0].is_ok() && error.starts_with("failed to read f:2, task 2: there is no text"), "{error}");
    assert!(error.contains("--text-key"), "{error}");
    let options = ReadOptions { text_key: Some("p".to_owned()), ..options };
    let found = read(Format::LabelStudio, tasks, &options);
    assert!(found[0].is_err() && found[1].as_ref().is_ok_and(|q| q.example.tokens.len() == 2));
}

#[test]
fn fields_that_a_layout_does_not_know_are_kept() {
    let options = ReadOptions::default();
    let cases = [
        (
            Format::HfTokens,
            "[{\"tokens\": [\"a\"], \"ner_tags\": [\"O\"], \"url\": 1}, {\"id\": \"x\", \"tokens\": [\"b\"], \"ner_tags\": [\"O\"], \"url\": {\"b\": 2}}]",
        ),
        (
            Format::HfTokens,
            "{\"tokens\": [\"a\"], \"url\": 1}\n\n{\"id\": \"x\", \"url\": {\"b\": 2}, \"tokens\": [\"b\"]}\n",
        ),
        (
            Format::Opennre,
            "{\"token\": [\"a\"], \"url\": 1}\n{\"id\": \"x\", \"url\": {\"b\": 2}, \"token\": [\"b\"]}\n",
        ),
        (
            Format::Spert,
            "[{\"tokens\": [\"a\"],\n\"url\": 1}, \n{\"id\": \"x\", \"url\": {\"b\": 2}, \"tokens\": [\"b\"]}]\n",
        ),
    ];
    for (format, text) in cases {
        let found = read(format, text, &options);
        let urls: Vec<_> = found.iter().map(|input| field(input.as_ref().unwrap(), "url")).collect();
        assert_eq!(urls, ["1", r#"{"b":2}"#], "{format} {text}");
    }
    let document = r#"{"doc_key": "d", "sentences": [["a"], ["b"]], "ner": [[], []], "date": "today"}"#;
    for input in read(Format::Dygie, document, &options) {
        assert_eq!(field(&input.unwrap(), "date"), "\"today\"");
    }
    let table = read(Format::Csv, "id,text,label,date\n7,Ann left,x,today\n", &options).remove(0).unwrap();
    assert_eq!(table.fields.to_string(), r#"{"id":"7","label":"x","date":"today"}"#);
}

#[test]
fn what_cannot_be_read_is_called_by_its_id() {
    let options = ReadOptions::default();
    for (format, line) in [
        (Format::JsonSpans, r#"{"id": "x7", "text": 3}"#),
        (Format::Jsonl, r#"{"id": "x7", "tokens": 3}"#),
        (Format::Jsonl, r#"{"id": "x7"}"#),
    ] {
        let error = read(format, line, &options).remove(0).unwrap_err().error.to_string();
        assert!(error.contains("f:1, example x7"), "{error}");
    }
}

#[test]
fn examples_keep_what_is_not_theirs() {
    let options = ReadOptions::default();
    let line = r#"{"tokens": ["a"], "source": "x", "predicate": {"start": 0, "end": 1}}"#;
    let found = read_for(TaskKind::Srl, Format::Jsonl, line, &options);
    let input = found[0].as_ref().unwrap();
    assert_eq!(
        (input.example.predicate, field(input, "source").as_str()),
        (Some(TokenSpan::new(0, 1)), "\"x\"")
    );
    assert_eq!(field(read(Format::Conll, "a O\n\nb O\n", &options)[1].as_ref().unwrap(), "id"), "\"1\"");
}

#[test]
fn words_between_blanks_stand_where_the_text_has_them() {
    let lines = "from st. louis\n  AL-AIN ,\u{a0}fine.\n";
    let inputs: Vec<Example> =
        texts_in_words(lines.as_bytes(), Path::new("f")).map(|input| input.unwrap().example).collect();
    assert_eq!(inputs[0].tokens, ["from", "st.", "louis"]);
    assert_eq!(inputs[1].tokens, ["AL-AIN", ",", "fine."]);
    let (text, places) = inputs[1].chars();
    assert_eq!((text.as_str(), places), ("  AL-AIN ,\u{a0}fine.", vec![2..8, 9..10, 11..16]));
}

#[test]
fn a_data_file_that_is_taken_for_texts_is_told() {
    let told = |text: &'static str| -> Vec<String> {
        let inputs = texts(text.as_bytes(), Path::new("f"));
        let notes = inputs.notes().take();
        assert_eq!(inputs.count(), text.lines().count(), "{text}");
        notes.into_iter().map(|note| note.detail).collect()
    };
    for (text, format) in [
        ("Ann B-PER\nleft O\n. O\n\nBo B-PER\nfell O\n", "conll"),
        ("-DOCSTART- -X- O O\n\nAnn NNP B-NP B-PER\n", "conll"),
        ("{\"text\": \"Ann left\", \"spans\": []}\n{\"text\": \"Bo fell\", \"spans\": []}\n", "json-spans"),
        ("text,label\n\"Ann left\",move\n\"Bo fell\",move\n", "csv"),
        ("text\tlabel\nAnn left\tmove\nBo fell\tmove\n", "tsv"),
    ] {
        let notes = told(text);
        assert!(
            notes.len() == 1 && notes[0].contains(&format!("looks like {format} (")),
            "{text}: {notes:?}"
        );
    }
    for text in [
        "",
        "Ann left.\n",
        "what is the fare to boston ?\nwhat is the time in denver ?\nwhat is new ?\n",
        "Ann, Bo and Cy left.\n\"Stay\", said Dee, \"please\".\nThey went on, and on, and on.\n",
        "Text\nLabels are what texts have.\n",
        "[1] Ann left.\n{2} Bo fell.\n",
    ] {
        assert_eq!(told(text), Vec::<String>::new(), "{text}");
    }
}

/// What a model of spans is asked does not hang on the layout that a text comes in.
#[test]
fn a_text_has_the_same_words_in_every_layout() {
    let options = ReadOptions::default();
    let expected = ["Ann", "Lee", ",", "flew", "(", "late", ")", "."];
    let plain: Vec<_> = texts("Ann Lee, flew (late).\n".as_bytes(), Path::new("f")).collect();
    assert_eq!(plain[0].as_ref().unwrap().example.tokens, expected);
    for (format, text) in [
        (Format::Csv, "text,label\n\"Ann Lee, flew (late).\",x\n"),
        (Format::Csv, "id,text\n1,\"Ann Lee, flew (late).\"\n"),
        (Format::Tsv, "text\tlabel\nAnn Lee, flew (late).\tx\n"),
        (Format::Classes, "x Ann Lee, flew (late).\n"),
        (Format::JsonSpans, "{\"text\": \"Ann Lee, flew (late).\"}\n"),
        (Format::Jsonl, "{\"text\": \"Ann Lee, flew (late).\"}\n"),
        (Format::Doccano, "{\"text\": \"Ann Lee, flew (late).\", \"label\": []}\n"),
        (Format::Prodigy, "{\"text\": \"Ann Lee, flew (late).\"}\n"),
        (Format::LabelStudio, "[{\"id\": 1, \"data\": {\"text\": \"Ann Lee, flew (late).\"}}]"),
        (Format::Spacy, "[[\"Ann Lee, flew (late).\", {\"entities\": []}]]"),
    ] {
        for kind in [TaskKind::Ner, TaskKind::Slots, TaskKind::TextClassification] {
            let found = read_for(kind, format, text, &options);
            let example =
                &found[0].as_ref().unwrap_or_else(|unread| panic!("{format}: {}", unread.error)).example;
            assert_eq!(example.tokens, expected, "{format} for {kind}");
        }
    }
    // Where each word has a tag, the words are those of the tags.
    let tagged =
        read_for(TaskKind::Slots, Format::Csv, "text,intent,tags\nto st. louis,x,O B-c I-c\n", &options);
    assert_eq!(tagged[0].as_ref().unwrap().example.tokens, ["to", "st.", "louis"]);
}

#[test]
fn an_encoding_that_is_guessed_is_told() {
    let bytes: &[u8] = b"a caf\xe9 it is\nb tea\n";
    let mut inputs = Format::Classes
        .prediction_inputs(bytes, Path::new("f"), &ReadOptions::default(), TaskKind::Ner)
        .unwrap();
    let first = inputs.next().unwrap().unwrap();
    assert_eq!(first.example.text.as_deref(), Some("caf\u{e9} it is"));
    assert_eq!(inputs.by_ref().count(), 1);
    let told: Vec<String> = inputs.notes().take().into_iter().map(|note| note.detail).collect();
    assert_eq!(told, ["not UTF-8 and read as Latin-1: 1 line"]);
}
