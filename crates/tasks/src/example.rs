//! One sentence with its annotations.

use std::fmt;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use crate::codec::is_space;
use crate::{Error, Origin, Result};

/// A tokenised sentence and its gold annotations, in the JSON shape of SpERT.
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
    /// Where it was read from.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// A labelled run of tokens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// The label, as the data writes it.
    #[serde(rename = "type")]
    pub label: String,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
}

/// A labelled link between two entities of the same example.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// The label, as the data writes it.
    #[serde(rename = "type")]
    pub label: String,
    /// Index of the head in the example's entities.
    pub head: usize,
    /// Index of the tail in the example's entities.
    pub tail: usize,
}

impl Entity {
    /// An entity over the tokens `start..end`.
    pub fn new(label: impl Into<String>, start: usize, end: usize) -> Self {
        Self { label: label.into(), start, end }
    }
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

    /// Refuses tokens, spans and relations that cannot be encoded.
    pub fn check(&self) -> Result<()> {
        let example = || self.place();
        for (index, token) in self.tokens.iter().enumerate() {
            if token.is_empty() || token.contains(is_space) {
                return Err(Error::BadToken { example: example(), index, token: token.clone() });
            }
        }
        let tokens = self.tokens.len();
        for Entity { label, start, end } in &self.entities {
            let (start, end) = (*start, *end);
            if start >= end || end > tokens {
                return Err(Error::BadSpan { example: example(), label: label.clone(), start, end, tokens });
            }
        }
        let entities = self.entities.len();
        for Relation { label, head, tail } in &self.relations {
            let index = *head.max(tail);
            if index >= entities {
                return Err(Error::BadRelation { example: example(), label: label.clone(), index, entities });
            }
        }
        Ok(())
    }
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
        assert!(matches!(example.check(), Err(Error::BadSpan { .. })));
        example.entities[0].end = 2;
        example.relations.push(Relation { label: "r".to_owned(), head: 0, tail: 1 });
        assert!(matches!(example.check(), Err(Error::BadRelation { index: 1, .. })));
        for token in ["", "a b", "\u{a0}", "\u{1f}"] {
            assert!(matches!(Example::new([token]).check(), Err(Error::BadToken { .. })), "{token:?}");
        }
    }
}
