//! Documents with coreference, as JSON lines.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json::{self, layouts};
use crate::{Example, Result, TokenSpan};

/// JSON lines of documents: `preprocessing.segments.tokens` with `extent`, `start`, `end`, and
/// `annotations.coreference.groups` of mentions in characters, which are snapped to tokens as the original
/// does.
pub(super) fn documents<R: BufRead>(
    reader: R,
    file: &Path,
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
    json::each_line(reader, file, &layouts::COREF_JSON, |item| {
        let line: Line = item.read()?;
        let tokens = line.preprocessing.segments.tokens;
        let mention = |c: &Chars| {
            // Python's bisect_left on both ends.
            let start = tokens.partition_point(|t| t.start < c.start);
            let end = tokens.partition_point(|t| t.end < c.end) + 1;
            TokenSpan::new(start, end.min(tokens.len()))
        };
        let groups = line.annotations.coreference.groups;
        let clusters = groups.iter().map(|g| g.mentions.iter().map(mention).collect()).collect();
        let example = Example::new(tokens.iter().map(|t| t.extent.clone()));
        Ok(Example { id: item.id(), clusters, origin: Some(item.at().clone()), ..example })
    })
}
