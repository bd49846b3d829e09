//! Tags of column files, and the spans they stand for.

mod detect;
mod spans;
mod strict;

pub use detect::Evidence;
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
    /// The lenient rule of the original program, for any of the above: a span ends where the type changes and before
    /// `B-` and `S-`; it may start with `B-`, `I-` or `S-`.
    Reference,
    /// Tags are not read; for prediction input.
    Unlabelled,
}
