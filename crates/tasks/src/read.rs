//! Data files to examples, as streams.

mod ace;
mod conll;
mod coreference;
mod detect;
mod dialogues;
mod dygie;
mod fewrel;
mod format;
mod hf_tokens;
mod json;
mod jsonl;
mod lines;
mod mentions;
mod note;
mod nyt;
mod opennre;
mod options;
mod raw;
mod relations;
mod roles;
mod semeval;
mod sentences;
mod sgd;
mod triples;

pub use conll::ConllReader;
pub use format::{Examples, Format};
pub(crate) use json::lines as json_lines;
pub use jsonl::examples;
pub use lines::Lines;
pub use note::{Note, NoteKind, Notes};
pub use options::{Column, MentionRule, ReadOptions};
pub use raw::{CharSpan, from_spans};
