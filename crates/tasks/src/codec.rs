//! The augmented language: text with labelled brackets, and back.
//!
//! A sentence and its annotations become `[ Tolkien | person ] was born here`; see [`augment`]. Reading is
//! done by [`decode`](decode()), in three steps: [`parse`] reads the markup, [`align`] finds which source
//! token each output token is, and what did not fit is listed.
//!
//! The delimiters `[`, `]`, `|` and `=` stand for themselves as markup. In
//! [`Mode::Fixed`](crate::Mode::Fixed) those in the text are escaped, in the source as well as in the target;
//! see [`escape`].

mod align;
mod decode;
mod encode;
mod escape;
mod joined;
mod parse;

pub use align::{align, resembles};
pub use decode::{Reading, ReadingRepair, Span, decode};
pub use encode::{Annotation, Augmented, augment, augment_flat};
pub use escape::{escape, escape_item, escape_tokens, unescape, unescape_item};
pub use parse::{Parsed, ParsedSpan, parse};

pub use crate::text::is_space;

/// Whether `c` is one of the four markup characters.
pub fn is_delimiter(c: char) -> bool {
    matches!(c, '[' | ']' | '|' | '=')
}
