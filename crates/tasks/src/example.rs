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
}

impl Example {
    /// A sentence without annotations, such as prediction input.
    pub fn new<S: Into<String>>(tokens: impl IntoIterator<Item = S>) -> Self {
        Self { tokens: tokens.into_iter().map(Into::into).collect(), ..Self::default() }
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
    pub fn chars(&self) -> (String, Vec<Range<usize>>) {
        if let Some(text) = &self.text
            && let Some(places) = places(text, &self.tokens)
        {
            return (text.clone(), places);
        }
        let place = |at: &mut usize, token: &String| {
            let start = *at;
            let end = start + token.chars().count();
            *at = end + 1;
            Some(start..end)
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
        Some(first..char)
    };
    tokens.iter().map(place).collect()
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
