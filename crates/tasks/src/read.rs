//! Data files to examples, as streams.

mod ace;
mod classes;
mod columns;
mod conll;
mod coref;
mod coreference;
mod dialogues;
mod dygie;
mod format;
mod genia;
mod json;
mod lines;
mod note;
mod nyt;
mod options;
mod propbank;
mod raw;
mod relations;
mod roles;
mod sentences;
mod table;

use columns::Cut;
pub use conll::ConllReader;
pub use format::{Examples, Format, examples};
pub(crate) use json::lines as json_lines;
pub use lines::Lines;
pub use note::{Note, NoteKind, Notes};
pub use options::{Column, MentionRule, ReadOptions};
pub use raw::{CharSpan, from_spans};
