//! Examples to data files.

mod conll;
mod raw;

pub use conll::write_conll;
pub use raw::{write_json_spans, write_label_studio};
