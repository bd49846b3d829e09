//! Examples to data files.

mod conll;

pub use conll::write_conll;
