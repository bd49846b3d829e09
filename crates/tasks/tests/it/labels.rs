//! Labels with white space around them, and with characters that nobody sees.

use fishdip_tasks::read::{Format, NoteKind};

use crate::annotation_tools::{brat, options, read_with, refused};

/// A file of each kind of layout whose only label is `LABEL`.
const FILES: [(Format, &str); 12] = [
    (Format::JsonSpans, r#"{"text": "Ann", "spans": [{"start": 0, "end": 3, "label": "LABEL"}]}"#),
    (Format::Doccano, r#"{"text": "Ann", "label": [[0, 3, "LABEL"]]}"#),
    (Format::Prodigy, r#"{"text": "Ann", "label": "LABEL", "answer": "accept"}"#),
    (Format::Spacy, r#"["Ann", {"entities": [[0, 3, "LABEL"]]}]"#),
    (
        Format::LabelStudio,
        r#"[{"data": {"text": "Ann"}, "annotations": [{"result": [{"type": "choices", "value": {"choices": ["LABEL"]}}]}]}]"#,
    ),
    (Format::Jsonl, r#"{"tokens": ["Ann"], "entities": [{"type": "LABEL", "start": 0, "end": 1}]}"#),
    (Format::Spert, r#"[{"tokens": ["Ann"], "entities": [{"type": "LABEL", "start": 0, "end": 1}]}]"#),
    (Format::HfTokens, r#"{"tokens": ["Ann"], "ner_tags": ["B-LABEL"]}"#),
    (Format::AceEntities, r#"[{"context": "Ann", "label": {"LABEL": ["0;0"]}}]"#),
    (Format::Csv, "text,label\nAnn,\"LABEL\"\n"),
    (Format::Conll, "Ann\tB-LABEL\n"),
    (Format::Classes, "LABEL Ann\n"),
];

#[test]
fn white_space_around_a_label_is_no_part_of_it() {
    // What stands at the end of a line is cut there already.
    let cells = [Format::Conll, Format::Classes];
    for (format, text) in FILES {
        let (found, notes) = read_with(format, &text.replace("LABEL", "PER "), &options());
        assert!(
            found.len() == 1 && found[0].contains("PER") && !found[0].contains("PER "),
            "{format}: {found:?}"
        );
        let told: Vec<_> =
            notes.iter().filter(|note| note.detail.contains("white space around it")).collect();
        assert_eq!(told.len(), usize::from(!cells.contains(&format)), "{format}: {notes:?}");
        assert!(told.iter().all(|note| note.kind == NoteKind::Assumed && note.detail.contains("\"PER \"")));
    }
}

#[test]
fn characters_that_nobody_sees_are_refused_and_shown() {
    for (format, text) in FILES {
        for (written, shown) in
            [("P\u{200b}ER", "P\\u{200b}ER"), ("\u{202e}PER", "\\u{202e}PER"), ("P\u{7f}ER", "P\\u{7f}ER")]
        {
            let number = format!(
                "holds the character U+{:04X}",
                u32::from(written.chars().find(|c| !c.is_ascii_alphabetic()).unwrap())
            );
            refused(format, &text.replace("LABEL", written), &["f.jsonl:", shown, &number, "take it out"]);
        }
    }
    let found = brat(&[("a.txt", "Ann"), ("a.ann", "T1\tP\u{200b}ER 0 3\tAnn\n")]).0.concat();
    assert!(found.contains("the label \"P\\u{200b}ER\""), "{found}");
}

#[test]
fn what_programs_write_for_a_missing_value_is_told_as_a_class() {
    let told = |format: Format, text: &str| -> Vec<String> {
        let (found, notes) = read_with(format, text, &options());
        assert_eq!(found.len(), 3, "{found:?}");
        let details = notes.into_iter().map(|note| note.detail);
        details.filter(|detail| detail.contains("missing value")).collect()
    };
    for missing in ["NA", "nan", "NULL", "None", "N/A"] {
        let spans = format!(
            "{{\"text\": \"a\", \"label\": \"{missing}\"}}\n{{\"text\": \"b\", \"label\": \"pos\"}}\n{{\"text\": \"c\", \"label\": \"{missing}\"}}\n"
        );
        let doccano = spans.replace(": \"pos\"", ": [\"pos\"]");
        for (format, text) in [
            (Format::Csv, &*format!("text,label\na,{missing}\nb,pos\nc,{missing}\n")),
            (Format::Tsv, &*format!("text\tlabel\na\t{missing}\nb\tpos\nc\t{missing}\n")),
            (Format::Classes, &*format!("{missing} a\npos b\n{missing} c\n")),
            (Format::JsonSpans, &*spans),
            (Format::Doccano, &*doccano),
            (Format::Jsonl, &*spans),
        ] {
            let told = told(format, text);
            let expected = format!("{missing:?} is read as a label (2 times, first in line ");
            assert!(told.len() == 1 && told[0].starts_with(&expected), "{format}: {told:?}");
        }
    }
    assert!(told(Format::Csv, "text,label\na,pos\nb,neg\nc,banana\n").is_empty());
}

#[test]
fn numbers_behind_labels_are_told() {
    let text = "Ann B-PER#1\nLee I-PER#1\nmet O\nBo B-PER#2\n";
    let (found, notes) = read_with(Format::Conll, text, &options());
    assert_eq!(found, ["0 PER#1=Ann_Lee PER#2=Bo"]);
    let expected =
        "\"PER#1\", \"PER#2\" count as labels of their own; if \"PER\" with a number behind it is meant";
    assert!(notes.iter().any(|note| note.detail.starts_with(expected)), "{notes:?}");
}
