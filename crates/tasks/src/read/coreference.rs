//! Documents with coreference.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Lines;
use super::json::{self, Keys};
use crate::{Error, Example, Origin, Result, TokenSpan};

/// CoNLL-2012 columns, as LitBank writes them: the fourth column is the word, the last the mentions that open `(3`, close `3)` or are one
/// word `(3)`, joined by `|`. One example for each `#begin document`.
pub(super) fn columns<R: BufRead>(reader: R, file: &Path) -> impl Iterator<Item = Result<Example>> + use<R> {
    let mut lines = Lines::new(reader, file);
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let mut document: Option<Document> = None;
        let found = loop {
            match lines.next() {
                None => {
                    break document.take().map(|_| {
                        Err(Error::Layout {
                            at: lines.origin().clone(),
                            expected: "#end document after #begin document",
                        })
                    });
                }
                Some(Err(error)) => break Some(Err(error)),
                Some(Ok((at, line))) => {
                    if let Some(name) = line.strip_prefix("#begin document") {
                        let id = name.trim().to_owned();
                        document = Some(Document { id, at, ..Document::default_at(lines.origin()) });
                    } else if line.starts_with("#end document") {
                        if let Some(document) = document.take() {
                            break Some(document.finish());
                        }
                    } else if let Some(document) = &mut document
                        && !line.trim().is_empty()
                        && let Err(error) = document.word(&at, &line)
                    {
                        break Some(Err(error));
                    }
                }
            }
        };
        done = !matches!(found, Some(Ok(_)));
        found
    })
}

/// A document while it is read.
struct Document {
    id: String,
    at: Origin,
    tokens: Vec<String>,
    open: BTreeMap<String, Vec<usize>>,
    clusters: BTreeMap<String, Vec<TokenSpan>>,
}

impl Document {
    fn default_at(at: &Origin) -> Self {
        let (open, clusters) = (BTreeMap::new(), BTreeMap::new());
        Self { id: String::new(), at: at.clone(), tokens: Vec::new(), open, clusters }
    }

    fn word(&mut self, at: &Origin, line: &str) -> Result<()> {
        let wrong =
            || Error::Layout { at: at.clone(), expected: "CoNLL-2012 columns with mentions in the last" };
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (Some(word), Some(mentions)) = (columns.get(3), columns.last()) else { return Err(wrong()) };
        let here = self.tokens.len();
        self.tokens.push((*word).to_owned());
        // A line whose mention column is empty ends with the column before it.
        let marks = if columns.len() > 4 && *mentions != "_" && *mentions != "-" { mentions } else { &"" };
        for mark in marks.split('|').filter(|mark| !mark.is_empty()) {
            let cluster = mark.trim_matches(['(', ')']).to_owned();
            if cluster.is_empty() {
                return Err(wrong());
            }
            let (opens, closes) = (mark.starts_with('('), mark.ends_with(')'));
            if opens {
                self.open.entry(cluster.clone()).or_default().push(here);
            }
            if closes {
                let start = self.open.get_mut(&cluster).and_then(Vec::pop).ok_or_else(wrong)?;
                self.clusters.entry(cluster).or_default().push(TokenSpan::new(start, here + 1));
            } else if !opens {
                return Err(wrong());
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Example> {
        if self.open.values().any(|open| !open.is_empty()) {
            return Err(Error::Layout { at: self.at, expected: "every mention closed before #end document" });
        }
        let mut clusters: Vec<Vec<TokenSpan>> = self.clusters.into_values().collect();
        for cluster in &mut clusters {
            cluster.sort_unstable();
        }
        clusters.sort();
        Ok(Example { id: self.id, clusters, origin: Some(self.at), ..Example::new(self.tokens) })
    }
}

pub(super) const KEYS: Keys = Keys {
    format: "coref-json",
    item: "document",
    id: &["id", "doc_id", "doc_key"],
    needed: &["preprocessing", "annotations"],
    read: &[],
    ignored: &["raw_text", "text"],
};

/// JSON lines of documents: `preprocessing.segments.tokens` with `extent`, `start`, `end`, and `annotations.coreference.groups` of mentions in
/// characters, which are snapped to tokens as the original does.
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
    json::each_line(reader, file, &KEYS, |item| {
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
