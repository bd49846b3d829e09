//! Records that contradict themselves, or each other: refused with both places, unless it is said which
//! counts.

use fishdip_tasks::read::{Format, NoteKind};
use serde_json::json;

use crate::annotation_tools::{brat, kinds, options, read, read_with, refused};

#[test]
fn an_id_of_brat_is_given_once() {
    let ann = |lines: &str| brat(&[("a.txt", "Ann left Rome"), ("a.ann", lines)]).0.concat();
    let twice = [
        ("T1\tPER 0 3\tAnn\nT2\tLOC 9 13\tRome\nT1\tLOC 9 13\tRome\n", 3, "T1 stands in line 1 as well"),
        (
            "T1\tPER 0 3\tAnn\nT2\tLOC 9 13\tRome\nR1\tleft Arg1:T1 Arg2:T2\n\nR1\tin Arg1:T2 Arg2:T1\n",
            5,
            "R1 stands in line 3 as well",
        ),
        ("T1\tLeave 4 8\tleft\nE1\tLeave:T1\nE1\tLeave:T1\n", 3, "E1 stands in line 2 as well"),
    ];
    for (lines, line, part) in twice {
        let found = ann(lines);
        assert!(found.contains(&format!("a.ann:{line}: document a: {part}")), "{found}");
    }
    // Equivalences have no numbers.
    assert_eq!(ann("T1\tPER 0 3\tAnn\n*\tEquiv T1 T1\n*\tEquiv T1 T1\n"), "a PER=Ann");
}

#[test]
fn a_choice_without_an_option_is_no_example() {
    let options = r#""options": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]"#;
    let line =
        |accept: &str| format!("{{\"text\": \"Ann left\", {options}{accept}, \"answer\": \"accept\"}}\n");
    let text =
        line(r#", "accept": ["b"]"#) + &line(r#", "accept": []"#) + &line("") + &line(r#", "spans": []"#);
    assert_eq!(read(Format::Prodigy, &text), ["0 b"]);
    assert_eq!(kinds(Format::Prodigy, &text), [NoteKind::Unlabelled; 3]);
}

#[test]
fn spans_of_prodigy_are_where_their_tokens_are() {
    let tokens = r#""tokens": [{"text": "Ann", "start": 0, "end": 3, "id": 0}, {"text": "left", "start": 4, "end": 8, "id": 1}]"#;
    let line = |span: &str| {
        format!("{{\"text\": \"Ann left\", {tokens}, \"spans\": [{span}], \"answer\": \"accept\"}}")
    };
    let span = |start: usize, end: usize, first: usize, last: usize| {
        line(&format!(
            "{{\"start\": {start}, \"end\": {end}, \"label\": \"X\", \"token_start\": {first}, \"token_end\": {last}}}"
        ))
    };
    assert_eq!(read(Format::Prodigy, &span(0, 8, 0, 1)), ["0 X=Ann_left"]);
    let told = "example 0: span 0 is said to be at 0..3, but its tokens, 1 to 1, are at 4..8";
    refused(Format::Prodigy, &span(0, 3, 1, 1), &[told]);
    refused(Format::Prodigy, &span(0, 3, 0, 2), &["from token 0 to token 2, but there are 2"]);
}

#[test]
fn relations_of_prodigy_have_one_span_at_each_end() {
    let line = r#"{"text": "Ann Lee left", "spans": [
        {"start": 0, "end": 7, "label": "X", "token_start": 0, "token_end": 1},
        {"start": 4, "end": 7, "label": "Y", "token_start": 1, "token_end": 1},
        {"start": 8, "end": 12, "label": "Z", "token_start": 2, "token_end": 2}],
        "relations": [{"head": 1, "child": 2, "label": "r"}], "answer": "accept"}"#;
    refused(Format::Prodigy, line, &["relation 0 has a head that is in several spans"]);
    let named = line.replace(
        "\"child\": 2,",
        "\"child\": 2, \"head_span\": {\"start\": 4, \"end\": 7, \"token_start\": 1, \"token_end\": 1, \"label\": \"Y\"},",
    );
    assert_eq!(read(Format::Prodigy, &named), ["0 X=Ann_Lee Y=Lee Z=left 1>r>2"]);
    refused(
        Format::Prodigy,
        &named.replace("\"head\": 1", "\"head\": 0"),
        &["head_span goes from token 1 to token 1, but the relation is with token 0"],
    );
}

#[test]
fn annotators_of_doccano_agree_or_one_is_chosen() {
    let line = |label: &str, by: &str| {
        format!("{{\"id\": 7, \"text\": \"Ann left\", \"label\": [[0, 3, {label:?}]]{by}}}\n")
    };
    let (ann, bo) = (", \"annotator\": \"ann\"", ", \"annotator\": \"bo\"");
    assert_eq!(read(Format::Doccano, &(line("PER", ann) + &line("PER", bo))), ["7 PER=Ann"]);
    let differ = line("PER", ann) + &line("ORG", bo);
    let found = read(Format::Doccano, &differ);
    assert_eq!(found[0], "7 PER=Ann");
    let told = "f.jsonl:2: example 7: is labelled otherwise in line 1, with the same id and text";
    assert!(found[1].contains(told) && found[1].contains("data.annotator = \"bo\""), "{found:?}");
    let by = |name: &str| {
        let mut options = options();
        options.annotator = Some(name.to_owned());
        read_with(Format::Doccano, &differ, &options)
    };
    assert_eq!(by("bo").0, ["7 ORG=Ann"]);
    assert_eq!(by("bo").1[0].kind, NoteKind::Unlabelled);
    assert!(by("cy").0[0].contains("the annotators are \"ann\", \"bo\""), "{:?}", by("cy").0);
    let nobody = line("PER", "") + &line("ORG", "");
    refused(Format::Doccano, &nobody, &["keep one of the two, or export each annotator to a file"]);
    // The same id of two texts, as in files that were put together.
    let two = line("PER", "") + &line("ORG", "").replace("Ann left", "Bob left");
    assert_eq!(read(Format::Doccano, &two), ["7 PER=Ann", "7 ORG=Bob"]);
    let entities = r#"{"text": "Ann left", "entities": [{"id": 1, "label": "X", "start_offset": 0, "end_offset": 3}, {"id": 1, "label": "Y", "start_offset": 4, "end_offset": 8}]}"#;
    refused(Format::Doccano, entities, &["entity 1 has the id of another entity"]);
}

#[test]
fn label_studio_says_what_was_annotated_and_by_which_control() {
    let export = |annotation: serde_json::Value| {
        json!([{ "id": 4, "data": { "text": "Ann left" }, "annotations": [annotation] }]).to_string()
    };
    for empty in [json!({ "result": null }), json!({ "id": 9 })] {
        refused(Format::LabelStudio, &export(empty), &["task 4: annotation", "has no \"result\""]);
    }
    assert_eq!(
        kinds(Format::LabelStudio, &export(json!({ "result": null, "was_cancelled": true }))),
        [NoteKind::Skipped]
    );
    let region = |kind: &str, start: usize, end: usize, value: serde_json::Value| {
        let mut value = value;
        value["start"] = json!(start);
        value["end"] = json!(end);
        json!({ "type": kind, "value": value })
    };
    let first = region("labels", 0, 3, json!({ "labels": ["PER"] }));
    let second = region("hypertextlabels", 4, 8, json!({ "hypertextlabels": ["VERB"] }));
    let text = export(json!({ "result": [first, second] }));
    refused(Format::LabelStudio, &text, &["second control of labels, \"hypertextlabels\" beside \"labels\""]);
    let mut chosen = options();
    chosen.tag_column = Some("hypertextlabels".to_owned().try_into().unwrap());
    assert_eq!(read_with(Format::LabelStudio, &text, &chosen).0, ["4 VERB=left"]);
    let both = region("labels", 0, 3, json!({ "labels": ["PER"], "hypertextlabels": ["ORG"] }));
    refused(
        Format::LabelStudio,
        &export(json!({ "result": [both] })),
        &["labels both in \"labels\" and in \"hypertextlabels\""],
    );
    let named = |start: usize, end: usize, id: &str| json!({ "id": id, "type": "labels", "from_name": "l", "value": { "start": start, "end": end, "labels": ["X"] } });
    let link = json!({ "type": "relation", "from_id": "a", "to_id": "b", "labels": ["r"] });
    let twice = export(json!({ "result": [named(0, 3, "a"), named(4, 8, "a"), named(4, 8, "b"), link] }));
    refused(Format::LabelStudio, &twice, &["region a, an id that several regions have"]);
}
