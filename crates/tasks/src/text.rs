//! What counts as white space in a text, and how much of a text a message shows.

use std::borrow::Cow;

/// How many characters of what somebody wrote a message shows.
const SHOWN: usize = 100;

/// Whether `c` separates tokens: Unicode white space and the four ASCII separators U+001C to U+001F.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `text` for a message: of one with more than 100 characters the first, and `…`.
pub fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shown_in_part() {
        let fits = "ä".repeat(SHOWN);
        assert_eq!(shortened(&fits), fits);
        assert_eq!(shortened(&(fits.clone() + "b")), fits + "…");
    }
}
