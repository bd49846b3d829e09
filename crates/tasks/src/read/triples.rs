//! Texts with triples of texts: NYT and WebNLG as CasRel has them.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::json::{self, Item, layouts};
use super::mentions::{MentionRange, meant};
use super::{MentionRule, NoteKind, Notes};
use crate::counted::counted;
use crate::{Entity, Error, Example, ReadError, Relation, Result};

#[derive(Deserialize)]
struct Line {
    text: String,
    triple_list: Vec<[String; 3]>,
}

/// `[{"text", "triple_list": [[subject, relation, object]]}]`. Mentions are found as whole words, accents
/// apart, which the corpus drops from its texts alone; of several places `rule` takes those that are meant.
/// Without types every entity is an `entity`.
pub(super) fn triples(
    reader: impl Read,
    file: &Path,
    rule: MentionRule,
    notes: &Notes,
) -> Result<Vec<Result<Example>>> {
    json::each(reader, file, &layouts::TRIPLES, |item| example(item, rule, notes))
}

fn example(item: &Item<'_>, rule: MentionRule, notes: &Notes) -> Result<Example> {
    let Line { text, triple_list } = item.read()?;
    let mut example = Example::new(text.split_whitespace());
    let bare: Vec<String> = example.tokens.iter().map(|word| plain(word)).collect();
    let places = |mention: &str| {
        let (words, plain): (Vec<&str>, Vec<String>) =
            mention.split_whitespace().map(|w| (w, plain(w))).unzip();
        let same = |at: usize| {
            (0..words.len()).all(|i| example.tokens[at + i] == words[i] || bare[at + i] == plain[i])
        };
        let last = example.tokens.len().checked_sub(words.len()).filter(|_| !words.is_empty());
        let starts = last.into_iter().flat_map(|last| 0..=last);
        let found: Vec<MentionRange> =
            starts.filter(|at| same(*at)).map(|at| (at, at + words.len())).collect();
        let missing = || {
            Error::Read(ReadError::NoMention { example: item.at().to_string(), mention: mention.to_owned() })
        };
        if found.is_empty() { Err(missing()) } else { Ok(found) }
    };
    let (mut entities, mut relations): (Vec<Entity>, Vec<Relation>) = (Vec::new(), Vec::new());
    let mut find = |(start, end): MentionRange| {
        let entity = Entity::new("entity", start, end);
        entities.iter().position(|known| *known == entity).unwrap_or_else(|| {
            entities.push(entity);
            entities.len() - 1
        })
    };
    for [subject, label, object] in &triple_list {
        let (heads, tails) = (places(subject)?, places(object)?);
        for (mention, found) in [(subject, &heads), (object, &tails)] {
            if found.len() > 1 {
                let detail = format!(
                    "{mention:?} stands there {}; taken: {}",
                    counted(found.len(), "time"),
                    rule.words()
                );
                notes.add(NoteKind::AmbiguousMention, Some(item.at()), detail);
            }
        }
        for (head, tail) in meant(&heads, &tails, rule) {
            let relation = Relation::new(label, find(head), find(tail));
            if !relations.contains(&relation) {
                relations.push(relation);
            }
        }
    }
    (example.entities, example.relations) = (entities, relations);
    Ok(Example { id: item.id(), origin: Some(item.at().clone()), ..example })
}

/// A word without its accents.
fn plain(word: &str) -> String {
    word.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TWICE: &str = r#"[{"text": "oslo fc fans left oslo late", "triple_list": [["oslo", "home_of", "oslo fc"]]},
        {"text": "ann met bo", "triple_list": [["ann", "met", "cy"]]},
        {"text": "ann", "triples": []}]"#;

    fn read(rule: MentionRule) -> (Vec<Result<Example>>, Notes) {
        let notes = Notes::default();
        (triples(TWICE.as_bytes(), Path::new("dev.json"), rule, &notes).unwrap(), notes)
    }

    #[test]
    fn the_mention_that_is_no_part_of_the_other_is_meant_and_told() {
        for rule in [MentionRule::Closest, MentionRule::Every] {
            let (examples, notes) = read(rule);
            let example = examples[0].as_ref().unwrap();
            let head = &example.entities[example.relations[0].head];
            assert_eq!((head.start, head.end, example.relations.len()), (4, 5, 1));
            let notes = notes.take();
            assert_eq!((notes.len(), notes[0].kind), (1, NoteKind::AmbiguousMention));
            assert!(notes[0].detail.contains("\"oslo\" stands there 2 times"), "{notes:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_names_its_line_and_number() {
        let (examples, _) = read(MentionRule::Closest);
        let message = |at: usize| examples[at].as_ref().unwrap_err().to_string();
        assert!(
            message(1).starts_with("failed to read dev.json:2, example 1: \"cy\" does not stand"),
            "{}",
            message(1)
        );
        assert!(
            message(2).starts_with("failed to read dev.json:3, example 2: the key \"triples\" is not known"),
            "{}",
            message(2)
        );
    }
}
