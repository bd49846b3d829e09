//! Weights out of files and into them.

mod files;
mod format;
mod loader;
mod save;

pub use files::TensorFiles;
pub(crate) use loader::WeightLoader;
