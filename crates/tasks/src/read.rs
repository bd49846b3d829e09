//! Data files to examples, as streams.

mod conll;
mod lines;

pub use conll::ConllReader;
pub use lines::Lines;
