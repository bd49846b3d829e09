//! What a model's output says about an example.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::example::SpanExtent;
use crate::{Belief, TokenSpan};

/// Everything read from one output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "four independent faults of one output")]
pub struct Decoded {
    /// The entities, without duplicates, by start, then longest first, then label.
    pub entities: Vec<FoundEntity>,
    /// The relations.
    pub relations: Vec<FoundRelation>,
    /// What the speaker wants, if it is in the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// The slots of the intent, ordered as entities are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<FoundEntity>,
    /// The semantic roles of the predicate, ordered as entities are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<FoundEntity>,
    /// The class of the relation, if it is in the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The dialogue state, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub belief: Vec<Belief>,
    /// The mentions that were marked, in closing order, each with the one it refers back to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The mentions of each thing that is spoken of: each cluster sorted, clusters by first mention.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<Vec<TokenSpan>>,
    /// The triggers of events, ordered as entities are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<FoundEntity>,
    /// Which entities take part in which events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<FoundArgument>,
    /// The class of the text, if it is in the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What had to be mended or thrown away, in output order.
    pub repairs: Vec<Repair>,
    /// The output without markup is not the source.
    pub wrong_reconstruction: bool,
    /// Some markup was not well formed.
    pub format_error: bool,
    /// Some label is not in the schema.
    pub label_error: bool,
    /// Some relation points to a text that is no entity.
    pub entity_error: bool,
}

impl Decoded {
    /// The labels in it, as often as they are there.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &str> {
        let spans = [&self.entities, &self.slots, &self.roles, &self.triggers];
        let spans = spans.into_iter().flatten().map(|span| span.label.as_str());
        let links = self.relations.iter().map(|relation| relation.label.as_str());
        let arguments = self.arguments.iter().map(|argument| argument.label.as_str());
        let classes = [&self.intent, &self.relation, &self.label];
        spans.chain(links).chain(arguments).chain(classes.into_iter().flatten().map(String::as_str))
    }
}

/// An entity found in an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundEntity {
    /// The label, as the data writes it.
    #[serde(rename = "type")]
    pub label: String,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Bytes of its markup in the output, from its `[` to its `]` inclusive.
    #[serde(skip)]
    pub markup: Range<usize>,
}

/// A relation found in an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRelation {
    /// The label, as the data writes it.
    #[serde(rename = "type")]
    pub label: String,
    /// Where the relation starts.
    pub head: FoundEntity,
    /// Where it leads to.
    pub tail: FoundEntity,
}

/// The role of an entity in an event, found in an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundArgument {
    /// The role, as the data writes it.
    #[serde(rename = "type")]
    pub label: String,
    /// Who or what plays the role.
    pub entity: FoundEntity,
    /// The trigger of the event.
    pub trigger: FoundEntity,
}

/// A mention found in an output, and the earlier one that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The mention.
    pub mention: TokenSpan,
    /// The latest mention with the text that it names; nothing if it names none.
    pub antecedent: Option<TokenSpan>,
    /// Bytes of its markup in the output, from its `[` to its `]` inclusive.
    #[serde(skip)]
    pub markup: Range<usize>,
}

/// Something in an output that was mended or thrown away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Repair {
    /// Where in the output, counted in characters (Unicode scalar values).
    pub at: usize,
    /// What was done.
    pub kind: RepairKind,
    /// The text concerned.
    pub detail: String,
}

/// Where, what was done, and the text concerned.
impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: {}: {}", self.at, self.kind, self.detail)
    }
}

/// The kinds of [`Repair`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RepairKind {
    /// A `]`, `|` or `=` stands where it means nothing.
    StrayDelimiter,
    /// A `[` is never closed. The span is dropped; its text stays up to its `|`, and what is behind that is
    /// read as labels up to the next `[`.
    UnclosedBracket,
    /// A source token was written differently; it counts as the source token.
    ChangedToken,
    /// Source tokens were left out.
    MissingTokens,
    /// Tokens were written that are not in the source.
    ExtraTokens,
    /// A span covers no source token and was dropped.
    EmptySpan,
    /// A span has no label, or a label with a value, and was dropped.
    BadSpan,
    /// A span has an attribute that could not be read.
    BadAttribute,
    /// A label is not in the schema; what carries it was dropped.
    UnknownLabel,
    /// A relation or mention points to a text that is not marked, and was dropped; or a role names another
    /// trigger than the given one, which was taken instead.
    UnknownName,
    /// A marker such as `((` or `[belief]` is missing.
    MissingMarker,
    /// An item of the dialogue state names no slot of the ontology, or names one twice; it was dropped.
    BadItem,
    /// The schema does not allow this role in this kind of event; it was dropped.
    RoleNotAllowed,
}

/// In words, such as `changed token`.
impl fmt::Display for RepairKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::StrayDelimiter => "stray delimiter",
            Self::UnclosedBracket => "unclosed bracket",
            Self::ChangedToken => "changed token",
            Self::MissingTokens => "missing tokens",
            Self::ExtraTokens => "extra tokens",
            Self::EmptySpan => "span without a token of the source",
            Self::BadSpan => "span without one label",
            Self::BadAttribute => "attribute that cannot be read",
            Self::UnknownLabel => "label that is not in the schema",
            Self::UnknownName => "text that is not marked",
            Self::MissingMarker => "missing marker",
            Self::BadItem => "item of no slot, or of one named before",
            Self::RoleNotAllowed => "role that this kind of event has not",
        })
    }
}

impl FoundEntity {
    /// What makes it the same entity as another.
    pub fn key(&self) -> (&str, usize, usize) {
        (&self.label, self.start, self.end)
    }

    /// As [`Entity`](crate::Entity) has it: all of its tokens.
    pub(crate) fn extent(&self) -> SpanExtent {
        (self.start, self.end, None)
    }
}

impl Decoded {
    /// Everything that is a labelled run of tokens: entities, slots, semantic roles, triggers.
    pub fn spans(&self) -> impl Iterator<Item = &FoundEntity> {
        self.entities.iter().chain(&self.slots).chain(&self.roles).chain(&self.triggers)
    }

    /// Adds what the second stage of event extraction found for one of the triggers. Its repairs speak of
    /// another output and are left out.
    pub fn add_arguments(&mut self, stage: Self) {
        self.entities.extend(stage.entities);
        self.arguments.extend(stage.arguments);
        self.wrong_reconstruction |= stage.wrong_reconstruction;
        self.format_error |= stage.format_error;
        self.label_error |= stage.label_error;
        self.entity_error |= stage.entity_error;
    }
}
