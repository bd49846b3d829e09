//! What can be wrong with the names of labels and tasks.

use crate::shortened;

/// Why labels and their names cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A file that tells labels is not as it should be.
    #[error("failed to read the labels of {file}: {source}")]
    BadSchema {
        /// The file.
        file: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// Two slots of an ontology cannot be told apart where a value follows.
    #[error(
        "failed to use the schema: the slot {second:?} starts with the slot {first:?}; rename one of them",
        second = shortened(second),
        first = shortened(first)
    )]
    AmbiguousSlot {
        /// The shorter one, with its domain.
        first: String,
        /// The longer one, with its domain.
        second: String,
    },
    /// A label counts as another that does not exist.
    #[error(
        "failed to use the schema: the label {label:?} is said to be the same as {other:?}, which is no relation of it",
        label = shortened(label),
        other = shortened(other)
    )]
    SameAsNothing {
        /// The label.
        label: String,
        /// The other.
        other: String,
    },
    /// A label has an empty natural name.
    #[error(
        "failed to use the schema: the label {label:?} has an empty name; give it a word or two",
        label = shortened(label)
    )]
    EmptyName {
        /// The label.
        label: String,
    },
    /// A natural name cannot be written as plain words.
    #[error(
        "failed to use the schema: the name {name:?} of label {label:?} must be words with single spaces, without [ ] | =",
        name = shortened(name),
        label = shortened(label)
    )]
    BadName {
        /// The label.
        label: String,
        /// Its name.
        name: String,
    },
    /// Two labels share one natural name, so that decoding could not tell them apart.
    #[error(
        "failed to use the schema: the labels {first:?} and {second:?} both have the name {name:?}; give them different names",
        first = shortened(first),
        second = shortened(second),
        name = shortened(name)
    )]
    SameName {
        /// One label.
        first: String,
        /// The other.
        second: String,
        /// Their name.
        name: String,
    },
    /// A label is given two natural names.
    #[error(
        "failed to use the schema: the label {label:?} has two names, {first:?} and {second:?}; leave one out",
        label = shortened(label),
        first = shortened(first),
        second = shortened(second)
    )]
    TwoNames {
        /// The label.
        label: String,
        /// Its name.
        first: String,
        /// Another name that it is given.
        second: String,
    },
    /// There is no task of this name.
    #[error("failed to find the task {name:?}; the tasks are {known}", name = shortened(name))]
    UnknownTask {
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
}
