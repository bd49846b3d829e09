//! What a tokenizer cannot represent, as people see it.

use fishdip_t5::{Lost, LostKind};
use unicode_segmentation::UnicodeSegmentation;

/// Stands under a mark that has no letter.
const PLACEHOLDER: char = '◌';

/// The characters of `text` that are `lost` because they become the unknown piece, each with the marks that belong to it: a letter that a text writes in two parts is
/// shown whole, whichever part is lost.
pub(crate) fn whole_characters(text: &str, lost: &[Lost]) -> String {
    let unknown = lost.iter().filter(|lost| lost.kind == LostKind::Unknown && !lost.chars.is_empty());
    let mut lost = unknown.map(|lost| &lost.chars).peekable();
    let (mut found, mut at) = (String::new(), 0);
    for grapheme in text.graphemes(true) {
        let start = at;
        at += grapheme.chars().count();
        while lost.next_if(|range| range.end <= start).is_some() {}
        if lost.peek().is_some_and(|range| range.start < at) {
            let seen = grapheme.trim();
            if is_mark(seen) {
                found.push(PLACEHOLDER);
            }
            found.push_str(seen);
        }
    }
    found
}

/// Whether it begins with what joins the character before it.
fn is_mark(text: &str) -> bool {
    let joined = format!("{PLACEHOLDER}{text}");
    !text.is_empty() && joined.graphemes(true).next().is_some_and(|first| first != "◌")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_shown_with_their_marks() {
        for (text, chars, expected) in [
            ("ti\u{301} x", 1..2, "i\u{301}"),
            ("ti\u{301} x", 2..3, "i\u{301}"),
            ("w\u{1ecd}\u{301}n", 1..3, "\u{1ecd}\u{301}"),
            ("a \u{301}b", 2..3, "◌\u{301}"),
            ("\u{301}b", 0..1, "◌\u{301}"),
            ("a⛰b", 1..2, "⛰"),
            ("re\u{300}e\u{301}", 1..5, "e\u{300}e\u{301}"),
            ("abc", 1..1, ""),
        ] {
            let lost = Lost { text: String::new(), chars, kind: LostKind::Unknown };
            assert_eq!(whole_characters(text, &[lost]), expected, "{text:?}");
        }
    }
}
