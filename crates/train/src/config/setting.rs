//! A number in a config, or `"auto"`: what the examples, the model and the method make it.

use std::fmt;
use std::marker::PhantomData;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::de::value::{F64Deserializer, I64Deserializer, U64Deserializer};
use serde::de::{Error, IntoDeserializer as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Value of `training.steps`, `optimizer.learning_rate` or `method.keep`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting<T> {
    /// What the rule says once examples and model are known. The config that a run keeps has the number.
    Auto,
    /// This number.
    Number(T),
}

impl<T> Setting<T> {
    /// The number, or `usual` as long as no rule was asked.
    pub(super) fn or(self, usual: T) -> T {
        match self {
            Self::Number(number) => number,
            Self::Auto => usual,
        }
    }

    /// The same, if it is a number; else what a run made it and `kept`.
    pub(crate) fn or_kept(self, kept: Self) -> Self {
        if matches!(self, Self::Auto) { kept } else { self }
    }

    /// The same, if it is a number; else what `rule` makes it, which is added to `told` under the name of its `key`.
    pub(crate) fn settled(self, key: &str, rule: impl FnOnce() -> T, told: &mut Vec<String>) -> Self
    where
        T: Copy + fmt::Display,
    {
        if let Self::Number(_) = self {
            return self;
        }
        let number = rule();
        told.push(format!("{key} = {number}"));
        Self::Number(number)
    }
}

/// What values `training.steps` has.
pub(super) fn steps(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["integer", "string"], "minimum": 0, "maximum": 1_000_000_000, "pattern": "^auto$" })
}

/// What values `optimizer.learning_rate` has.
pub(super) fn learning_rate(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["number", "string"], "minimum": 1e-12, "maximum": 10_000.0, "pattern": "^auto$" })
}

/// What values `method.keep` has.
pub(super) fn keep(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["number", "string"], "exclusiveMinimum": 0.0, "maximum": 1.0, "pattern": "^auto$" })
}

impl<T: Serialize> Serialize for Setting<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Number(number) => number.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrAuto(PhantomData))
    }
}

struct NumberOrAuto<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NumberOrAuto<T> {
    type Value = Setting<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or \"auto\"")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        let number: U64Deserializer<E> = number.into_deserializer();
        T::deserialize(number).map(Setting::Number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        let number: I64Deserializer<E> = number.into_deserializer();
        T::deserialize(number).map(Setting::Number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        let number: F64Deserializer<E> = number.into_deserializer();
        T::deserialize(number).map(Setting::Number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "auto" => Ok(Setting::Auto),
            other => Err(E::invalid_value(Unexpected::Str(other), &self)),
        }
    }
}
