//! What can be wrong with the tags of column files.

/// What is wrong with a tag of a column file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TagProblem {
    /// It continues an entity where there is none.
    #[error("continues an entity, but none is open before it; {advice}")]
    ContinuesNothing {
        /// What to do.
        advice: &'static str,
    },
    /// It is several tags, as of entities within entities.
    #[error(
        "holds several tags, but a column has one for each word; give each layer a column of its own, or write entities within entities as JSON (the format jsonl)"
    )]
    Several,
    /// Its type differs from that of the entity it continues.
    #[error("continues an entity of type {open:?} with another type; start a new entity or use one type")]
    TypeChange {
        /// The type of the open entity.
        open: String,
    },
    /// The entity before it was not closed.
    #[error(
        "comes after an entity that no {closing} closed; close it, or, if no tag of the file has {closing}, declare the scheme iob2 (--scheme, data.scheme)"
    )]
    Unclosed {
        /// The prefix that closes.
        closing: &'static str,
    },
    /// The sentence ends before the entity is closed.
    #[error(
        "is the last of its sentence, but no {closing} closed the entity; close it, or, if no tag of the file has {closing}, declare the scheme iob2 (--scheme, data.scheme)"
    )]
    OpenAtEnd {
        /// The prefix that closes.
        closing: &'static str,
    },
    /// Its prefix is not one of the scheme's.
    #[error("is not of the form {expected}; {advice}")]
    UnknownPrefix {
        /// The forms that the scheme knows.
        expected: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// There is no label after the prefix.
    #[error("has no label after its prefix; add the entity type")]
    EmptyLabel,
}
