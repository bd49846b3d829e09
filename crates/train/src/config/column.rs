//! A column in a config: a number, or text.

use std::fmt;

use fishdip_tasks::read::Column;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::{Error, Visitor};

/// Reads a column.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Column>, D::Error> {
    deserializer.deserialize_any(NumberOrName).map(Some)
}

/// What a column is.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["integer", "string"], "minimum": 1, "maximum": 1_000_000 })
}

struct NumberOrName;

impl Visitor<'_> for NumberOrName {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of a column, from 1, or its name")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Column, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Column, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Column, E> {
        Column::try_from(name.to_owned()).map_err(E::custom)
    }
}
