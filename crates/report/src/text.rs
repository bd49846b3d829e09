//! Text of users, as a page may show it.

use maud::Render;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Text that may hold anything. In a page and its data, control characters, and those that turn the direction of the writing, are written as
/// escapes, and a template escapes what HTML would take for markup. Letters and marks of every script stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text(String);

impl Text {
    /// What it is, for programs.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// What is shown of it.
    pub fn shown(&self) -> Cow<'_, str> {
        if !self.0.contains(is_obeyed) {
            return Cow::Borrowed(&self.0);
        }
        let mut shown = String::with_capacity(self.0.len() + 8);
        for c in self.0.chars() {
            match c {
                '\n' | '\r' | '\t' => shown.extend(c.escape_default()),
                // Writing to a String cannot fail.
                c if is_obeyed(c) => _ = write!(shown, "{}", c.escape_unicode()),
                c => shown.push(c),
            }
        }
        Cow::Owned(shown)
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl Render for Text {
    fn render_to(&self, buffer: &mut String) {
        self.shown().as_ref().render_to(buffer);
    }
}

/// What is shown of it.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

fn is_obeyed(c: char) -> bool {
    // Embeddings, overrides and isolates of direction; separators of lines and paragraphs.
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn letters_stay_and_orders_do_not() {
        for text in ["PER", "città", "i\u{301}", "مريم", "玛丽", "👩\u{200d}👧", "a\u{200f}b"] {
            assert_eq!(Text::from(text).shown(), text);
        }
        let text = Text::from("\u{1b}[31m\u{202e}x\n");
        assert_eq!(text.shown(), "\\u{1b}[31m\\u{202e}x\\n");
        assert_eq!(text.raw(), "\u{1b}[31m\u{202e}x\n");
    }
}
