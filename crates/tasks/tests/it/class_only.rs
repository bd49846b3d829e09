//! Data for entities in which some records have a class and no list of spans: nobody looked for entities in them,
//! so that they are left out and told, while a record with an empty list is a text without entities.

use fishdip_tasks::TaskKind;
use fishdip_tasks::read::{Format, NoteKind, ReadOptions};

use crate::annotation_tools::{options, read_with};

/// What is read for `task`, and what is told of texts that are left out.
fn read(format: Format, text: &str, task: Option<TaskKind>) -> (Vec<String>, Vec<String>) {
    let mut options: ReadOptions = options();
    options.task = task;
    let (found, notes) = read_with(format, text, &options);
    let left_out = notes.into_iter().filter(|note| note.kind == NoteKind::Unlabelled);
    (found, left_out.map(|note| note.to_string()).collect())
}

/// `text` has an example with an entity, one with a class alone, and one without entities.
#[track_caller]
fn leaves_out_the_class(format: Format, text: &str, place: &str) {
    for task in [TaskKind::Ner, TaskKind::JointEr] {
        let (found, told) = read(format, text, Some(task));
        assert_eq!(found.len(), 2, "{found:?} {told:?}");
        assert!(found[0].contains("PER=Ann"), "{found:?}");
        assert!(told.len() == 1 && told[0].contains(place), "{told:?}");
    }
    // Elsewhere a class is what is asked for.
    for task in [None, Some(TaskKind::TextClassification)] {
        assert_eq!(read(format, text, task).0.len(), 3, "{format}");
    }
}

#[test]
fn json_spans_with_a_label_alone() {
    let text = concat!(
        r#"{"id": "a", "text": "Ann left", "spans": [{"start": 0, "end": 3, "label": "PER"}]}"#,
        "\n",
        r#"{"id": "b", "text": "Bo won", "label": "sport"}"#,
        "\n",
        r#"{"id": "c", "text": "It rained", "spans": [], "label": "weather"}"#,
    );
    leaves_out_the_class(Format::JsonSpans, text, "f.jsonl:2: example b has a class, but no list of spans");
}

#[test]
fn doccano_with_classes() {
    let text = concat!(
        r#"{"id": 1, "text": "Ann left", "label": [[0, 3, "PER"]]}"#,
        "\n",
        r#"{"id": 2, "text": "Bo won", "label": ["sport"]}"#,
        "\n",
        r#"{"id": 3, "text": "It rained", "entities": [], "cats": ["weather"]}"#,
    );
    leaves_out_the_class(Format::Doccano, text, "f.jsonl:2: example 2");
}

#[test]
fn prodigy_with_an_accepted_option() {
    for class in [r#""label": "SPORT""#, r#""accept": ["SPORT"], "options": [{"id": "SPORT"}]"#] {
        let text = [
            r#"{"text": "Ann left", "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": "accept"}"#,
            &format!(r#"{{"text": "Bo won", {class}, "answer": "accept"}}"#),
            r#"{"text": "It rained", "spans": [], "answer": "accept"}"#,
        ];
        leaves_out_the_class(Format::Prodigy, &text.join("\n"), "f.jsonl:2: example 1");
    }
}

#[test]
fn spacy_with_categories() {
    let documents = r#"[{"text": "Ann left", "ents": [{"start": 0, "end": 3, "label": "PER"}]},
        {"text": "Bo won", "cats": {"SPORT": 1.0}},
        {"text": "It rained", "ents": [], "cats": {"SPORT": 0.0}}]"#;
    leaves_out_the_class(Format::Spacy, documents, "f.jsonl:2: example 1");
    let pairs = r#"[["Ann left", {"entities": [[0, 3, "PER"]]}],
        ["Bo won", {"cats": {"SPORT": 1.0}}],
        ["It rained", {"entities": []}]]"#;
    leaves_out_the_class(Format::Spacy, pairs, "f.jsonl:2: example 1");
    let sentence = |word: &str, tag: &str| format!(r#"{{"tokens": [{{"orth": "{word}"{tag}}}]}}"#);
    let paragraph = |sentence: &str, cats: &str| format!(r#"{{"sentences": [{sentence}]{cats}}}"#);
    let version_2 = format!(
        r#"[{{"id": 7, "paragraphs": [{}, {}, {}]}}]"#,
        paragraph(&sentence("Ann", r#", "ner": "U-PER""#), ""),
        paragraph(&sentence("Bo", ""), r#", "cats": [{"label": "SPORT", "value": 1.0}]"#),
        paragraph(&sentence("It", r#", "ner": "O""#), ""),
    );
    leaves_out_the_class(Format::Spacy, &version_2, "document 7: sentence 7.1");
}

#[test]
fn label_studio_with_a_choice() {
    let task = |id: usize, text: &str, result: &str| {
        format!(
            r#"{{"id": {id}, "data": {{"text": "{text}"}}, "annotations": [{{"completed_by": 1, "result": [{result}]}}]}}"#
        )
    };
    let labels = r#"{"id": "r", "from_name": "ner", "to_name": "text", "type": "labels", "value": {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}}"#;
    let choice = r#"{"id": "c", "from_name": "topic", "to_name": "text", "type": "choices", "value": {"choices": ["sport"]}}"#;
    let text = format!(
        "[{},\n{},\n{}]",
        task(7, "Ann left", labels),
        task(8, "Bo won", choice),
        task(9, "It rained", "")
    );
    leaves_out_the_class(Format::LabelStudio, &text, "f.jsonl:2: task 8 has a choice, but no labels");
    // Who names the control of the labels says that it was looked at.
    let mut options = options();
    (options.task, options.tag_column) = (Some(TaskKind::Ner), "ner".to_owned().try_into().ok());
    assert_eq!(read_with(Format::LabelStudio, &text, &options).0, ["7 PER=Ann", "8", "9"]);
}

#[test]
fn jsonl_of_another_task() {
    let text = concat!(
        r#"{"id": "a", "tokens": ["Ann", "left"], "entities": [{"type": "PER", "start": 0, "end": 1}]}"#,
        "\n",
        r#"{"id": "b", "tokens": ["Bo", "won"], "label": "sport"}"#,
        "\n",
        r#"{"id": "c", "tokens": ["It", "rained"], "entities": []}"#,
    );
    leaves_out_the_class(Format::Jsonl, text, "f.jsonl:2, example b: it has annotations of another task");
    let mut options = options();
    options.task = Some(TaskKind::Ner);
    let (found, notes) = read_with(Format::Jsonl, r#"{"id": "d", "tokens": ["It"]}"#, &options);
    assert_eq!(found, ["d"]);
    let told = "f.jsonl:1, example d: it has no \"entities\", which is taken to say that none are there";
    assert_eq!(notes.iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
}

#[test]
fn a_file_of_classes_alone_has_no_example() {
    let text = r#"{"id": "b", "text": "Bo won", "label": "sport"}"#;
    let (found, _) = read(Format::JsonSpans, text, Some(TaskKind::Ner));
    assert!(found[0].contains("nothing in it is annotated"), "{found:?}");
}

#[test]
fn a_text_that_is_not_that_of_its_tokens_is_told() {
    let line = |text: &str| {
        format!(r#"{{"id": "x", "text": "{text}", "tokens": ["Ann", "left", "."], "entities": []}}"#)
    };
    let told = |text: &str| -> Vec<String> {
        let notes = read_with(Format::Jsonl, &line(text), &options()).1;
        notes.iter().map(ToString::to_string).collect()
    };
    assert!(told("Ann left.").is_empty() && told(" Ann  left . ").is_empty());
    for text in ["Bo left.", "Ann left. Bo stayed.", "Ann"] {
        let told = told(text);
        let expected = "f.jsonl:1, example x: its text is not that of its tokens";
        assert!(told.len() == 1 && told[0].starts_with(expected), "{text}: {told:?}");
    }
}
