//! Which weights entries are chosen from.

use serde::{Deserialize, Serialize};

use crate::{Adaptable, Role, Weight};

/// Which weights of a model entries are chosen from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The model's own.
    #[default]
    Base,
    /// Those that a method has added.
    Added,
    /// Both.
    All,
}

impl Scope {
    /// Whether `weight` is one of them.
    pub fn has(self, weight: &Weight) -> bool {
        match self {
            Self::Base => weight.role() == Role::Base,
            Self::Added => weight.role() == Role::Added,
            Self::All => true,
        }
    }

    /// How many entries they have in `model`.
    pub fn entries(self, model: &impl Adaptable) -> usize {
        model.weights().into_iter().filter(|weight| self.has(weight)).map(Weight::entries).sum()
    }
}
