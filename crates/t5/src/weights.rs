//! Weights out of files.

mod files;
mod format;
mod loader;

pub(crate) use files::SINGLE;
pub use files::TensorFiles;
pub(crate) use loader::WeightLoader;
