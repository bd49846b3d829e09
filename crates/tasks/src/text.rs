//! What counts as white space in a text.

/// Whether `c` separates tokens: Unicode white space and the four ASCII separators U+001C to U+001F.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}
