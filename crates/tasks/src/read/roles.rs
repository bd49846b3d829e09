//! Semantic roles as lines: CoNLL-2005, and CoNLL-2012 as JSON.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;

use super::Lines;
use super::columns::unclear;
use super::json::{self, layouts};
use super::sentences::lenient;
use crate::counted::counted;
use crate::{Entity, Error, Example, Origin, Quirks, ReadError, Result, TokenSpan};

/// Lines of a predicate's position and the tokens, `|||`, and BIO tags; the first token is left out, as the
/// original does. With the quirk `third_srl_field` there is a third field, which is not read; without it there
/// may be one that repeats the tags.
pub(super) fn conll05<R: BufRead>(
    reader: R,
    file: &Path,
    quirks: Quirks,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    let lines = Lines::new(reader, file);
    lines.filter(|line| !matches!(line, Ok((_, line)) if line.trim().is_empty())).enumerate().map(
        move |(number, line)| {
            let (at, line) = line?;
            let example = predicate(&at, &line, quirks)?;
            Ok(Example { id: number.to_string(), origin: Some(at), ..example })
        },
    )
}

fn predicate(at: &Origin, line: &str, quirks: Quirks) -> Result<Example> {
    let third_field = quirks.third_srl_field;
    let fields: Vec<&str> = line.split("|||").map(str::trim).collect();
    let (words, tags) = match (third_field, &fields[..]) {
        (true, &[words, tags, _]) | (false, &[words, tags]) => (words, tags),
        (false, &[words, tags, third]) if third == tags => (words, tags),
        (false, &[_, _, _]) => {
            let problem = "the line has a third field after the tags that differs from them; the original program has such a field and does not read it: take out the one of the two that is not the gold";
            return Err(unclear(at, problem));
        }
        (true, _) => {
            return Err(Error::Read(ReadError::Layout {
                at: at.clone(),
                expected: "tokens ||| tags ||| a field that is not read",
            }));
        }
        (false, _) => {
            return Err(Error::Read(ReadError::Layout { at: at.clone(), expected: "tokens ||| tags" }));
        }
    };
    let mut words = words.split_ascii_whitespace();
    let position = words.next().unwrap_or_default();
    if position.parse::<usize>().is_err() && !third_field {
        let problem = format!(
            "the line should begin with the position of its predicate, but begins with {position:?}; put the number there"
        );
        return Err(unclear(at, problem));
    }
    let tokens: Vec<&str> = words.collect();
    if let Ok(position) = position.parse::<usize>()
        && position >= tokens.len()
        && !third_field
    {
        let problem = format!(
            "its predicate should be at the position {position}, from 0, but there are {}; correct the position",
            counted(tokens.len(), "token")
        );
        return Err(unclear(at, problem));
    }
    let tags: Vec<&str> = tags.split_ascii_whitespace().collect();
    if tokens.len() != tags.len() {
        return Err(Error::Read(ReadError::Layout { at: at.clone(), expected: "one tag for each token" }));
    }
    let (predicates, roles): (Vec<_>, Vec<_>) =
        lenient(&tags, at, quirks)?.into_iter().partition(|span| span.label == "V");
    if predicates.len() > 1 && !third_field {
        return Err(unclear(at, "the line has several predicates (V); write a line for each"));
    }
    let predicate = predicates.first().map(|p| TokenSpan::new(p.start, p.end));
    if let (Ok(position), Some(TokenSpan { start, end })) = (position.parse::<usize>(), predicate)
        && !(start..end).contains(&position)
        && !third_field
    {
        let problem = format!(
            "its predicate should be at the position {position}, from 0, which is {:?}, but its tags have V at {start}, which is {:?}; correct one of the two",
            tokens[position], tokens[start]
        );
        return Err(unclear(at, problem));
    }
    Ok(Example { predicate, roles, ..Example::new(tokens) })
}

/// CoNLL-2012 as JSON lines: `raw_text` and events with a trigger and arguments in characters; words are what
/// stands between single spaces.
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
    let lines = json::each_line(reader, file, &layouts::CONLL12, move |item| {
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
            let is_space = |at: usize| chars.get(at).is_none_or(|c| *c == ' ');
            let begins = !is_space(c.start) && c.start.checked_sub(1).is_none_or(is_space);
            if !begins || is_space(c.end - 1) || !is_space(c.end) {
                let (start, end) = (c.start, c.end);
                let there: String = chars[start..end].iter().collect();
                return Err(item.problem(format!(
                    "{start} to {end}, which is {there:?}, is no run of whole words of raw_text; correct it: offsets count characters, and the end is behind the last one"
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_predicate_stands_among_the_tokens() {
        let read = |text: &str| conll05(text.as_bytes(), Path::new("f"), Quirks::NONE).next().unwrap();
        assert!(read("1 Ann ate fish ||| B-A0 B-V B-A1").is_ok());
        let message = read("3 Ann ate fish ||| B-A0 B-V B-A1").unwrap_err().to_string();
        assert!(message.contains("f:1: its predicate should be at the position 3"), "{message}");
        let message = read("2 Ann ate fish ||| B-A0 B-V B-A1").unwrap_err().to_string();
        assert!(
            message.contains(
                "at the position 2, from 0, which is \"fish\", but its tags have V at 1, which is \"ate\""
            ),
            "{message}"
        );
        // A verb of two words.
        assert!(read("2 Ann gave up hope ||| B-A0 B-V I-V B-A1").is_ok());
    }

    #[test]
    fn characters_must_be_whole_words() {
        let read = |start: usize, end: usize| {
            let line = format!(
                r#"{{"id": "d7", "raw_text": "Ann ate raw fish", "events": [{{"trigger": {{"start": 4, "end": 7}}, "arguments": [{{"name": "A1", "values": [{{"start": {start}, "end": {end}}}]}}]}}]}}"#
            );
            let mut found: Vec<_> = conll12(line.as_bytes(), Path::new("f")).collect();
            found.remove(0).map_err(|error| error.to_string())
        };
        for (start, end) in [(8, 16), (0, 3), (0, 16)] {
            assert!(read(start, end).is_ok(), "{start} {end}");
        }
        for (start, end, there) in [(8, 15, "raw fis"), (9, 16, "aw fish"), (7, 11, " raw"), (8, 12, "raw ")]
        {
            let message = read(start, end).unwrap_err();
            let expected =
                format!("f:1, example d7: {start} to {end}, which is {there:?}, is no run of whole words");
            assert!(message.contains(&expected), "{message}");
        }
    }
}
