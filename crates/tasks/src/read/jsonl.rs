//! Examples as JSON lines.

use std::io::BufRead;
use std::path::Path;

use super::class_only::asks_for_spans;
use super::json::{self, Item, layouts};
use super::raw_text::kept;
use super::{NoteKind, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::text::is_space;
use crate::{Example, Origin, Result};

/// [`Example`]s, a JSON object a line, from `reader`; messages call it `file`. One without an id is called by
/// its number.
pub fn examples<R: BufRead>(reader: R, file: &Path) -> impl Iterator<Item = Result<Example>> + use<R> {
    json::each_line(reader, file, &layouts::JSONL, example)
}

/// The keys of annotations that say nothing of entities.
const OTHER_ANNOTATIONS: [&str; 10] = [
    "label",
    "intent",
    "slots",
    "predicate",
    "roles",
    "relation",
    "history",
    "belief",
    "clusters",
    "triggers",
];

/// As [`examples`], with notes. Where entities are asked for, an example without `"entities"` that has annotations
/// of another task is left out: nobody looked for entities in it.
pub(super) fn noted_examples<R: BufRead>(
    reader: R,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    let asks_for_spans = asks_for_spans(options);
    let (unlabelled, notes) = (options.scheme == TagScheme::Unlabelled, notes.clone());
    let read = move |item: &Item<'_>| {
        let example = example(item)?;
        if unlabelled {
            return Ok(Some(example));
        }
        let has = |key: &str| item.keys().any(|own| own == key);
        if asks_for_spans && !has("entities") {
            if OTHER_ANNOTATIONS.into_iter().any(has) {
                let what = "it has annotations of another task, but no \"entities\"";
                notes.add(NoteKind::Unlabelled, Some(item.at()), what);
                return Ok(None);
            }
            let what = "it has no \"entities\", which is taken to say that none are there";
            notes.add(NoteKind::Assumed, Some(item.at()), what);
        }
        note_other_text(&example, item.at(), &notes);
        Ok(Some(example))
    };
    kept(json::each_line(reader, file, &layouts::JSONL, read), file, unlabelled)
}

/// Notes an example whose text and tokens, where it has both, are not the same but for white space.
pub(super) fn note_other_text(example: &Example, at: &Origin, notes: &Notes) {
    let Some(text) = example.text.as_ref().filter(|_| !example.tokens.is_empty()) else { return };
    let of_tokens = example.tokens.iter().flat_map(|token| token.chars());
    if !text.chars().filter(|c| !is_space(*c)).eq(of_tokens.filter(|c| !is_space(*c))) {
        let what = "its text is not that of its tokens; classes are of the text, all else is of the tokens: correct one of the two, or take it out";
        notes.add(NoteKind::Assumed, Some(at), what);
    }
}

/// The example that `item` is.
pub(super) fn example(item: &Item<'_>) -> Result<Example> {
    let mut example: Example = item.read()?;
    if !item.keys().any(|key| ["tokens", "text", "history"].contains(&key)) {
        return Err(item.problem("the key \"tokens\" is missing"));
    }
    example.id = item.id();
    example.origin = Some(item.at().clone());
    example.check()?;
    Ok(example)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Vec<Result<Example>> {
        examples(text.as_bytes(), Path::new("a.jsonl")).collect()
    }

    #[test]
    fn ids_are_kept_and_an_output_is_no_mistake() {
        let text = "{\"id\": \"x\", \"tokens\": [\"a\"], \"output\": \"a\", \"orig_id\": 7}\n\n{\"tokens\": [\"b\"]}\n";
        let examples = read(text);
        let ids: Vec<_> = examples.iter().map(|e| e.as_ref().unwrap().id.as_str()).collect();
        assert_eq!(ids, ["x", "1"]);
    }

    #[test]
    fn what_is_not_known_is_refused_and_costs_its_line_alone() {
        let cases = [
            (
                r#"{"id": 4, "tokens": ["a"], "entitys": []}"#,
                "a.jsonl:1, example 4: the key \"entitys\" is not known; did you mean \"entities\"?",
            ),
            (
                r#"{"tokens": ["a"], "entities": [{"type": "X", "start": 0, "end": 1, "lable": 2}]}"#,
                "a.jsonl:1: entities[0]: the key \"lable\" is not known",
            ),
            (
                r#"{"tokens": ["a"], "entities": [{"type": "X", "start": "0", "end": 1}]}"#,
                "entities[0].start: the text \"0\" stands where a whole number from 0 is expected",
            ),
            (
                r#"{"tokens": ["a"], "entities": [{"type": "X", "start": -1, "end": 1}]}"#,
                "entities[0].start: the number -1 stands where a whole number from 0 is expected",
            ),
            (r#"{"tokens": "a b"}"#, "tokens: the text \"a b\" stands where a list is expected"),
            (r#"{"entities": []}"#, "the key \"tokens\" is missing"),
            ("[1]", "a list stands where an object is expected"),
            ("{\"tokens\": [\"a\"", "a.jsonl:1: no valid JSON (EOF while parsing a list, line 1, byte 15)"),
            ("{'tokens': ['a']}", "json.dumps"),
        ];
        for (line, expected) in cases {
            let found = read(&format!("{line}\n{{\"tokens\": [\"b\"]}}\n"));
            let message = found[0].as_ref().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            assert!(found[1].is_ok());
        }
        let deep = format!("{{\"tokens\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(
            read(&deep)[0]
                .as_ref()
                .unwrap_err()
                .to_string()
                .contains("a list stands where a text is expected")
        );
    }
}
