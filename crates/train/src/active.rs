//! Active learning: which texts to label next, and labels that come back.
//!
//! The choice itself is that of `fishdip-active`, from plain numbers. Here is what makes these numbers of a model and a file
//! (`signals`), and what happens around a choice: one round with annotators ([`query`] and [`merge_labels`]).

mod append;
mod merge;
mod needs;
mod output;
mod pool;
mod query;
mod signals;

pub use merge::{LabelOptions, LabelReport, Refused, merge_labels};
pub use output::OutputFormat;
pub use pool::TextFile;
pub use query::{Chosen, QueryModel, QueryOptions, QueryReport, query};
