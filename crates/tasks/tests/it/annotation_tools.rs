//! Files of doccano, Prodigy, spaCy and brat, and spans in JSON lines: each of their ways is read right, or
//! refused with the record's id and what to do.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use fishdip_tasks::read::{Examples, Format, Note, NoteKind, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Example, Quirks, Result};

pub(crate) fn options() -> ReadOptions {
    ReadOptions::new(TagScheme::Auto, Quirks::NONE)
}

/// The examples and errors, in words, and the notes.
fn shown(examples: Result<Examples>) -> (Vec<String>, Vec<Note>) {
    let mut examples = match examples {
        Ok(examples) => examples,
        Err(error) => return (vec![error.to_string()], Vec::new()),
    };
    let shown = examples
        .by_ref()
        .map(|example| example.map_or_else(|error| error.to_string(), |example| show(&example)))
        .collect();
    (shown, examples.notes().take())
}

/// `id LABEL=text … head>label>tail … class`.
fn show(example: &Example) -> String {
    let entity =
        |e: &fishdip_tasks::Entity| format!("{}={}", e.label, example.tokens[e.start..e.end].join("_"));
    let mut parts = vec![example.id.clone()];
    parts.extend(example.entities.iter().map(entity));
    parts.extend(example.relations.iter().map(|r| format!("{}>{}>{}", r.head, r.label, r.tail)));
    parts.extend(example.label.clone());
    parts.join(" ")
}

pub(crate) fn read_with(format: Format, text: &str, options: &ReadOptions) -> (Vec<String>, Vec<Note>) {
    shown(format.read_from(Cursor::new(text.to_owned()), Path::new("f.jsonl"), options))
}

pub(crate) fn read(format: Format, text: &str) -> Vec<String> {
    read_with(format, text, &options()).0
}

#[track_caller]
pub(crate) fn refused(format: Format, text: &str, parts: &[&str]) {
    let found = read(format, text).concat();
    for part in parts {
        assert!(found.contains(part), "{part:?} is not in {found}");
    }
}

pub(crate) fn kinds(format: Format, text: &str) -> Vec<NoteKind> {
    read_with(format, text, &options()).1.iter().map(|note| note.kind).collect()
}

#[test]
fn json_spans_are_strict() {
    let json_spans = |text: &str, parts: &[&str]| refused(Format::JsonSpans, text, parts);
    json_spans(
        r#"{"id": "a", "text": "Ann", "spams": []}"#,
        &["f.jsonl:1: example a", "\"spams\"", "did you mean \"spans\"?"],
    );
    json_spans(
        r#"{"text": "Ann", "spans": [{"start": 0, "end": 3, "label": "X", "token_start": 0}]}"#,
        &["span 0", "Prodigy"],
    );
    json_spans(r#"{"text": "Ann", "spans": [{"start": 0, "end": 3}]}"#, &["example 0: span 0 has no label"]);
    json_spans(
        r#"{"text": "Ann", "spans": [{"start": -1, "end": 3, "label": "X"}]}"#,
        &["\"start\"", "whole number from 0"],
    );
    json_spans(
        r#"{"text": "Ann", "spans": [{"start": 0, "end": 3, "label": "X", "text": "Bob"}]}"#,
        &["\"Bob\"", "\"Ann\""],
    );
    json_spans(
        r#"{"text": "Ann", "spans": [], "relations": [{"head": 0, "tail": 1, "label": "r"}]}"#,
        &["relation \"r\"", "0 spans"],
    );
    json_spans(
        r#"{"content": "Ann", "heading": "A", "spans": []}"#,
        &["no \"text\", but \"content\", \"heading\", \"spans\""],
    );
    json_spans("[[\"Ann\", {\"entities\": []}]]", &["is a list", "spacy"]);
    json_spans("\"Ann\"", &["is a text", "check the format"]);
    assert_eq!(
        kinds(Format::JsonSpans, "{\"text\": \"a\"}\n{\"text\": \"b\", \"spans\": []}"),
        [NoteKind::Unlabelled]
    );
    let unlabelled = ReadOptions::new(TagScheme::Unlabelled, Quirks::NONE);
    let (found, _) =
        read_with(Format::JsonSpans, r#"{"id": 4, "text": "a", "source": "b", "spans": 7}"#, &unlabelled);
    assert_eq!(found, ["4"]);
}

#[test]
fn other_tools_are_named() {
    for (line, name) in [
        (r#"{"text": "Ann", "ents": []}"#, "spacy"),
        (r#"{"text": "Ann", "labels": [[0, 3, "X"]]}"#, "doccano"),
        (r#"{"text": "Ann", "label": [[0, 3, "X"]]}"#, "doccano"),
        (r#"{"text": "Ann", "entities": [{"start_offset": 0, "end_offset": 3, "label": "X"}]}"#, "doccano"),
        (
            r#"{"text": "Ann", "spans": [{"start": 0, "end": 3, "label": "X"}], "answer": "accept"}"#,
            "prodigy",
        ),
        (r#"{"data": {"text": "Ann"}, "annotations": []}"#, "label-studio"),
        (
            r#"{"id": 1, "text": "Ann", "sentiment": "good", "annotator": 1, "annotation_id": 2, "lead_time": 3}"#,
            "JSON-MIN",
        ),
    ] {
        for format in
            [Format::JsonSpans, Format::Doccano, Format::Prodigy, Format::Spacy, Format::LabelStudio]
        {
            let found = read(format, line).concat();
            let is_own = format.name() == name;
            assert_eq!(found.contains(name), !is_own, "{line} as {}: {found}", format.name());
        }
    }
}

#[test]
fn files_may_be_lists_and_have_marks_and_carriage_returns() {
    let line = r#"{"id": 1, "text": "Ann left", "label": [[0, 3, "X"]]}"#;
    for text in [format!("[\n{line}\n]"), format!("\u{feff}{line}\r\n\r\n"), line.replace(", ", ",\n")] {
        assert_eq!(read(Format::Doccano, &text), ["1 X=Ann"]);
    }
    for format in [Format::JsonSpans, Format::LabelStudio, Format::Doccano, Format::Prodigy, Format::Spacy] {
        for empty in ["", "\u{feff}", "\r\n\n", "[]"] {
            let found = read(format, empty).concat();
            assert!(found.contains("no sentence"), "{} {empty:?}: {found}", format.name());
        }
        for open in ["[", "{\"text\":"] {
            assert!(read(format, &open.repeat(50_000)).concat().contains("recursion limit"));
        }
    }
}

#[test]
fn doccano() {
    let found = read(
        Format::Doccano,
        concat!(
            r#"{"id": 1, "data": "Zoë left", "labels": [[0, 3, "X"]], "meta": {}, "annotation_approver": null}"#,
            "\n",
            r#"{"id": 2, "text": "Play it", "cats": ["PlayMusic"], "entities": [[5, 7, "WHAT"]]}"#,
        ),
    );
    assert_eq!(found, ["1 X=Zoë", "2 WHAT=it PlayMusic"]);
    // What is labelled with nothing, or by nobody, looks the same; and columns of the import are exported.
    let spans = "{\"text\": \"Ann\", \"label\": [[0, 3, \"X\"]], \"source\": \"a\"}\n{\"text\": \"Bo\", \"label\": [], \"source\": \"b\"}";
    assert_eq!(read(Format::Doccano, spans), ["0 X=Ann", "1"]);
    assert_eq!(kinds(Format::Doccano, spans), [NoteKind::Assumed, NoteKind::Assumed]);
    let doccano = |text: &str, parts: &[&str]| refused(Format::Doccano, text, parts);
    doccano(
        r#"{"id": 7, "text": "Ann", "annotations": [{"label": 1, "start_offset": 0, "end_offset": 3, "user": 1}]}"#,
        &["example 7", "JSONL"],
    );
    doccano(r#"{"id": 7, "text": "Ann", "labls": "x"}"#, &["example 7", "did you mean \"labels\"?"]);
    doccano(r#"{"id": 7, "text": "Ann", "sentiment": "good"}"#, &["example 7", "neither \"label\""]);
    doccano(r#"{"id": 7, "text": "Ann", "label": [[0, "X"]]}"#, &["example 7", "[start, end, label]"]);
    let lost = r#"{"id": 7, "text": "Ann", "entities": [], "relations": [{"id": 1, "from_id": 1, "to_id": 2, "type": "r"}]}"#;
    doccano(lost, &["example 7: relation 1", "\"from_id\""]);
}

#[test]
fn prodigy() {
    let line = |session: &str, label: &str, answer: &str| {
        format!(
            "{{\"text\": \"Ann left\", \"spans\": [{{\"start\": 0, \"end\": 3, \"label\": {label:?}}}], \"answer\": {answer:?}, \"_session_id\": \"set-{session}\"}}\n"
        )
    };
    let kept = read(
        Format::Prodigy,
        &(line("a", "X", "accept") + &line("a", "Y", "reject") + &line("a", "Y", "ignore")),
    );
    assert_eq!(kept, ["0 X=Ann"]);
    assert_eq!(read(Format::Prodigy, &(line("a", "X", "accept") + &line("b", "X", "accept"))), ["0 X=Ann"]);
    let differ = line("a", "X", "accept") + &line("b", "Y", "accept");
    refused(Format::Prodigy, &differ, &["f.jsonl:2: example 1", "set-a", "data.annotator"]);
    let mut by_b = options();
    by_b.annotator = Some("b".to_owned());
    assert_eq!(read_with(Format::Prodigy, &differ, &by_b).0, ["1 Y=Ann"]);
    refused(Format::Prodigy, &line("a", "X", "maybe"), &["example 0", "\"maybe\""]);
    // What a review decided counts, not what it decided between.
    let reviewed = r#"{"text": "Ann left", "versions": [{"text": "Ann left", "spans": []}], "sessions": ["a", "b"], "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": "accept"}"#;
    assert_eq!(read(Format::Prodigy, reviewed).concat().matches("PER").count(), 1);
    let prodigy = |text: &str, parts: &[&str]| refused(Format::Prodigy, text, parts);
    prodigy(
        r#"{"text": "Ann", "accept": ["a", "b"], "answer": "accept"}"#,
        &["example 0", "several options", "a, b"],
    );
    prodigy(r#"{"text": "Ann", "spans": [], "tags": ["a"], "answer": "accept"}"#, &["\"tags\""]);
    prodigy(r#"{"image": "a.jpg", "spans": [], "answer": "accept"}"#, &["image"]);
    assert_eq!(
        kinds(Format::Prodigy, "{\"text\": \"a\"}\n{\"text\": \"b\", \"label\": \"X\"}"),
        [NoteKind::Unlabelled, NoteKind::Assumed]
    );
    let by_token = r#"{"text": "Ann left", "spans": [{"start": 0, "end": 3, "label": "X", "token_start": 0, "token_end": 0}, {"start": 4, "end": 8, "label": "Y", "token_start": 1, "token_end": 1}], "relations": [{"head": 1, "child": 0, "label": "r"}], "answer": "accept"}"#;
    assert_eq!(read(Format::Prodigy, by_token), ["0 X=Ann Y=left 1>r>0"]);
    prodigy(&by_token.replace("\"head\": 1", "\"head\": 5"), &["example 0: relation 0", "head"]);
}

#[test]
fn spacy() {
    let pairs = "[\"Ann left\", {\"entities\": [[0, 3, \"X\"]], \"cats\": {\"A\": 1.0, \"B\": 0.0}}]\n[\"b\", {\"cats\": {\"A\": 0}}]\n";
    assert_eq!(read(Format::Spacy, pairs), ["0 X=Ann A"]);
    assert_eq!(kinds(Format::Spacy, pairs), [NoteKind::Unlabelled]);
    let annotator = r#"{"classes": ["X"], "annotations": [["Ann left", {"entities": [[0, 3, "X"]]}], null]}"#;
    assert_eq!(read(Format::Spacy, annotator), ["0 X=Ann"]);
    let spacy = |text: &str, parts: &[&str]| refused(Format::Spacy, text, parts);
    spacy("[\"a\", {\"cats\": {\"A\": 1, \"B\": 1}}]", &["example 0", "several categories (A, B)"]);
    spacy("[\"a\", {\"entities\": [\"O\"]}]", &["example 0", "[start, end, label]"]);
    spacy(
        r#"{"text": "Ann", "spans": {"sc": [{"start": 0, "end": 3, "label": "X"}]}}"#,
        &["example 0", "groups sc"],
    );
    let document = |tags: [&str; 2]| {
        format!(
            "[{{\"id\": 5, \"paragraphs\": [{{\"sentences\": [{{\"tokens\": [{{\"orth\": \"Ann\", \"ner\": {:?}}}, {{\"orth\": \"\\n\", \"ner\": \"O\"}}, {{\"orth\": \"Lee\", \"ner\": {:?}}}]}}], \"cats\": [{{\"label\": \"A\", \"value\": 1}}]}}]}}]",
            tags[0], tags[1]
        )
    };
    assert_eq!(read(Format::Spacy, &document(["B-X", "L-X"])), ["5.0 X=Ann_Lee A"]);
    spacy(&document(["B-X", "O"]), &["document 5", "sentence 0", "\"O\""]);
    spacy(&document(["B-X", "-"]), &["document 5", "no tag at token 1"]);
    assert_eq!(read(Format::Spacy, &document(["-", "-"])), ["5.0 A"]);
}

/// What a folder of brat's with these files holds.
pub(crate) fn brat(files: &[(&str, &str)]) -> (Vec<String>, Vec<Note>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    shown(Format::Brat.read(folder.path(), &options()))
}

#[test]
fn brat_documents() {
    let (found, notes) = brat(&[
        ("b/x.1.txt", "Ann Lee left\r\nRome"),
        ("b/x.1.ann", "T1\tPER 0 7\tAnn Lee\r\nT2\tLOC 14 18\tRome\nR1\tleft Arg1:T1 Arg2:T2\n"),
        ("a.txt", "\u{feff}Ann"),
        ("a.ann", "T1\tPER 1 4\tAnn\n"),
        ("c.txt", "It rained"),
        ("d.txt", "It rained"),
        ("d.ann", ""),
        ("notes.md", "x"),
    ]);
    assert_eq!(found, ["a PER=Ann", "b/x.1 PER=Ann_Lee LOC=Rome 0>left>1"]);
    assert_eq!(notes.iter().map(|note| note.kind).collect::<Vec<_>>(), [NoteKind::Unlabelled; 2]);
    let (found, notes) = brat(&[
        ("a.txt", "left and right arm hurt"),
        (
            "a.ann",
            "T1\tPART 0 4;15 18\tleft arm\nT2\tPART 9 18\tright arm\nR1\tr Arg1:T1 Arg2:T2\n*\tEquiv T1 T2\nA1\tSure T2\nN1\tReference T2 W:1\tArm\n#1\tAnnotatorNotes T2\tx\n",
        ),
    ]);
    assert_eq!(found, ["a PART=right_arm"]);
    assert_eq!(notes.iter().filter(|note| note.kind == NoteKind::LeftOut).count(), 6);
}

#[test]
fn brat_faults() {
    let ann = |line: &str| {
        brat(&[("a.txt", "Ann left"), ("a.ann", &format!("T1\tPER 0 3\tAnn\n{line}\n"))]).0.concat()
    };
    for (line, part) in [
        ("T2\tPER 0 x\tAnn", "T2 should be a type and two offsets"),
        ("T2\tPER 3 4\t ", "T2 3..4 covers no word"),
        ("T2\tPER 0 99\tAnn", "T2 0..99 ends at 99, beyond its text of 8 characters"),
        ("R1\tr Arg1:T1", "R1 should have two arguments"),
        ("R1\tr Arg1:T1 Arg2:T7", "names T7, which is not there"),
        ("E1\tLeave:T9", "E1 has the trigger T9, which is not there"),
        ("Ann PER", "is no annotation of brat"),
    ] {
        let found = ann(line);
        assert!(found.contains("a.ann:2: document a: ") && found.contains(part), "{line}: {found}");
    }
    assert!(brat(&[("a.ann", "T1\tX 0 1\tA")]).0.concat().contains("the text beside it"));
    assert!(brat(&[]).0.concat().contains("no sentence"));
    assert!(shown(Format::Brat.read(Path::new("nowhere"), &options())).0.concat().contains("nowhere"));
}
