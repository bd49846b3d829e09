//! Semantic roles: PropBank on dependency trees, and CoNLL-2012 JSON lines.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;

use super::Lines;
use super::json::{self, Keys};
use crate::{Entity, Error, Example, Origin, Result, TokenSpan};

/// The comment on a sentence whose roles nobody annotated; it is left out.
const NOT_ANNOTATED: &str = "# propbank = no-up";

/// Universal PropBank: CoNLL-U whose columns from the tenth on are the predicate's sense and the arguments of each predicate. A role is
/// marked at the head of a phrase; its span is the phrase, the words below the head in the tree, as far as they stand together around
/// it. One example for each predicate.
pub(super) fn propbank<R: BufRead>(reader: R, file: &Path) -> impl Iterator<Item = Result<Example>> + use<R> {
    let mut lines = Lines::new(reader, file);
    let mut waiting: std::collections::VecDeque<Example> = std::collections::VecDeque::new();
    let mut number = 0;
    let mut done = false;
    std::iter::from_fn(move || {
        loop {
            if let Some(mut example) = waiting.pop_front() {
                example.id = number.to_string();
                number += 1;
                return Some(Ok(example));
            }
            if done {
                return None;
            }
            let mut rows: Vec<Vec<String>> = Vec::new();
            let mut at = lines.origin().clone();
            let mut annotated = true;
            loop {
                match lines.next() {
                    None => {
                        done = true;
                        break;
                    }
                    Some(Err(error)) => {
                        done = true;
                        return Some(Err(error));
                    }
                    Some(Ok((_, line))) if line.trim().is_empty() => break,
                    Some(Ok((_, line))) if line.starts_with('#') => annotated &= line != NOT_ANNOTATED,
                    Some(Ok((place, line))) => {
                        if rows.is_empty() {
                            at = place;
                        }
                        let row: Vec<String> = line.split('\t').map(str::to_owned).collect();
                        // Ranges of contracted words and empty nodes are no words of the tree.
                        if !row[0].contains(['-', '.']) {
                            rows.push(row);
                        }
                    }
                }
            }
            if !annotated {
                continue;
            }
            match sentence(&rows, &at) {
                Ok(examples) => waiting.extend(examples),
                Err(error) => {
                    done = true;
                    return Some(Err(error));
                }
            }
        }
    })
}

fn sentence(rows: &[Vec<String>], at: &Origin) -> Result<Vec<Example>> {
    let wrong = |row: usize| Error::Layout {
        at: at.at_line(at.line() + row),
        expected: "ten columns of CoNLL-U, the predicate's sense, and a column for each predicate",
    };
    let mut heads = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let head = row.get(6).and_then(|head| head.parse::<usize>().ok()).filter(|head| *head <= rows.len());
        heads.push(head.ok_or_else(|| wrong(i))?);
    }
    let tokens: Vec<String> = rows.iter().map(|row| row[1].replace(crate::codec::is_space, "")).collect();
    let predicates: Vec<usize> =
        (0..rows.len()).filter(|&i| rows[i].get(10).is_some_and(|sense| sense != "_")).collect();
    let mut examples = Vec::with_capacity(predicates.len());
    for (column, &predicate) in predicates.iter().enumerate() {
        let mut roles = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            let role = row.get(11 + column).ok_or_else(|| wrong(i))?;
            if role != "_" && role != "V" && i != predicate {
                let (start, end) = phrase(i, &heads, predicate);
                roles.push(Entity::new(role, start, end));
            }
        }
        examples.push(Example {
            tokens: tokens.clone(),
            predicate: Some(TokenSpan::new(predicate, predicate + 1)),
            roles,
            origin: Some(at.clone()),
            ..Example::default()
        });
    }
    Ok(examples)
}

/// The words below `head`, as far as they stand together around it and leave the predicate out.
fn phrase(head: usize, heads: &[usize], predicate: usize) -> (usize, usize) {
    let below = |mut word: usize| {
        // At most as many steps as there are words, so that a loop in a damaged tree ends.
        for _ in 0..=heads.len() {
            if word == head {
                return true;
            }
            match heads[word] {
                0 => return false,
                parent => word = parent - 1,
            }
        }
        false
    };
    let inside = |word: &usize| *word != predicate && below(*word);
    let start = (0..head).rev().take_while(inside).last().unwrap_or(head);
    let end = (head + 1..heads.len()).take_while(inside).last().unwrap_or(head) + 1;
    (start, end)
}

pub(super) const CONLL12_KEYS: Keys = Keys {
    format: "conll12",
    item: "example",
    id: &["id", "doc_id", "doc_key"],
    needed: &["raw_text", "events"],
    read: &[],
    ignored: &[],
};

/// CoNLL-2012 as JSON lines: `raw_text` and events with a trigger and arguments in characters; words are what stands between single spaces.
pub(super) fn conll12<R: BufRead>(reader: R, file: &Path) -> impl Iterator<Item = Result<Example>> + use<R> {
    #[derive(Deserialize)]
    struct Line {
        raw_text: String,
        events: Vec<Event>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Event {
        trigger: Chars,
        #[serde(default)]
        arguments: Vec<Role>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Role {
        name: String,
        values: Vec<Chars>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Chars {
        start: usize,
        end: usize,
    }
    let mut number = 0;
    let lines = json::each_line(reader, file, &CONLL12_KEYS, move |item| {
        let line: Line = item.read()?;
        let tokens: Vec<&str> = line.raw_text.split(' ').collect();
        let chars: Vec<char> = line.raw_text.chars().collect();
        let word = |at: usize| chars.iter().take(at).filter(|c| **c == ' ').count();
        let span = |c: &Chars| {
            if c.start >= c.end || c.end > chars.len() {
                let (start, end, length) = (c.start, c.end, chars.len());
                return Err(item.problem(format!(
                    "expected characters of raw_text, which has {length}; found {start} to {end}"
                )));
            }
            Ok((word(c.start), word(c.end - 1) + 1))
        };
        let mut examples = Vec::with_capacity(line.events.len());
        for event in &line.events {
            let (start, end) = span(&event.trigger)?;
            let mut roles = Vec::new();
            for role in &event.arguments {
                for value in &role.values {
                    let (start, end) = span(value)?;
                    roles.push(Entity::new(&role.name, start, end));
                }
            }
            let predicate = Some(TokenSpan::new(start, end));
            let (id, origin) = (number.to_string(), Some(item.at().clone()));
            examples.push(Example { id, predicate, roles, origin, ..Example::new(tokens.clone()) });
            number += 1;
        }
        Ok(examples)
    });
    json::flat(lines)
}
