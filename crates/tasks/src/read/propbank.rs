//! Universal PropBank and its like: predicates and their arguments on dependency trees.
//!
//! Three layouts are read, told apart by the file:
//!
//! - CoNLL-U with the predicate's sense and an argument column for each predicate of the sentence, in their
//!   order: Universal PropBank 1 (sense in the eleventh column for English, in the tenth for other
//!   languages), CoNLL-2009 (in the fourteenth).
//! - `.conllup` of Universal PropBank 2, whose arguments stand with the predicate as `A0:3|A1:5` (heads) and
//!   `A0:1-3|A1:5-5` (spans), in columns that `# global.columns` names.

mod columns;

use std::collections::VecDeque;
use std::io::BufRead;
use std::path::Path;

use super::columns::unclear;
use super::{Lines, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::{Entity, Error, Example, Origin, ReadError, Result, TokenSpan};
use columns::{Columns, Roles};

/// The comment on a sentence whose roles nobody annotated; it is left out.
const NOT_ANNOTATED: &str = "# propbank = no-up";

/// The comment that names the columns.
const NAMES: &str = "# global.columns =";

/// The words of a sentence, cut into columns.
#[derive(Debug, Default)]
struct Sentence {
    rows: Vec<(Origin, Vec<String>)>,
    broken: Option<Error>,
}

/// One example for each predicate. Where arguments have no spans, a role is marked at the head of a phrase;
/// its span is the phrase, the words below the head in the tree, as far as they stand together around it. So the
/// tree must be one.
pub(super) fn propbank<R: BufRead>(
    reader: R,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<impl Iterator<Item = Result<Example>> + use<R>> {
    let (sentences, names) = sentences(Lines::new(reader, file))?;
    let columns = Columns::find(&sentences, &names, options, notes)?;
    let unlabelled = options.scheme == TagScheme::Unlabelled;
    let mut waiting: VecDeque<Example> = VecDeque::new();
    let mut sentences = sentences.into_iter();
    let mut number = 0;
    Ok(std::iter::from_fn(move || {
        loop {
            if let Some(mut example) = waiting.pop_front() {
                example.id = number.to_string();
                number += 1;
                return Some(Ok(example));
            }
            match examples(sentences.next()?, &columns, unlabelled) {
                Ok(examples) => waiting.extend(examples),
                Err(error) => return Some(Err(error)),
            }
        }
    }))
}

/// The annotated sentences of the file, and the names of its columns.
fn sentences<R: BufRead>(lines: Lines<R>) -> Result<(Vec<Sentence>, Vec<String>)> {
    let (mut all, mut names) = (Vec::new(), Vec::new());
    let (mut sentence, mut annotated) = (Sentence::default(), true);
    for line in lines {
        match line {
            Err(error @ (Error::Io { .. } | Error::Read(ReadError::Utf16 { .. }))) => return Err(error),
            Err(error) => sentence.broken = sentence.broken.or(Some(error)),
            Ok((_, line)) if line.trim().is_empty() => {
                let sentence = std::mem::take(&mut sentence);
                if std::mem::replace(&mut annotated, true) {
                    all.push(sentence);
                }
            }
            Ok((_, line)) if line.starts_with('#') => {
                annotated &= line != NOT_ANNOTATED;
                if let Some(found) = line.strip_prefix(NAMES) {
                    names = found.split_whitespace().map(str::to_owned).collect();
                }
            }
            Ok((at, line)) => {
                let row: Vec<String> = line.split('\t').map(|field| field.trim().to_owned()).collect();
                // Ranges of contracted words and empty nodes are no words of the tree.
                if !row[0].contains(['-', '.']) {
                    sentence.rows.push((at, row));
                }
            }
        }
    }
    if annotated {
        all.push(sentence);
    }
    all.retain(|sentence| !sentence.rows.is_empty() || sentence.broken.is_some());
    Ok((all, names))
}

fn examples(sentence: Sentence, columns: &Columns, unlabelled: bool) -> Result<Vec<Example>> {
    let Sentence { rows, broken } = sentence;
    if let Some(error) = broken {
        return Err(error);
    }
    let is_predicate = |row: &Vec<String>| row.get(columns.sense).is_some_and(|sense| sense != "_");
    let predicates: Vec<usize> = (0..rows.len()).filter(|&i| is_predicate(&rows[i].1)).collect();
    let width = columns.width(predicates.len());
    // Published files have empty columns behind those of the arguments here and there.
    let fits = |row: &[String], width: usize| {
        row.len() == width
            || (row.len() > width && row[width..].iter().all(|cell| cell == "_" || cell.is_empty()))
    };
    if let Some((at, row)) = rows.iter().find(|(_, row)| width.is_some_and(|width| !fits(row, width))) {
        let problem = format!(
            "the line has {} columns, but with the sense in column {} and {} predicates in its sentence it should have {}; correct it, or name the column of the senses (--tag-column, data.tag_column)",
            row.len(),
            columns.sense + 1,
            predicates.len(),
            width.unwrap_or_default()
        );
        return Err(unclear(at, problem));
    }
    let mut heads = Vec::with_capacity(rows.len());
    for (at, row) in &rows {
        let head = match columns.head {
            Some(column) => {
                let head = row.get(column).and_then(|head| head.parse::<usize>().ok());
                head.filter(|head| *head <= rows.len()).ok_or_else(|| {
                    unclear(
                        at,
                        format!("expected the number of a word, or 0, as its head in column {}", column + 1),
                    )
                })?
            }
            None => 0,
        };
        heads.push(head);
    }
    let asks_tree = columns.head.is_some() && !matches!(columns.roles, Roles::Spans(_));
    if asks_tree && !unlabelled && !predicates.is_empty() {
        check_tree(&rows, &heads)?;
    }
    let word = |(at, row): &(Origin, Vec<String>)| match row.get(columns.word) {
        Some(word) if !word.is_empty() => Ok(word.clone()),
        _ => Err(Error::Read(ReadError::NoToken { at: at.clone(), column: columns.word + 1 })),
    };
    let tokens: Vec<String> = rows.iter().map(word).collect::<Result<_>>()?;
    let at = rows.first().map(|(at, _)| at.clone());
    let mut examples = Vec::with_capacity(predicates.len());
    for (number, &predicate) in predicates.iter().enumerate() {
        let roles = match columns.roles {
            Roles::Matrix => matrix(&rows, columns.sense + 1 + number, &heads, predicate),
            Roles::Spans(column) => listed(&rows, column, predicate, |start, end| (start, end + 1))?,
            Roles::Heads(column) => {
                listed(&rows, column, predicate, |head, _| phrase(head, &heads, predicate))?
            }
        };
        examples.push(Example {
            tokens: tokens.clone(),
            predicate: Some(TokenSpan::new(predicate, predicate + 1)),
            roles,
            origin: at.clone(),
            ..Example::default()
        });
    }
    Ok(examples)
}

/// Refuses a sentence whose heads are not the numbers of its words, or lead in a circle.
fn check_tree(rows: &[(Origin, Vec<String>)], heads: &[usize]) -> Result<()> {
    for (i, (at, row)) in rows.iter().enumerate() {
        if row[0].parse() != Ok(i + 1) {
            let problem = format!(
                "the first column should have the number {} of the word in its sentence, but has {:?}; heads are numbers of words, so correct it",
                i + 1,
                row[0]
            );
            return Err(unclear(at, problem));
        }
    }
    for (word, (at, _)) in rows.iter().enumerate() {
        let mut circle = vec![word + 1];
        let mut above = heads[word];
        while above != 0 && above != word + 1 && circle.len() <= rows.len() {
            circle.push(above);
            above = heads[above - 1];
        }
        if above == word + 1 {
            let numbers: Vec<_> = circle.iter().chain([&above]).map(ToString::to_string).collect();
            let problem = format!(
                "the heads lead in a circle, from word to word {}, so that they are no tree; correct one",
                numbers.join(" to ")
            );
            return Err(unclear(at, problem));
        }
    }
    Ok(())
}

/// The roles of a column that has one at the head of each argument.
fn matrix(rows: &[(Origin, Vec<String>)], column: usize, heads: &[usize], predicate: usize) -> Vec<Entity> {
    let mut roles = Vec::new();
    for (i, (_, row)) in rows.iter().enumerate() {
        if let Some(role) = row.get(column).filter(|role| *role != "_" && *role != "V")
            && i != predicate
        {
            let (start, end) = phrase(i, heads, predicate);
            roles.push(Entity::new(role, start, end));
        }
    }
    roles
}

/// The roles that stand with the predicate: `A0:3|A1:5-7`.
fn listed(
    rows: &[(Origin, Vec<String>)],
    column: usize,
    predicate: usize,
    span: impl Fn(usize, usize) -> (usize, usize),
) -> Result<Vec<Entity>> {
    let (at, row) = &rows[predicate];
    let text = row.get(column).map(String::as_str).unwrap_or_default();
    let place = |id: &str| rows.iter().position(|(_, row)| row[0] == id);
    let mut roles = Vec::new();
    for part in text.split('|').filter(|part| !part.is_empty() && *part != "_") {
        let role = || {
            let (label, words) = part.rsplit_once(':')?;
            let (start, end) = words.split_once('-').unwrap_or((words, words));
            Some((label, place(start)?, place(end)?))
        };
        let Some((label, start, end)) =
            role().filter(|(label, start, end)| !label.is_empty() && start <= end)
        else {
            let problem = format!(
                "the argument {part:?} should be a role and the numbers of words, as in A0:3 or A0:2-3"
            );
            return Err(unclear(at, problem));
        };
        if label != "V" {
            let (start, end) = span(start, end);
            roles.push(Entity::new(label, start, end));
        }
    }
    Ok(roles)
}

/// The words below `head`, as far as they stand together around it and leave the predicate out.
fn phrase(head: usize, heads: &[usize], predicate: usize) -> (usize, usize) {
    let below = |mut word: usize| {
        // At most as many steps as there are words, so that a circle ends where trees are not checked.
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

#[cfg(test)]
mod tests;
