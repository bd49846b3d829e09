//! Raw text to words, and spans of words to spans of text.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::codec::is_space;

/// A word and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word.
    pub text: &'a str,
    /// Where it is in the text, in characters (Unicode scalar values).
    pub chars: Range<usize>,
}

/// The words of `text`, in order; white space is dropped, punctuation is a word of its own.
///
/// Words are those of Unicode (UAX #29), which keeps `don't` and `3.14` whole, with two additions: a hyphen between
/// letters or digits joins them (`AL-AIN`, `1996-08-22`), and an abbreviation keeps its last full stop (`U.S.`).
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut pieces = pieces(text).peekable();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    while let Some(piece) = pieces.next() {
        let mut word = piece;
        while let Some(next) = pieces.peek().filter(|next| next.start == word.end).cloned() {
            if is_abbreviation(&text[word.clone()]) && &text[next.clone()] == "." {
                word.end = next.end;
                pieces.next();
            } else if ends_alphanumeric(&text[word.clone()])
                && is_hyphen(&text[next.clone()])
                && text[next.end..].starts_with(char::is_alphanumeric)
            {
                pieces.next();
                word.end = pieces.next().map_or(next.end, |last| last.end);
            } else {
                break;
            }
        }
        ranges.push(word);
    }
    in_chars(text, ranges)
}

/// Where the words `span` are in the text, in characters; nothing for an empty span or one beyond the words.
pub fn char_span(words: &[Word<'_>], span: Range<usize>) -> Option<Range<usize>> {
    let covered = words.get(span)?;
    Some(covered.first()?.chars.start..covered.last()?.chars.end)
}

/// Byte ranges of the words of UAX #29, without white space.
fn pieces(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split_word_bound_indices().flat_map(|(at, piece)| {
        // A combining mark clings to the space before it, so a piece can hold both.
        let mut at = at;
        piece.split_inclusive(is_space).filter_map(move |part| {
            let start = at;
            at += part.len();
            let length = part.trim_end_matches(is_space).len();
            (length > 0).then_some(start..start + length)
        })
    })
}

fn is_hyphen(piece: &str) -> bool {
    matches!(piece, "-" | "\u{2010}" | "\u{2011}")
}

fn ends_alphanumeric(word: &str) -> bool {
    word.ends_with(char::is_alphanumeric)
}

/// Letters with full stops between them, such as `U.S`.
fn is_abbreviation(word: &str) -> bool {
    let mut parts = word.split('.');
    let letter = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    };
    word.contains('.') && parts.all(letter)
}

/// The words at `ranges`, which are in order.
fn in_chars(text: &str, ranges: Vec<Range<usize>>) -> Vec<Word<'_>> {
    let (mut bytes, mut chars) = (0, 0);
    let mut count_to = |at: usize| {
        chars += text[bytes..at].chars().count();
        bytes = at;
        chars
    };
    ranges
        .into_iter()
        .map(|range| Word { chars: count_to(range.start)..count_to(range.end), text: &text[range] })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<&str> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn punctuation_stands_alone() {
        assert_eq!(
            cut("Tolkien was born (here), 1892."),
            ["Tolkien", "was", "born", "(", "here", ")", ",", "1892", "."]
        );
        assert!(cut(" \t\n").is_empty());
    }

    #[test]
    fn joined_words() {
        assert_eq!(cut("AL-AIN don't U.S. 1996-08-22"), ["AL-AIN", "don't", "U.S.", "1996-08-22"]);
        assert_eq!(cut("state-of-the-art O’Neil 3.14"), ["state-of-the-art", "O’Neil", "3.14"]);
        assert_eq!(cut("end-- -x a- b"), ["end", "-", "-", "-", "x", "a", "-", "b"]);
        assert_eq!(cut("He left. U.S.-based e.g."), ["He", "left", ".", "U.S.", "-", "based", "e.g."]);
    }

    #[test]
    fn offsets_count_characters() {
        let found = words("Zoë 🦀 [x]");
        assert_eq!(found[1], Word { text: "🦀", chars: 4..5 });
        assert_eq!(char_span(&found, 0..2), Some(0..5));
        assert_eq!(char_span(&found, 2..5), Some(6..9));
        assert_eq!(char_span(&found, 1..1), None);
        assert_eq!(char_span(&found, 4..6), None);
    }

    #[test]
    fn a_mark_after_a_space_is_a_word() {
        assert_eq!(cut("a \u{308}b"), ["a", "\u{308}", "b"]);
    }

    proptest! {
        #[test]
        fn words_are_the_text_without_white_space(text in r"\PC{0,20}|[a-c.\-' \n\u{308}]{0,20}") {
            let chars: Vec<char> = text.chars().collect();
            let mut end = 0;
            for word in words(&text) {
                prop_assert!(!word.text.contains(is_space) && !word.text.is_empty());
                prop_assert!(chars[end..word.chars.start].iter().all(|&c| is_space(c)));
                prop_assert_eq!(chars[word.chars.clone()].iter().collect::<String>(), word.text);
                end = word.chars.end;
            }
            prop_assert!(chars[end..].iter().all(|&c| is_space(c)));
        }
    }
}
