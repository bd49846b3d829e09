//! Every message names its place once, and the reason without the place does not name it at all.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use fishdip_tasks::check::{Check, PieceLimits, ProblemKind};
use fishdip_tasks::read::{Format, NoteKind, ReadOptions};
use fishdip_tasks::{
    Error, ExampleError, Mode, Origin, ReadError, Schema, SchemaError, TagProblem, Task, TaskKind,
};

fn all() -> Vec<Error> {
    let file = || PathBuf::from("corpus.txt");
    let at = || Origin::new("corpus.txt", 7).of("task 3");
    let text = || "x".to_owned();
    let io = || std::io::Error::other("it is broken");
    let place = || at().to_string();
    let (label, example) = (text(), place());
    let read = [
        ReadError::NoFile { file: file(), what: "a pipe" },
        ReadError::Utf8 { at: at() },
        ReadError::Utf16 { file: file() },
        ReadError::LongLine { at: at(), limit: 1 },
        ReadError::Text { at: at(), key: text() },
        ReadError::NoText { at: at(), problem: text() },
        ReadError::Item { at: at(), problem: text() },
        ReadError::Record { at: Origin::new("corpus.txt", 7), record: "task 3".to_owned(), problem: text() },
        ReadError::Layout { at: at(), expected: "a line" },
        ReadError::Unclear { at: at(), problem: text() },
        ReadError::BadCharSpan { at: at(), label: text(), start: 0, end: 1, length: 1 },
        ReadError::NoMention { example: place(), mention: text() },
        ReadError::NoToken { at: at(), column: 1 },
        ReadError::NoTag { at: at(), token: text() },
        ReadError::Tag { at: at(), tag: text(), problem: TagProblem::EmptyLabel },
        ReadError::NoExample { file: file(), left_out: 1 },
        ReadError::Empty { file: file(), format: "conll" },
        ReadError::NoSentence { file: file() },
        ReadError::UnknownLayout { file: file(), problem: text() },
    ];
    let examples = [
        ExampleError::BadToken { example: place(), index: 0, token: text() },
        ExampleError::BadSpan { example: place(), label: text(), start: 0, end: 2, tokens: 1 },
        ExampleError::BadRelation { example: place(), label: text(), index: 1, entities: 1 },
        ExampleError::BadArgument { example: place(), label: text(), what: "entity", index: 1, count: 1 },
        ExampleError::BadLabel { example: place(), label: text(), problem: text() },
        ExampleError::NoField { example: place(), task: "ner", field: "tokens" },
        ExampleError::UnknownLabel { example: place(), label: text(), known: text() },
        ExampleError::NoName { example: place(), label: text() },
        ExampleError::NoWindow { example, part: label },
    ];
    let others = [
        Error::Io { file: file(), source: io() },
        Error::Write { file: file(), source: io() },
        Error::Schema(SchemaError::BadSchema {
            file: "corpus.txt".to_owned(),
            source: serde_json::from_str::<u8>("x").unwrap_err(),
        }),
    ];
    read.into_iter().map(Error::Read).chain(examples.into_iter().map(Error::Example)).chain(others).collect()
}

#[test]
fn a_place_is_named_once() {
    for error in all() {
        let message = error.to_string();
        assert_eq!(message.matches("corpus.txt").count(), 1, "{message}");
        assert!(message.matches("task 3").count() <= 1, "{message}");
        let place = error.place().unwrap_or_else(|| panic!("no place: {message}"));
        let reason = error.reason(&place);
        assert!(!reason.contains("corpus.txt") && !reason.is_empty(), "{reason}");
    }
}

#[test]
fn a_check_names_a_file_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let task = Task::ner(Schema::open(), Mode::Fixed);
    let of = |format: Format, path: &Path| {
        let mut check = Check::default();
        let limits = PieceLimits { source: 9, target: 9 };
        let mut add = |examples| check.add(&task, "split", examples, &|_| None, limits);
        match format.read(path, &ReadOptions::default()) {
            Ok(examples) => add(examples.collect::<Vec<_>>()),
            Err(error) => add(vec![Err(error)]),
        }
        check.problems.remove(0)
    };
    for (format, path) in [
        (Format::Auto, path("letter.txt", "I went there.\nI saw it.\n")),
        (Format::Conll, path("empty.conll", "\n")),
        (Format::Jsonl, path("none.jsonl", "\n")),
        (Format::Csv, path("none.csv", "")),
        (Format::Conll, path("tag.conll", "Ann B-PER\nleft X-\n")),
        (Format::Triples, path("gone.json", r#"[{"text": "ann", "triple_list": [["bo", "r", "ann"]]}]"#)),
        (
            Format::Jsonl,
            path("span.jsonl", r#"{"tokens": ["a"], "entities": [{"type": "X", "start": 0, "end": 9}]}"#),
        ),
        (Format::Conll, folder.path().join("absent.conll")),
    ] {
        let problem = of(format, &path);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(problem.kind, ProblemKind::Unreadable, "{problem:?}");
        assert!(problem.place.contains(name) && !problem.detail.contains(name), "{problem:?}");
    }
}

#[test]
fn one_of_a_kind_is_singular() {
    assert_eq!(ProblemKind::HiddenSpans.words(1), "has crossing spans that the target cannot show");
    assert_eq!(ProblemKind::HiddenSpans.words(2), "have crossing spans that the target cannot show");
    assert_eq!(NoteKind::RepeatedSpan.words(1), "span is annotated more than once and counts once");
    assert_eq!(NoteKind::RepeatedSpan.words(3), "spans are annotated more than once and count once");
    let short =
        ExampleError::BadSpan { example: "e".to_owned(), label: "X".to_owned(), start: 0, end: 2, tokens: 1 };
    assert!(short.to_string().contains("within its 1 token;"), "{short}");
}

#[test]
fn what_a_prediction_cannot_take_is_told_in_plain_words() {
    let line = Cursor::new(br#"{"id": "x", "history": ["hello"]}"#.to_vec());
    let mut inputs = Format::Jsonl
        .prediction_inputs(line, Path::new("f"), &ReadOptions::default(), TaskKind::DialogueState)
        .unwrap();
    let unread = inputs.next().unwrap().err().unwrap();
    assert_eq!(
        unread.error.to_string(),
        "failed to read f:1, example x: a list stands where a text is expected"
    );
}
