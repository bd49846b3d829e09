//! Which of the two behaviours is asked for.

use serde::{Deserialize, Serialize};

/// Which preset of [`Quirks`](crate::Quirks) a task starts with; the table there says what each does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// All of them: as the original program does, so that results can be compared.
    Reference,
    /// None: decoding an encoded example always gives it back, and scores count what was asked for.
    #[default]
    Fixed,
}
