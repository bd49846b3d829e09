//! Which tasks there are, and what they are called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, SchemaError};

/// The kinds of task. As text, in configs and on the command line, they have the names of [`TaskKind::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TaskKind {
    /// Named entities, flat or nested.
    Ner,
    /// Entities and the relations between them.
    JointEr,
    /// Which relation two given mentions have.
    RelationClassification,
    /// What a speaker wants, and the details.
    Slots,
    /// The semantic roles of a given predicate.
    Srl,
    /// What the user of a dialogue system has asked for so far.
    DialogueState,
    /// Which mentions speak of the same thing.
    Coref,
    /// The words that tell of events.
    EventTriggers,
    /// Who and what takes part in a given event.
    EventArguments,
    /// The class of a text.
    TextClassification,
}

impl TaskKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Ner,
        Self::JointEr,
        Self::RelationClassification,
        Self::Slots,
        Self::Srl,
        Self::DialogueState,
        Self::Coref,
        Self::EventTriggers,
        Self::EventArguments,
        Self::TextClassification,
    ];

    /// The name in configs and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ner => "ner",
            Self::JointEr => "joint-er",
            Self::RelationClassification => "relation-classification",
            Self::Slots => "slots",
            Self::Srl => "srl",
            Self::DialogueState => "dialogue-state",
            Self::Coref => "coref",
            Self::EventTriggers => "event-triggers",
            Self::EventArguments => "event-arguments",
            Self::TextClassification => "text-classification",
        }
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TaskKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            Error::Schema(SchemaError::UnknownTask {
                name: name.to_owned(),
                known: Self::ALL.map(Self::name).join(", "),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for kind in TaskKind::ALL {
            assert_eq!(kind.name().parse::<TaskKind>().unwrap(), kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        let error = "nre".parse::<TaskKind>().unwrap_err().to_string();
        assert!(error.contains("nre") && error.contains("joint-er"), "{error}");
    }
}
