//! A document while it is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::read::columns::unclear;
use crate::read::{NoteKind, Notes};
use crate::{Error, Example, Origin, ReadError, Result, TokenSpan};

#[derive(Debug)]
pub(super) struct Document {
    id: String,
    at: Origin,
    tokens: Vec<String>,
    places: Vec<Origin>,
    /// The first token and the line of the mentions that are open, by cluster.
    open: BTreeMap<String, Vec<(usize, Origin)>>,
    clusters: BTreeMap<String, BTreeSet<TokenSpan>>,
    /// The number of each cluster: they are counted as they come up. CEAF pairs clusters of equal likeness by it, as the official scorer does.
    numbers: BTreeMap<String, usize>,
}

/// A bracket of a mention.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mark<'a> {
    Opens(&'a str),
    Closes(&'a str),
    Single(&'a str),
}

impl Document {
    pub(super) fn new(id: String, at: Origin) -> Self {
        Self {
            id,
            at,
            tokens: Vec::new(),
            places: Vec::new(),
            open: BTreeMap::new(),
            clusters: BTreeMap::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// Adds a word with the brackets that stand beside it; `_`, `-` and nothing are none.
    pub(super) fn word(&mut self, at: &Origin, word: &str, text: &str) -> Result<()> {
        let here = self.tokens.len();
        self.tokens.push(word.to_owned());
        self.places.push(at.clone());
        if matches!(text, "_" | "-" | "") {
            return Ok(());
        }
        let expected = || {
            unclear(
                at,
                format!(
                    "expected mentions such as (3, 3) or (3) and not {text:?} in the column of the mentions"
                ),
            )
        };
        let marks = marks(text).ok_or_else(expected)?;
        // The official scorer looks for mentions of one word first.
        for mark in &marks {
            if let Mark::Single(cluster) = mark {
                self.number(cluster);
            }
        }
        for mark in marks {
            match mark {
                Mark::Opens(cluster) => self.open(at, cluster, here),
                Mark::Closes(cluster) => self.close(at, cluster, here + 1)?,
                Mark::Single(cluster) => self.add(cluster, here, here + 1),
            }
        }
        Ok(())
    }

    /// How many words there are so far.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    fn number(&mut self, cluster: &str) {
        let next = self.numbers.len();
        self.numbers.entry(cluster.to_owned()).or_insert(next);
    }

    pub(super) fn open(&mut self, at: &Origin, cluster: &str, start: usize) {
        self.number(cluster);
        self.open.entry(cluster.to_owned()).or_default().push((start, at.clone()));
    }

    /// Closes the mention of a cluster that was opened last; one without a word is none.
    pub(super) fn close(&mut self, at: &Origin, cluster: &str, end: usize) -> Result<()> {
        let Some((start, _)) = self.open.get_mut(cluster).and_then(Vec::pop) else {
            let problem =
                format!("a mention of cluster {cluster} closes, but none is open; correct the brackets");
            return Err(unclear(at, problem));
        };
        self.add(cluster, start, end);
        Ok(())
    }

    fn add(&mut self, cluster: &str, start: usize, end: usize) {
        if start < end {
            self.clusters.entry(cluster.to_owned()).or_default().insert(TokenSpan::new(start, end));
        }
    }

    pub(super) fn finish(self, notes: &Notes) -> Result<Example> {
        if let Some((cluster, (_, at))) =
            self.open.iter().find_map(|(cluster, open)| Some((cluster, open.first()?)))
        {
            let problem = format!(
                "a mention of cluster {cluster} opens and never closes; expected every mention closed before the end of its document"
            );
            return Err(unclear(at, problem));
        }
        if self.tokens.is_empty() {
            return Err(Error::Read(ReadError::Layout { at: self.at, expected: "words in a document" }));
        }
        let mut clusters: Vec<(Vec<TokenSpan>, String)> = self
            .clusters
            .into_iter()
            .map(|(name, mentions)| (mentions.into_iter().collect(), name))
            .collect();
        clusters.sort_by_key(|(_, name)| self.numbers.get(name).copied());
        let texts = (&self.tokens[..], &self.places[..]);
        note_twice(&clusters, texts, &self.id, notes);
        let clusters = clusters.into_iter().map(|(mentions, _)| mentions).collect();
        Ok(Example { id: self.id, clusters, origin: Some(self.at), ..Example::new(self.tokens) })
    }
}

/// Notes the mentions of two clusters, of which the first alone can be written with them.
fn note_twice(
    clusters: &[(Vec<TokenSpan>, String)],
    (tokens, places): (&[String], &[Origin]),
    id: &str,
    notes: &Notes,
) {
    let mut owners: BTreeMap<TokenSpan, Vec<usize>> = BTreeMap::new();
    for (i, (mentions, _)) in clusters.iter().enumerate().filter(|(_, (mentions, _))| mentions.len() > 1) {
        for &mention in mentions {
            owners.entry(mention).or_default().push(i);
        }
    }
    for (mention, owners) in owners.iter().filter(|(_, owners)| owners.len() > 1) {
        let name = |&i: &usize| clusters[i].1.as_str();
        let names: Vec<_> = owners.iter().map(name).collect();
        let left = |&&i: &&usize| {
            clusters[i].0.iter().filter(|m| owners_of(clusters, **m).is_some_and(|first| first == i)).count()
        };
        let lost: Vec<_> = owners[1..].iter().filter(|i| left(i) < 2).map(name).collect();
        let text = tokens[mention.start..mention.end].join(" ");
        let mut detail = format!(
            "the mention {text:?} of the document {id:?} is in the clusters {}; it can be written in {} alone",
            names.join(" and "),
            names[0]
        );
        if !lost.is_empty() {
            detail += ", and cluster ";
            detail += &lost.join(" and ");
            detail += " is lost by that";
        }
        notes.add(NoteKind::TwoClusters, Some(&places[mention.start]), detail);
    }
}

/// The first cluster of several mentions that a mention is in.
fn owners_of(clusters: &[(Vec<TokenSpan>, String)], mention: TokenSpan) -> Option<usize> {
    clusters.iter().position(|(mentions, _)| mentions.len() > 1 && mentions.contains(&mention))
}

/// The brackets of a word: `(3|4)`, `(3(4`, `3)4)`; nothing if they are none.
pub(super) fn marks(text: &str) -> Option<Vec<Mark<'_>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('|').filter(|_| !found.is_empty()) {
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix('(') {
            let end = after.find(['(', ')', '|']).unwrap_or(after.len());
            let name = &after[..end];
            rest = &after[end..];
            if let Some(after) = rest.strip_prefix(')') {
                rest = after;
                found.push(Mark::Single(name));
            } else {
                found.push(Mark::Opens(name));
            }
        } else {
            let end = rest.find(')')?;
            found.push(Mark::Closes(&rest[..end]));
            rest = &rest[end + 1..];
        }
    }
    let name = |mark: &Mark<'_>| match *mark {
        Mark::Opens(name) | Mark::Closes(name) | Mark::Single(name) => name.to_owned(),
    };
    found.iter().map(name).all(|name| !name.is_empty() && !name.contains(['(', '|'])).then_some(found)
}
