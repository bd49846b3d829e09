//! Documents with coreference, as JSON lines.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json::{self, layouts};
use super::{NoteKind, Notes};
use crate::{Example, Result, TokenSpan};

/// JSON lines of documents: `preprocessing.segments.tokens` with `extent`, `start`, `end`, and
/// `annotations.coreference.groups` of mentions in characters, which are snapped to tokens as the original
/// does. One that is not made of whole tokens is noted.
pub(super) fn documents<R: BufRead>(
    reader: R,
    file: &Path,
    notes: &Notes,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    #[derive(Deserialize)]
    struct Line {
        preprocessing: Preprocessing,
        annotations: Annotations,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Preprocessing {
        segments: Segments,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Segments {
        tokens: Vec<Token>,
        #[serde(default, rename = "sentences")]
        _sentences: IgnoredAny,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Token {
        extent: String,
        start: usize,
        end: usize,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Annotations {
        coreference: Coreference,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Coreference {
        groups: Vec<Group>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Group {
        mentions: Vec<Chars>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Chars {
        start: usize,
        end: usize,
    }
    let notes = notes.clone();
    json::each_line(reader, file, &layouts::COREF_JSON, move |item| {
        let line: Line = item.read()?;
        let tokens = line.preprocessing.segments.tokens;
        let mention = |c: &Chars| {
            // Python's bisect_left on both ends.
            let start = tokens.partition_point(|t| t.start < c.start);
            let end = tokens.partition_point(|t| t.end < c.end) + 1;
            let span = TokenSpan::new(start, end.min(tokens.len()));
            let there = tokens.get(span.start..span.end).unwrap_or_default();
            let begins = there.first().is_some_and(|token| token.start == c.start);
            if !(begins && there.last().is_some_and(|token| token.end == c.end)) {
                let words: Vec<&str> = there.iter().map(|token| token.extent.as_str()).collect();
                let detail = format!(
                    "the mention from {} to {} begins or ends inside a token or at none, and is read as {:?}",
                    c.start,
                    c.end,
                    words.join(" ")
                );
                notes.add(NoteKind::Assumed, Some(item.at()), detail);
            }
            span
        };
        let groups = line.annotations.coreference.groups;
        let clusters = groups.iter().map(|g| g.mentions.iter().map(mention).collect()).collect();
        let example = Example::new(tokens.iter().map(|t| t.extent.clone()));
        Ok(Example { id: item.id(), clusters, origin: Some(item.at().clone()), ..example })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mentions_that_are_no_whole_tokens_are_told() {
        let told = |start: usize, end: usize| -> Vec<String> {
            let line = format!(
                r#"{{"id": "d7", "preprocessing": {{"segments": {{"tokens": [{{"extent": "Ann", "start": 0, "end": 3}}, {{"extent": "left", "start": 4, "end": 8}}, {{"extent": "her", "start": 9, "end": 12}}]}}}}, "annotations": {{"coreference": {{"groups": [{{"mentions": [{{"start": {start}, "end": {end}}}]}}]}}}}}}"#
            );
            let notes = Notes::default();
            documents(line.as_bytes(), Path::new("f"), &notes).next().unwrap().unwrap();
            notes.take().iter().map(ToString::to_string).collect()
        };
        assert!(told(0, 3).is_empty() && told(4, 12).is_empty());
        assert_eq!(
            told(4, 11),
            [
                "f:1, document d7: the mention from 4 to 11 begins or ends inside a token or at none, and is read as \"left her\""
            ]
        );
        assert_eq!(told(2, 8).len(), 1);
    }
}
