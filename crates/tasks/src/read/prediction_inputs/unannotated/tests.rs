#![allow(clippy::unwrap_used)]
use super::*;

/// The words of each example that is asked about, or the error.
fn asked(format: Format, kind: TaskKind, text: &str) -> Vec<Result<String, String>> {
    let reader = Cursor::new(text.as_bytes().to_vec());
    let inputs = format.prediction_inputs(reader, Path::new("f"), &ReadOptions::default(), kind).unwrap();
    let words = inputs.map(|input| {
        let input = input.map_err(|bad| format!("{:?}: {}", bad.at.map(|at| at.line()), bad.error))?;
        Ok(input.example.history.unwrap_or_else(|| input.example.tokens.join(" ")))
    });
    words.collect()
}

#[test]
fn what_is_wrong_in_annotations_alone_costs_nothing() {
    let cases = [
        (Format::Genia, "a b\nN N\n0,9 X|what\n\nc\nN\n\n\n", vec!["a b", "c"]),
        (Format::Conll05, "0 a b ||| B-V\n0 c ||| what ||| else\n0 d\n", vec!["a b", "c", "d"]),
        (Format::Ade, "1|an ulcer|rash|5|9|x|y\n2|a cold\n", vec!["an ulcer", "a cold"]),
        (Format::Classes, "__label__a __label__b one\ntwo\n__label__ three", vec!["one", "two", "three"]),
        (Format::Classes, "a one\n__label__b two", vec!["one", "two"]),
        (Format::IntentTable, "h\n0\t0\t0\t0\ta b\ti\t0\tB-\n0\t0\t0\t0\tc\n", vec!["a b", "c"]),
        (Format::Coref, "#begin document (x)\nd 0 0 a b (3\nd 0 1 c d 4)\n#end document\n", vec!["a c"]),
        (
            Format::Spert,
            r#"[{"tokens": ["a"], "entities": [{"type": 3}], "mood": 1}, {"tokens": ["b"]}]"#,
            vec!["a", "b"],
        ),
        (Format::Spert, r#"{"tokens": ["a"], "entities": 1, "entities": []}"#, vec!["a"]),
        (
            Format::Dygie,
            r#"{"sentences": [["a"], ["b", "c"]], "ner": [[]], "relations": 7}"#,
            vec!["a", "b c"],
        ),
        (Format::Tacred, r#"[{"token": ["a"], "subj_start": 4, "relation": null}]"#, vec!["a"]),
        (Format::Opennre, r#"{"token": ["a"], "h": {"pos": [1, 7]}, "relation": []}"#, vec!["a"]),
        (Format::Fewrel, r#"{"P9": [{"tokens": ["a"], "h": ["x", "Q", [[5]]]}]}"#, vec!["a"]),
        (Format::Fewrel, r#"{"relation": 1, "tokens": ["a"], "head": {}, "tail": {}}"#, vec!["a"]),
        (Format::Nyt, r#"[{"tokens": ["a"], "spo_details": [[1]]}]"#, vec!["a"]),
        (Format::Nyt, r#"[{"tokens": ["a"], "spo_details": [], "spo_list": [["a", "r", "b"]]}]"#, vec!["a"]),
        (Format::Triples, r#"[{"text": "a b", "triple_list": [["x", "r", "y"]]}]"#, vec!["a b"]),
        (Format::HfTokens, r#"{"tokens": ["a"], "ner_tags": [3, 4], "mine": 1}"#, vec!["a"]),
        (
            Format::CorefJson,
            r#"{"preprocessing": {"segments": {"tokens": [{"extent": "a", "start": 0, "end": 0}]}}, "annotations": 1}"#,
            vec!["a"],
        ),
        (Format::AceEntities, r#"[{"context": "a b", "label": {"X": ["0,4"]}}]"#, vec!["a b"]),
        (
            Format::AceEvents,
            r#"[{"tokens": ["a"], "entities": [], "triggers": [{}], "relations": 1}]"#,
            vec!["a"],
        ),
        (Format::Csv, "text,label\na b,\nc,\"[{\"\"x\"\": 1}]\"\n", vec!["a b", "c"]),
    ];
    for (format, text, expected) in cases {
        let found = asked(format, TaskKind::Ner, text);
        let expected: Vec<Result<String, String>> =
            expected.iter().map(|words| Ok((*words).to_owned())).collect();
        assert_eq!(found, expected, "{format}");
    }
    let conll12 = r#"{"raw_text": "a b", "events": []}"#;
    assert_eq!(asked(Format::Conll12, TaskKind::Ner, conll12), [Ok("a b".to_owned())]);
    let dialogues = [
        (
            Format::Sgd,
            r#"[{"dialogue_id": "1", "turns": [{"speaker": "USER", "utterance": "hi", "frames": [{"state": 3}]}]}]"#,
        ),
        (Format::Multiwoz, r#"{"T.json": {"log": [{"text": "hi", "metadata": {"taxi": {"what": 1}}}]}}"#),
        (
            Format::MultiwozPrepared,
            r#"{"examples": [{"ID": "1", "turn_id": 0, "dialog_history": "[User]: hi ;", "turn_belief": ["x"]}]}"#,
        ),
    ];
    for (format, text) in dialogues {
        assert_eq!(asked(format, TaskKind::DialogueState, text), [Ok("[User]: hi ;".to_owned())], "{format}");
    }
}

#[test]
fn what_a_task_is_asked_about_is_no_annotation() {
    let tacred = r#"[{"token": ["a"], "subj_start": 4, "subj_end": 4, "obj_start": 0, "obj_end": 0}]"#;
    let found = asked(Format::Tacred, TaskKind::RelationClassification, tacred);
    assert!(found[0].as_ref().is_err_and(|error| error.starts_with("Some(1)")), "{found:?}");
    let predicate = r#"{"raw_text": "a b", "events": [{"trigger": {"start": 0, "end": 1}, "arguments": 7}]}"#;
    assert_eq!(asked(Format::Conll12, TaskKind::Srl, predicate), [Ok("a b".to_owned())]);
    let found = asked(Format::Conll12, TaskKind::Srl, &predicate.replace("1}", "9}"));
    assert!(found[0].is_err(), "{found:?}");
    let semeval = "7\t\"A <e1>a</e1> <e2>b</e2>.\"\nwhat\nelse\nmore\n\n8\t\"<e1>c</e1> <e2>d</e2>\"\n";
    let found = asked(Format::Semeval, TaskKind::RelationClassification, semeval);
    assert_eq!(found, [Ok("A a b .".to_owned()), Ok("c d".to_owned())]);
}

#[test]
fn a_text_that_cannot_be_read_is_told_with_its_line() {
    for (format, text, line) in [
        (Format::Spert, "[{\"tokens\": [\"a\"], \"entities\": [\n\n]},\n{\"tokens\": [\" \"]}]", 4),
        (Format::Spert, "[{\"mine\":\n1, \"tokens\": [\"a\"]},\n{\"tokens\": 3}]", 3),
        (Format::Dygie, "{\"sentences\": [[\"a\"]], \"ner\": 1}\n{\"sentences\": [[\"\"]]}\n", 2),
        (Format::Genia, "a\nN\n0,4 X\n\na\nN\n\nb\n", 8),
        (Format::HfTokens, "{\"tokens\": [\"a\"]}\n{\"toks\": [\"a\"]}\n", 2),
    ] {
        let found = asked(format, TaskKind::Ner, text);
        let told = format!("Some({line})");
        assert!(found.len() == 2 && found[0].is_ok(), "{format}: {found:?}");
        assert!(found[1].as_ref().is_err_and(|error| error.starts_with(&told)), "{format}: {found:?}");
    }
}

#[test]
fn lines_are_answered_when_they_come_and_stay_what_they_are() {
    let long = "x".repeat(Lines::<&[u8]>::MOST_BYTES + 9);
    let text = format!("\u{feff}one\r\n{long}\ntwo");
    let mut out = Vec::new();
    rewritten(Cursor::new(text.clone().into_bytes()), |line, _| Some(format!("<{line}>")))
        .read_to_end(&mut out)
        .unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), format!("<one>\r\n{long}\n<two>"));
    let mut out = Vec::new();
    rewritten(&b"a\n\xff\nb"[..], |line, _| Some(line.to_uppercase())).read_to_end(&mut out).unwrap();
    assert_eq!(out, b"A\n\xff\nB");
}
