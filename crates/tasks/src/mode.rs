//! Which of the two behaviours is asked for.

use serde::{Deserialize, Serialize};

/// How text is encoded and decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// As the original program does: brackets in the text are not escaped, stray delimiters count as text.
    Reference,
    /// Delimiters in the text are escaped, so that decoding an encoded example always gives it back.
    #[default]
    Fixed,
}
