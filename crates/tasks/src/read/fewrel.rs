//! FewRel: sentences with one relation each.

use std::fmt;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::json::{self, Item, layouts};
use super::mentions::is_name_of;
use crate::counted::counted;
use crate::{Example, Quirks, Result, TokenSpan};

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    relation: String,
    tokens: Vec<String>,
    #[serde(alias = "head")]
    h: Mention,
    #[serde(alias = "tail")]
    t: Mention,
}

/// What is mentioned, and the tokens of each place where it is; the first is meant.
struct Mention {
    name: Option<String>,
    places: Vec<Vec<usize>>,
}

/// `{relation: [{"tokens", "h": [name, id, [[token, …], …]], "t": …}]}`, relations and sentences in the order
/// of the file; or, as the hub has it, an object a line,
/// `{"relation", "tokens", "head": {"text", "type", "indices": [[token, …], …]}, "tail": …}`. The tokens of a
/// mention must be its name, but for case and marks.
pub(super) fn fewrel(reader: impl Read, file: &Path, quirks: Quirks) -> Result<Vec<Result<Example>>> {
    let text = json::text(reader, file)?;
    let whole = Item::whole(&text, file);
    let mut examples = Vec::new();
    let mut add = |relation: Option<&str>, item: Result<Item<'_>>| {
        let number = examples.len();
        examples.push(item.and_then(|item| example(&item, relation, number, quirks)));
    };
    if !whole.is_object() || whole.keys().any(|key| key == "tokens") {
        whole.items(&layouts::FEWREL_HUB).for_each(|item| add(None, item));
        return Ok(examples);
    }
    for entry in whole.entries("relation", &layouts::FEWREL)? {
        match entry {
            Ok((relation, sentences)) => {
                sentences.items(&layouts::FEWREL).for_each(|item| add(Some(&relation), item));
            }
            Err(error) => add(None, Err(error)),
        }
    }
    Ok(examples)
}

fn example(item: &Item<'_>, relation: Option<&str>, number: usize, quirks: Quirks) -> Result<Example> {
    let line: Line = item.read()?;
    check_name(item, "head", &line.h, &line.tokens)?;
    check_name(item, "tail", &line.t, &line.tokens)?;
    // Some tokens of the corpus are blank; an example has none of these.
    let (tokens, moved) = without_blanks(line.tokens);
    let span = |mention: &Mention| {
        let places = mention.places.first()?;
        // The original takes the second token of the mention for its last.
        let places = if quirks.cut_mentions { places.get(..2).unwrap_or(places) } else { places };
        let (start, last) = (places.iter().min()?, places.iter().max()?);
        moved
            .get(*start)
            .zip(moved.get(last.checked_add(1)?))
            .map(|(start, end)| TokenSpan::new(*start, *end))
    };
    let given = |name: &str, mention: &Mention| {
        span(mention).ok_or_else(|| {
            item.problem(format!("{name} is at none of the {}", counted(moved.len() - 1, "token")))
        })
    };
    Ok(Example {
        id: number.to_string(),
        head: Some(given("the head", &line.h)?),
        tail: Some(given("the tail", &line.t)?),
        relation: Some(relation.map_or(line.relation, str::to_owned)),
        origin: Some(item.at().clone()),
        tokens,
        ..Example::default()
    })
}

/// Refuses a mention whose tokens are not its name.
fn check_name(item: &Item<'_>, end: &str, mention: &Mention, tokens: &[String]) -> Result<()> {
    let (Some(name), Some(places)) = (&mention.name, mention.places.first()) else { return Ok(()) };
    let words: Option<Vec<&str>> = places.iter().map(|at| Some(tokens.get(*at)?.as_str())).collect();
    // A place beyond the tokens is told as such.
    match words.map(|words| words.join(" ")).filter(|there| !is_name_of(name, there)) {
        None => Ok(()),
        Some(there) => Err(item.problem(format!(
            "the {end} is {name:?}, but the tokens at its positions {places:?}, from 0, are {there:?}; correct one of the two"
        ))),
    }
}

/// The tokens that are not blank, and where each old token (and the end) is now.
fn without_blanks(tokens: Vec<String>) -> (Vec<String>, Vec<usize>) {
    let (mut kept, mut moved) = (Vec::with_capacity(tokens.len()), Vec::with_capacity(tokens.len() + 1));
    for token in tokens {
        moved.push(kept.len());
        if !token.chars().all(crate::codec::is_space) {
            kept.push(token);
        }
    }
    moved.push(kept.len());
    (kept, moved)
}

impl<'de> Deserialize<'de> for Mention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Place)
    }
}

struct Place;

impl<'de> Visitor<'de> for Place {
    type Value = Mention;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mention: [name, id, [[token, …]]]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Mention, A::Error> {
        let names = (seq.next_element::<Value>()?, seq.next_element::<IgnoredAny>()?);
        let (Some(name), Some(_), Some(places)) = (names.0, names.1, seq.next_element()?) else {
            return Err(A::Error::custom("a mention is not [name, id, [[token, …]]]"));
        };
        Ok(Mention { name: name.as_str().map(str::to_owned), places })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Mention, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Named {
            indices: Vec<Vec<usize>>,
            text: Option<String>,
            #[serde(default, rename = "type")]
            _kind: IgnoredAny,
        }
        let Named { indices, text, .. } = Named::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Mention { name: text, places: indices })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Vec<Result<Example>> {
        fewrel(text.as_bytes(), Path::new("f.json"), Quirks::NONE).unwrap()
    }

    #[test]
    fn relations_keep_the_order_of_the_file() {
        let examples = read(
            r#"{"P9": [{"tokens": ["a", "b"], "h": ["A", "Q1", [[0]]], "t": ["b", "Q2", [[1]]]}],
                "P1": [{"tokens": ["a", "\u00a0", "b"], "h": ["b", "Q1", [[2]]], "t": ["a", "Q2", [[0]]]}]}"#,
        );
        let relations: Vec<_> =
            examples.iter().map(|e| e.as_ref().unwrap().relation.clone().unwrap()).collect();
        assert_eq!(relations, ["P9", "P1"]);
        // A token that is blank is none.
        let second = examples[1].as_ref().unwrap();
        assert_eq!((second.tokens.len(), second.head), (2, Some(TokenSpan::new(1, 2))));
    }

    #[test]
    fn the_hubs_version() {
        let line = r#"{"relation": "P9", "tokens": ["a", "b"], "head": {"text": "a", "type": "Q1", "indices": [[0]]}, "tail": {"text": "b", "type": "Q2", "indices": [[1]]}, "names": ["n"]}"#;
        let examples = read(&format!("{line}\n{line}\n"));
        assert_eq!(examples.len(), 2);
        let example = examples[1].as_ref().unwrap();
        assert_eq!((example.relation.as_deref(), example.tail), (Some("P9"), Some(TokenSpan::new(1, 2))));
    }

    #[test]
    fn a_mention_must_be_at_its_positions() {
        let sentence = r#"{"tokens": ["Ann", "Lee", "left", "Acme"], "h": ["ann lee", "Q1", [[0, 1], [3]]], "t": ["acme", "Q2", [[3]]]}"#;
        let read_one = |sentence: &str| read(&format!("{{\"P9\": [{sentence}]}}")).remove(0);
        assert!(read_one(sentence).is_ok());
        let message = read_one(&sentence.replace("\"acme\"", "\"oslo\"")).unwrap_err().to_string();
        assert_eq!(
            message,
            "failed to read f.json:1, relation \"P9\", example 0: the tail is \"oslo\", but the tokens at its positions [3], from 0, are \"Acme\"; correct one of the two"
        );
        // One too few of its positions.
        assert!(read_one(&sentence.replace("[0, 1]", "[0]")).is_err());
        let hub = r#"{"relation": "P9", "tokens": ["a", "b"], "head": {"text": "b", "type": "Q1", "indices": [[0]]}, "tail": {"text": "b", "type": "Q2", "indices": [[1]]}}"#;
        assert!(read(hub)[0].as_ref().unwrap_err().to_string().contains("the head is \"b\""));
    }

    #[test]
    fn one_bad_sentence_costs_itself_alone() {
        let good = r#"{"tokens": ["a", "b"], "h": ["A", "Q1", [[0]]], "t": ["b", "Q2", [[1]]]}"#;
        let text = format!(
            "{{\"P9\": [{},\n{},\n{good}]}}",
            good.replace("[[0]]", "[[7]]"),
            good.replace("\"h\"", "\"head\"")
        );
        let examples = read(&text);
        let message = |at: usize| examples[at].as_ref().unwrap_err().to_string();
        assert_eq!(
            message(0),
            "failed to read f.json:1, relation \"P9\", example 0: the head is at none of the 2 tokens"
        );
        assert!(
            message(1).starts_with("failed to read f.json:2, relation \"P9\", example 1: the key \"head\""),
            "{}",
            message(1)
        );
        assert!(examples[2].is_ok());
    }
}
