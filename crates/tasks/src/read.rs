//! Data files to examples, as streams.

mod ace;
mod char_spans;
mod conll;
mod coreference;
mod dialogues;
mod dygie;
mod format;
mod json;
mod lines;
mod note;
mod nyt;
mod options;
mod raw;
mod relations;
mod roles;
mod sentences;
mod whole;

pub use char_spans::{CharSpan, from_spans};
pub use conll::ConllReader;
pub use format::{Examples, Format, examples};
pub(crate) use json::lines as json_lines;
pub use lines::Lines;
pub use note::{Note, NoteKind, Notes};
pub use options::{Column, MentionRule, ReadOptions};
