//! Why outputs cannot be constrained.

use crate::shortened;

/// Why outputs cannot be constrained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConstraintError {
    /// A name has not a single piece.
    #[error(
        "failed to constrain outputs: the tokenizer has no piece for {name:?}; use another name in the schema",
        name = shortened(name)
    )]
    NameWithoutPieces {
        /// The name.
        name: String,
    },
    /// Two names, or two marks of the markup, have the same pieces.
    #[error(
        "failed to constrain outputs: the tokenizer writes {first:?} and {second:?} the same way; use other names, or another tokenizer",
        first = shortened(first),
        second = shortened(second)
    )]
    SamePieces {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// A task that tells the class of an example has none to choose from.
    #[error("failed to constrain outputs: the schema has no classes for the task {task}; list them")]
    NoClasses {
        /// The task.
        task: &'static str,
    },
    /// The outputs of a task in reference mode can be anything.
    #[error(
        "failed to constrain outputs: the quirk {quirk} allows any output; use the fixed mode, or decode freely"
    )]
    NoConstraint {
        /// The quirk.
        quirk: &'static str,
    },
    /// An output must be longer than is allowed.
    #[error(
        "failed to constrain outputs: {example} needs up to {needed} vocabulary, but {most} are allowed; allow more, or cut it"
    )]
    OutputTooLong {
        /// Which example.
        example: String,
        /// How many pieces may be needed.
        needed: usize,
        /// How many are allowed.
        most: usize,
    },
}
