//! What can be wrong with an example, on its way to texts.

use crate::counted::{counted, there_are};
use crate::shortened;

/// Why an example cannot be used, encoded or cut, or examples not drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExampleError {
    /// A token is empty or white space alone, which the encoding cannot carry.
    #[error("failed to use {example}: token {index} ({token:?}) is blank; drop it", token = shortened(token))]
    BadToken {
        /// Which example.
        example: String,
        /// The token's index.
        index: usize,
        /// The token.
        token: String,
    },
    /// A span is empty or reaches beyond the tokens.
    #[error(
        "failed to use {example}: the {label:?} span {start}..{end} is not within its {}; fix start and end (end excluded)",
        counted(*tokens, "token"),
        label = shortened(label)
    )]
    BadSpan {
        /// Which example.
        example: String,
        /// The span's label.
        label: String,
        /// First token.
        start: usize,
        /// One past the last token.
        end: usize,
        /// How many tokens there are.
        tokens: usize,
    },
    /// A relation names an entity that does not exist.
    #[error(
        "failed to use {example}: the relation {label:?} names entity {index}, but {}; head and tail count entities from 0",
        there_are(*entities),
        label = shortened(label)
    )]
    BadRelation {
        /// Which example.
        example: String,
        /// The relation's label.
        label: String,
        /// The index that is out of range.
        index: usize,
        /// How many entities there are.
        entities: usize,
    },
    /// The role of an event names an entity or a trigger that does not exist.
    #[error(
        "failed to use {example}: the argument {label:?} names {what} {index}, but {}; they are counted from 0",
        there_are(*count),
        label = shortened(label)
    )]
    BadArgument {
        /// Which example.
        example: String,
        /// The role.
        label: String,
        /// `entity` or `trigger`.
        what: &'static str,
        /// The index that is out of range.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A label holds characters that nobody sees, or is nothing but white space.
    #[error("failed to use {example}: the label {label:?} {problem}")]
    BadLabel {
        /// Which example.
        example: String,
        /// The label.
        label: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// An example lacks something that the task reads or writes.
    #[error(
        "failed to encode {example}: it has no {field}, which the task {task} needs; add the field {field:?}"
    )]
    NoField {
        /// Which example.
        example: String,
        /// The task.
        task: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A label in the data is not in the schema.
    #[error(
        "failed to encode {example}: the label {label:?} is not in the schema; add it (known: {known})",
        label = shortened(label)
    )]
    UnknownLabel {
        /// Which example.
        example: String,
        /// The label.
        label: String,
        /// The labels of the schema.
        known: String,
    },
    /// A label that the schema does not name cannot be its own name.
    #[error(
        "failed to encode {example}: the label {label:?} cannot stand for itself: a name is words with single spaces, without [ ] | =; \
         rename it, or give it a name in the schema",
        label = shortened(label)
    )]
    NoName {
        /// Which example.
        example: String,
        /// The label.
        label: String,
    },
    /// A part of an example that cannot be cut is too long for a model.
    #[error(
        "failed to cut {example} into windows: {part} alone is too long; shorten it, or let windows be longer"
    )]
    NoWindow {
        /// Which example.
        example: String,
        /// Which part.
        part: String,
    },
    /// An episode asks for more than there is.
    #[error(
        "failed to draw an episode: it needs {needed} {what}, but there are {there}; ask for fewer ways, shots or queries"
    )]
    TooFew {
        /// What is scarce.
        what: String,
        /// How many are needed.
        needed: usize,
        /// How many there are.
        there: usize,
    },
    /// Two examples that are told apart by their ids have the same one.
    #[error("failed to use {example}: one with its id was there before; give each an id of its own")]
    SameId {
        /// The second one.
        example: String,
    },
    /// Prompts ask for more shots than there are training examples.
    #[error(
        "failed to make prompts of {}: {} to train on; ask for fewer shots",
        counted(*shots, "shot"),
        there_are(*there)
    )]
    TooFewShots {
        /// How many shots a prompt is to have.
        shots: usize,
        /// How many training examples there are.
        there: usize,
    },
}
