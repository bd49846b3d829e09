//! Everything that can be wrong with data, labels and schemas, by theme.

mod calibration;
mod constraint;
mod example;
mod place;
mod read;
mod schema;
mod span;
mod tag;

pub use calibration::CalibrationError;
pub use constraint::ConstraintError;
pub use example::ExampleError;
pub use read::ReadError;
pub use schema::SchemaError;
pub(crate) use span::span_fault;
pub use tag::TagProblem;

use std::path::PathBuf;

/// The result of this crate's fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is wrong, where, and what to do about it. Messages begin with what failed, and end with what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read.
    #[error("failed to read {}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The operating system refused to write.
    #[error("failed to write {}: {source}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A data file is not as it should be.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An example cannot be used.
    #[error(transparent)]
    Example(#[from] ExampleError),
    /// Labels, or their names, cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Outputs cannot be constrained.
    #[error(transparent)]
    Constraint(#[from] ConstraintError),
    /// Scores cannot be calibrated.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
}
