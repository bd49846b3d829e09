//! Sentences with one relation each, as OpenNRE writes them.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json::{self, Item, layouts};
use super::mentions::is_name_of;
use super::{CharSpan, from_spans};
use crate::{Example, Result, TokenSpan};

#[derive(Deserialize)]
struct Line {
    token: Option<Vec<String>>,
    text: Option<String>,
    h: Mention,
    t: Mention,
    relation: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mention {
    pos: [usize; 2],
    name: Option<String>,
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
}

/// Wiki80, NYT10 and others: `{"token" or "text", "h": {"pos": [start, end]}, "t": {"pos"}, "relation"}`, an
/// object a line. Positions are tokens of `token`, or characters of `text`; ends are not included.
pub(super) fn sentences<R: BufRead>(
    reader: R,
    file: &Path,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    json::each_line(reader, file, &layouts::OPENNRE, |item| {
        let line: Line = item.read()?;
        let (tokens, [head, tail]) = match (line.token, line.text) {
            (Some(tokens), None) => {
                let [head, tail] = [("h", &line.h), ("t", &line.t)];
                let joined = |start: usize, end: usize| tokens.get(start..end).map(|tokens| tokens.join(" "));
                let spans = [included(item, head, joined)?, included(item, tail, joined)?];
                (tokens, spans)
            }
            (None, Some(text)) => {
                let chars: Vec<char> = text.chars().collect();
                let slice =
                    |start: usize, end: usize| chars.get(start..end).map(|part| part.iter().collect());
                let places = [included(item, ("h", &line.h), slice)?, included(item, ("t", &line.t), slice)?];
                let span = |label: &str, place: TokenSpan| CharSpan {
                    start: place.start,
                    end: place.end,
                    label: label.to_owned(),
                };
                let example = from_spans(&text, &[span("h", places[0]), span("t", places[1])], item.at())?;
                let words = |label: &str| {
                    let entity = example.entities.iter().find(|entity| entity.label == label);
                    let missing = || item.problem(format!("{label}.pos covers no word"));
                    entity.map(|entity| TokenSpan::new(entity.start, entity.end)).ok_or_else(missing)
                };
                let spans = [words("h")?, words("t")?];
                (example.tokens, spans)
            }
            _ => return Err(item.problem("expected either \"token\" or \"text\"")),
        };
        Ok(Example {
            id: item.id(),
            head: Some(head),
            tail: Some(tail),
            relation: line.relation,
            origin: Some(item.at().clone()),
            ..Example::new(tokens)
        })
    })
}

/// The position of a mention, which must be there, and where its name must stand. Some conversions have its
/// last word or character in `pos`.
fn included(
    item: &Item<'_>,
    (key, mention): (&str, &Mention),
    slice: impl Fn(usize, usize) -> Option<String>,
) -> Result<TokenSpan> {
    let [start, end] = mention.pos;
    let there = slice(start, end).filter(|_| start < end);
    if let Some(name) = &mention.name {
        let is_there = |text: Option<&String>| text.is_some_and(|text| is_name_of(name, text));
        if !is_there(there.as_ref())
            && is_there(end.checked_add(1).and_then(|end| slice(start, end)).as_ref())
        {
            return Err(
                item.problem(format!("{key}.pos has the end of {name:?} in it; write one past the end"))
            );
        }
        if let Some(there) = there.as_ref().filter(|there| !is_name_of(name, there)) {
            return Err(item.problem(format!(
                "{key}.pos, {start} to {end}, is at {there:?}, but {key}.name is {name:?}; correct one of the two"
            )));
        }
    }
    if there.is_none() {
        return Err(item.problem(format!("{key}.pos, {start} to {end}, is not within the sentence")));
    }
    Ok(TokenSpan::new(start, end))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Result<Example> {
        sentences(text.as_bytes(), Path::new("wiki80_train.txt")).next().unwrap()
    }

    const TOKENS: &str = r#"{"token": ["Ann", "Lee", "left", "Acme"], "h": {"name": "ann lee", "id": "Q1", "pos": [0, 2]}, "t": {"name": "acme", "id": "Q2", "pos": [3, 4]}, "relation": "left"}"#;

    #[test]
    fn positions_are_tokens_or_characters() {
        let example = read(TOKENS).unwrap();
        assert_eq!((example.head, example.tail), (Some(TokenSpan::new(0, 2)), Some(TokenSpan::new(3, 4))));
        let text = r#"{"text": "Zoë Lee left Acme.", "h": {"pos": [0, 7]}, "t": {"pos": [13, 17]}, "relation": "left"}"#;
        let example = read(text).unwrap();
        assert_eq!(example.tokens, ["Zoë", "Lee", "left", "Acme", "."]);
        assert_eq!((example.head, example.tail), (Some(TokenSpan::new(0, 2)), Some(TokenSpan::new(3, 4))));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let cases = [
            (TOKENS.replace("[0, 2]", "[0, 1]"), "h.pos has the end of \"ann lee\" in it"),
            (TOKENS.replace("[3, 4]", "[2, 3]"), "t.pos, 2 to 3, is at \"left\", but t.name is \"acme\""),
            (TOKENS.replace("[3, 4]", "[3, 9]"), "t.pos, 3 to 9, is not within the sentence"),
            (
                TOKENS.replace("\"token\"", "\"tokens\""),
                "the key \"tokens\" is not known; did you mean \"token\"?",
            ),
            (
                TOKENS.replace("\"pos\": [3, 4]", "\"pos\": [3]"),
                "t.pos: a list of 1 stands where a list of 2 is expected",
            ),
            (TOKENS.replace("\"pos\": [3, 4]", "\"pos\": [3, 4, 5]"), "t.pos: a list is longer"),
        ];
        for (text, expected) in cases {
            let message = read(&text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
