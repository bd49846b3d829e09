//! One sentence with its annotations.

mod parts;
mod repeats;

pub(crate) use parts::SpanExtent;
pub use parts::{Argument, Belief, CharRange, Entity, Relation, TokenSpan};

use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use crate::text::is_space;
use crate::words::words;
use crate::{Error, ExampleError, Origin, Result};

/// A tokenised sentence and its gold annotations, in the JSON shape of SpERT, extended.
///
/// A task looks at its own fields only:
///
/// | task | reads | predicts |
/// |---|---|---|
/// | entities | `tokens` | `entities` |
/// | entities and relations | `tokens` | `entities`, `relations` |
/// | relation classification | `tokens`, `head`, `tail` | `relation` |
/// | intent and slots | `tokens` | `intent`, `slots` |
/// | semantic roles | `tokens`, `predicate` | `roles` |
/// | dialogue state | `history` | `belief` |
/// | coreference | `tokens` | `clusters` |
/// | event triggers | `tokens` | `triggers` |
/// | event arguments | `tokens`, the first of `triggers` | `arguments`, with their `entities` |
/// | text classification | `text`, or `tokens` if there is none | `label` |
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Example {
    /// The caller's name for it; a number in JSON becomes text.
    #[serde(deserialize_with = "text_or_number")]
    pub id: String,
    /// The tokens.
    pub tokens: Vec<String>,
    /// The entities, in file order.
    pub entities: Vec<Entity>,
    /// The relations, in file order.
    pub relations: Vec<Relation>,
    /// What the speaker wants, as the data writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// The slots of the intent, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Entity>,
    /// The predicate whose roles are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicate: Option<TokenSpan>,
    /// The semantic roles of the predicate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Entity>,
    /// The head of the relation that is to be classified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<TokenSpan>,
    /// Its tail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tail: Option<TokenSpan>,
    /// Its label, as the data writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The dialogue up to and including this turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<String>,
    /// The dialogue state after this turn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub belief: Vec<Belief>,
    /// The mentions of each thing that is spoken of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<Vec<TokenSpan>>,
    /// The words that tell of events, labelled with the kind of event.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Entity>,
    /// Which entities take part in which events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Argument>,
    /// A text to be classified as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The class of the text, as the data writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where it was read from.
    #[serde(skip)]
    pub origin: Option<Origin>,
    /// Spans that were annotated with white space at their ends, by their index among the entities, and then
    /// the triggers; for those who read it to tell.
    #[serde(skip)]
    pub(crate) trimmed: Vec<(usize, CharRange)>,
}

impl Example {
    /// A sentence without annotations, such as prediction input.
    pub fn new<S: Into<String>>(tokens: impl IntoIterator<Item = S>) -> Self {
        Self { tokens: tokens.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The same; one that has a text and no tokens gets the [words](mod@crate::words) of the text as its
    /// tokens.
    #[must_use]
    pub fn with_words_of_text(mut self) -> Self {
        if self.tokens.is_empty()
            && let Some(text) = &self.text
        {
            self.tokens = words(text).into_iter().map(|word| word.text.to_owned()).collect();
        }
        self
    }

    /// How messages name this example: its file and line, else its id.
    pub fn place(&self) -> String {
        match &self.origin {
            Some(origin) => origin.to_string(),
            None if self.id.is_empty() => "an example without id".to_owned(),
            None => format!("example {:?}", self.id),
        }
    }

    /// The text, and where each token stands in it, in characters (Unicode scalar values): the example's own
    /// text if its tokens are found in it one after another, else the tokens with single spaces between them.
    /// White space at the ends of a token is not where it stands.
    pub fn chars(&self) -> (String, Vec<Range<usize>>) {
        if let Some(text) = &self.text
            && let Some(places) = places(text, &self.tokens)
        {
            return (text.clone(), places);
        }
        let place = |at: &mut usize, token: &String| {
            let start = *at;
            *at = start + token.chars().count() + 1;
            Some(inside(token, start))
        };
        (self.tokens.join(" "), self.tokens.iter().scan(0, place).collect())
    }

    /// Refuses tokens, spans and relations that cannot be encoded.
    pub fn check(&self) -> Result<()> {
        let example = || self.place();
        for (index, token) in self.tokens.iter().enumerate() {
            if token.chars().all(is_space) {
                return Err(Error::Example(ExampleError::BadToken {
                    example: example(),
                    index,
                    token: token.clone(),
                }));
            }
        }
        let spans = [&self.entities, &self.slots, &self.roles, &self.triggers];
        for Entity { label, start, end, .. } in spans.into_iter().flatten() {
            self.check_span(label, *start, *end)?;
        }
        let single = [("predicate", self.predicate), ("head", self.head), ("tail", self.tail)];
        for (name, span) in single.into_iter().filter_map(|(name, span)| Some((name, span?))) {
            self.check_span(name, span.start, span.end)?;
        }
        for mention in self.clusters.iter().flatten() {
            self.check_span("mention", mention.start, mention.end)?;
        }
        let entities = self.entities.len();
        for Relation { label, head, tail } in &self.relations {
            let index = *head.max(tail);
            if index >= entities {
                return Err(Error::Example(ExampleError::BadRelation {
                    example: example(),
                    label: label.clone(),
                    index,
                    entities,
                }));
            }
        }
        let triggers = self.triggers.len();
        for Argument { label, entity, trigger } in &self.arguments {
            let beyond = [("entity", *entity, entities), ("trigger", *trigger, triggers)];
            if let Some((what, index, count)) = beyond.into_iter().find(|(_, index, count)| index >= count) {
                let label = label.clone();
                return Err(Error::Example(ExampleError::BadArgument {
                    example: example(),
                    label,
                    what,
                    index,
                    count,
                }));
            }
        }
        Ok(())
    }

    fn check_span(&self, label: &str, start: usize, end: usize) -> Result<()> {
        let tokens = self.tokens.len();
        if start < end && end <= tokens {
            return Ok(());
        }
        Err(Error::Example(ExampleError::BadSpan {
            example: self.place(),
            label: label.to_owned(),
            start,
            end,
            tokens,
        }))
    }
}

/// Where `tokens` are in `text`, in characters, each as early as it can be.
fn places(text: &str, tokens: &[String]) -> Option<Vec<Range<usize>>> {
    let (mut byte, mut char) = (0, 0);
    let place = |token: &String| {
        let start = byte + text[byte..].find(token.as_str())?;
        let first = char + text[byte..start].chars().count();
        (byte, char) = (start + token.len(), first + token.chars().count());
        Some(inside(token, first))
    };
    tokens.iter().map(place).collect()
}

/// Where a token that begins at the character `start` stands without white space at its ends.
fn inside(token: &str, start: usize) -> Range<usize> {
    let behind = token.trim_start_matches(is_space);
    let start = start + token[..token.len() - behind.len()].chars().count();
    start..start + behind.trim_end_matches(is_space).chars().count()
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Id;

    impl Visitor<'_> for Id {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an id: text or a whole number")
        }

        fn visit_str<E>(self, id: &str) -> Result<String, E> {
            Ok(id.to_owned())
        }

        fn visit_u64<E>(self, id: u64) -> Result<String, E> {
            Ok(id.to_string())
        }

        fn visit_i64<E>(self, id: i64) -> Result<String, E> {
            Ok(id.to_string())
        }

        fn visit_unit<E>(self) -> Result<String, E> {
            Ok(String::new())
        }
    }

    deserializer.deserialize_any(Id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn json_has_the_shape_of_spert() {
        let line = r#"{"tokens":["a","b"],"entities":[{"type":"Peop","start":0,"end":1}],
            "relations":[{"type":"Kill","head":0,"tail":0}],"orig_id":7,"id":3}"#;
        let example: Example = serde_json::from_str(line).unwrap();
        assert_eq!(example.id, "3");
        assert_eq!(example.entities, [Entity::new("Peop", 0, 1)]);
        let back = serde_json::to_string(&example).unwrap();
        assert_eq!(serde_json::from_str::<Example>(&back).unwrap(), example);
    }

    #[test]
    fn white_space_at_the_ends_of_a_token_is_no_part_of_a_span() {
        let mut example = Example::new([" a", "b c ", "\u{a0}d\u{a0}"]);
        let (text, places) = example.chars();
        assert_eq!(text, " a b c  \u{a0}d\u{a0}");
        assert_eq!(places, [1..2, 3..6, 9..10]);
        example.text = Some(format!("x{text}"));
        assert_eq!(example.chars().1, [2..3, 4..7, 10..11]);
    }

    #[test]
    fn what_cannot_be_encoded_is_refused() {
        let mut example = Example::new(["a", "b"]);
        example.id = "x".to_owned();
        assert!(example.check().is_ok());
        example.entities.push(Entity::new("PER", 1, 3));
        let message = example.check().unwrap_err().to_string();
        assert!(message.contains(r#"example "x""#) && message.contains("1..3"), "{message}");
        example.entities[0].end = 1;
        assert!(matches!(example.check(), Err(Error::Example(ExampleError::BadSpan { .. }))));
        example.entities[0].end = 2;
        example.relations.push(Relation { label: "r".to_owned(), head: 0, tail: 1 });
        assert!(matches!(example.check(), Err(Error::Example(ExampleError::BadRelation { index: 1, .. }))));
        for token in ["", " ", "\u{a0}", "\u{1f}"] {
            assert!(
                matches!(Example::new([token]).check(), Err(Error::Example(ExampleError::BadToken { .. }))),
                "{token:?}"
            );
        }
    }
}
