//! The parts that annotations are made of.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The tokens of a span, and its characters where these are not all of the tokens.
pub(crate) type SpanExtent = (usize, usize, Option<CharRange>);

/// A labelled run of tokens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// The label, as the data writes it.
    #[serde(rename = "type")]
    pub label: String,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// The characters that are annotated, of the text that the example was read from, where they begin or end
    /// inside a token. A span of an output is made of whole tokens, so it is never this one: it can be
    /// trained, and is missed in scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chars: Option<CharRange>,
}

/// A stretch of a text, in characters (Unicode scalar values).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CharRange {
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
}

/// A labelled link between two entities of the same example.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The label, as the data writes it.
    #[serde(rename = "type")]
    pub label: String,
    /// Index of the head in the example's entities.
    pub head: usize,
    /// Index of the tail in the example's entities.
    pub tail: usize,
}

/// A run of tokens without a label: a predicate, a mention, an end of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSpan {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
}

/// The role that an entity plays in an event of the same example.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// The role, as the data writes it.
    #[serde(rename = "type")]
    pub label: String,
    /// Index of the entity in the example's entities.
    pub entity: usize,
    /// Index of the event in the example's triggers.
    pub trigger: usize,
}

/// One thing that a user of a dialogue system has asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Belief {
    /// What it is about, such as `hotel`.
    pub domain: String,
    /// Which property, such as `price range`.
    pub slot: String,
    /// What it should be, such as `cheap`.
    pub value: String,
}

impl Entity {
    /// An entity over the tokens `start..end`.
    pub fn new(label: impl Into<String>, start: usize, end: usize) -> Self {
        Self { label: label.into(), start, end, chars: None }
    }

    /// The characters that are annotated, in the text whose tokens are at `places`; nothing for tokens beyond
    /// them.
    pub fn chars_in(&self, places: &[Range<usize>]) -> Option<CharRange> {
        let whole = || {
            let (start, end) = (places.get(self.start)?.start, places.get(self.end.checked_sub(1)?)?.end);
            Some(CharRange { start, end })
        };
        self.chars.or_else(whole)
    }

    /// What makes it the same span as another, one of an output included.
    pub(crate) fn extent(&self) -> SpanExtent {
        (self.start, self.end, self.chars)
    }
}

impl Relation {
    /// A relation between the entities of index `head` and `tail`.
    pub fn new(label: impl Into<String>, head: usize, tail: usize) -> Self {
        Self { label: label.into(), head, tail }
    }
}

impl TokenSpan {
    /// The tokens `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

impl Argument {
    /// The role `label` of the entity of index `entity` in the event of index `trigger`.
    pub fn new(label: impl Into<String>, entity: usize, trigger: usize) -> Self {
        Self { label: label.into(), entity, trigger }
    }
}

impl Belief {
    /// A wish for `value` in `slot` of `domain`.
    pub fn new(domain: impl Into<String>, slot: impl Into<String>, value: impl Into<String>) -> Self {
        Self { domain: domain.into(), slot: slot.into(), value: value.into() }
    }
}
