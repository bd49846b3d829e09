//! Tags of column files, and the spans they stand for.

mod detect;
mod form;
mod spans;
mod strict;

pub use detect::Evidence;
pub(crate) use form::{holds_several, is_tag, label};
pub use spans::{iob2, spans};
pub use strict::strict_iob2;

use serde::{Deserialize, Serialize};

/// How a column file writes entities as one tag a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TagScheme {
    /// Found from the whole file, see [`Evidence`]; then as strict as what was found.
    #[default]
    Auto,
    /// `I-` throughout; `B-` where an entity directly follows one of the same type (and allowed elsewhere).
    Iob1,
    /// Every entity starts with `B-` and goes on with `I-`.
    Iob2,
    /// As IOB2, the last token has `E-`, a single one `S-`.
    Iobes,
    /// As IOBES with other letters: the last token has `L-`, a single one `U-`.
    Bilou,
    /// As IOBES, but a token in the middle has `M-`.
    Bmes,
    /// The label alone, without a prefix (or `I-` throughout); entities of one type that touch are one.
    Io,
    /// The lenient rule of the original program, for IOB1, IOB2 and IOBES: a span ends where the type changes
    /// and before `B-` and `S-`; it may start with `B-`, `I-` or `S-`.
    Reference,
    /// Tags are not read; for prediction input.
    Unlabelled,
}

impl TagScheme {
    /// Its name in configs and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Iob1 => "iob1",
            Self::Iob2 => "iob2",
            Self::Iobes => "iobes",
            Self::Bilou => "bilou",
            Self::Bmes => "bmes",
            Self::Io => "io",
            Self::Reference => "reference",
            Self::Unlabelled => "unlabelled",
        }
    }
}
