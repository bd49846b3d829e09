//! Data files to examples, as streams.

mod ace;
mod brat;
mod char_spans;
mod conll;
mod coreference;
mod dialogues;
mod doccano;
mod dygie;
mod fields;
mod format;
mod json;
mod json_layout;
mod json_spans;
mod label_studio;
mod lines;
mod note;
mod nyt;
mod options;
mod prodigy;
mod raw_text;
mod records;
mod relations;
mod roles;
mod sentences;
mod spacy;
mod span_fields;

pub use char_spans::{CharSpan, from_spans};
pub use conll::ConllReader;
pub use format::{Examples, Format, examples};
pub(crate) use json::lines as json_lines;
pub use lines::Lines;
pub use note::{Note, NoteKind, Notes};
pub use options::{Column, MentionRule, ReadOptions};
