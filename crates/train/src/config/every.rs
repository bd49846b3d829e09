//! m in a config: a number of steps, or a rule.

use std::fmt;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most steps that a config can ask for.
const MOST: usize = 1_000_000_000;

/// Value of `method.every`: when parameters are chosen again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// After so many steps each time.
    Steps(usize),
    /// After [`Every::FIRST`] steps, and later when the mask is stable.
    Auto,
}

impl Every {
    /// The steps to the second choice of `"auto"`; it never waits for less.
    pub const FIRST: usize = 50;

    /// The steps from the first choice to the second.
    pub fn first(self) -> usize {
        match self {
            Self::Steps(steps) => steps,
            Self::Auto => Self::FIRST,
        }
    }
}

/// What values there are.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["integer", "string"], "minimum": 1, "maximum": MOST, "pattern": "^auto$" })
}

impl Serialize for Every {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Steps(steps) => serializer.serialize_u64(*steps as u64),
            Self::Auto => serializer.serialize_str("auto"),
        }
    }
}

impl<'de> Deserialize<'de> for Every {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StepsOrAuto)
    }
}

struct StepsOrAuto;

impl Visitor<'_> for StepsOrAuto {
    type Value = Every;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of steps or \"auto\"")
    }

    fn visit_u64<E: Error>(self, steps: u64) -> Result<Every, E> {
        Ok(Every::Steps(usize::try_from(steps).unwrap_or(usize::MAX)))
    }

    fn visit_i64<E: Error>(self, steps: i64) -> Result<Every, E> {
        match usize::try_from(steps) {
            Ok(steps) => Ok(Every::Steps(steps)),
            Err(_) => {
                Err(E::custom(format!("`method.every` must be a whole number from 1 to {MOST}, not {steps}")))
            }
        }
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Every, E> {
        if name == "auto" {
            return Ok(Every::Auto);
        }
        let name = fishdip_tasks::shortened(name);
        Err(E::custom(format!(
            "`method.every` must be a whole number from 1 to {MOST}, or \"auto\", not {name:?}"
        )))
    }
}
