//! Raw text to words, and spans of words to spans of text.
//!
//! Words come from the text alone, so that a text that is annotated and the same text without annotations are
//! read alike. They are the smallest parts that annotators mark, and no smaller than a model can copy at
//! ease:
//!
//! | the text has | its words | why |
//! |---|---|---|
//! | white space | apart | |
//! | punctuation | a word each | `(here),` |
//! | `-` `/` `_` between letters or digits | a word of its own | `aspirin - induced`, `VAV _ R 9`, `and / or`, `2024 - 05 - 01` |
//! | a letter next to a digit | parted | `10 mg`, `p 53`, `CO 2` |
//! | a full stop or comma between digits | kept | `3.14`, `1,000.50`, `192.168.0.1` |
//! | full stops between single letters | kept, with the last one | `U.S.`, `e.g.` |
//! | any other full stop or colon between letters | a word of its own | `left . Then`, `example . org`, `Dose : high` |
//! | `'s` `'re` `'ve` `'ll` `'d` `'m` behind a Latin word | a word with its apostrophe | `Ann 's`, `we 're` |
//! | `n't` | kept | `don't` |
//! | any other apostrophe between Latin letters | a word of its own | `l ' Oréal`, `Ankara ' da`, `O ' Neil` |
//! | an apostrophe or mark within a word of another script | kept | `п'ять`, `צה"ל` |
//! | ideographs, kana but katakana, Thai, Lao, Khmer; Hangul syllables | a word each | no white space is where their words end |
//! | combining marks, emoji sequences | kept with what they belong to | |
//!
//! So a URL or an address is many words, and can be marked as a whole as well as in part. What UAX #29 says
//! holds where the table says nothing.

mod part;

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::text::is_space;

/// A word and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word.
    pub text: &'a str,
    /// Where it is in the text, in characters (Unicode scalar values).
    pub chars: Range<usize>,
}

/// The words of `text`, in order, by the rule that the [module](self) tells; white space is dropped.
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut pieces = pieces(text).peekable();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    while let Some(piece) = pieces.next() {
        let mut word = piece;
        if is_abbreviation(&text[word.clone()])
            && let Some(stop) = pieces.next_if(|next| next.start == word.end && &text[next.clone()] == ".")
        {
            word.end = stop.end;
        }
        let parts = part::parts(&text[word.clone()]);
        ranges.extend(parts.into_iter().map(|part| word.start + part.start..word.start + part.end));
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

/// Single letters with full stops between them, such as `U.S`.
fn is_abbreviation(word: &str) -> bool {
    let letter = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    };
    word.contains('.') && word.split('.').all(letter)
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

    /// The words with single spaces between them.
    fn cut(text: &str) -> String {
        words(text).into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn punctuation_stands_alone() {
        assert_eq!(cut("Tolkien was born (here), 1892."), "Tolkien was born ( here ) , 1892 .");
        assert!(words(" \t\n").is_empty());
    }

    #[test]
    fn hyphens_slashes_and_underscores_part() {
        assert_eq!(cut("aspirin-induced and/or AL-AIN"), "aspirin - induced and / or AL - AIN");
        assert_eq!(
            cut("state-of-the-art IL\u{2011}2 a\u{2010}b 1–2"),
            "state - of - the - art IL \u{2011} 2 a \u{2010} b 1 – 2"
        );
        assert_eq!(cut("VAV_R9_Ctrl ____ _x x_"), "VAV _ R 9 _ Ctrl ____ _ x x _");
        assert_eq!(cut("end-- -x a- b"), "end - - - x a - b");
        assert_eq!(cut("1996-08-22, 22/08/1996"), "1996 - 08 - 22 , 22 / 08 / 1996");
    }

    #[test]
    fn letters_and_digits_part() {
        assert_eq!(cut("10mg p53 CO2 H1N1 1st COVID-19"), "10 mg p 53 CO 2 H 1 N 1 1 st COVID - 19");
        assert_eq!(cut("10\u{b5}g ٣كغ v1.2 3.14mg 5%"), "10 \u{b5}g ٣ كغ v 1.2 3.14 mg 5 %");
        assert_eq!(cut("Ⅳb x² H₂O"), "Ⅳb x ² H ₂ O");
    }

    #[test]
    fn numbers_stay_whole() {
        assert_eq!(cut("3.14 1,000.50 192.168.0.1 5'10 1'000"), "3.14 1,000.50 192.168.0.1 5'10 1'000");
        assert_eq!(cut("12:30 No.5 .5 5."), "12 : 30 No . 5 . 5 5 .");
    }

    #[test]
    fn full_stops_between_letters() {
        assert_eq!(cut("He left. U.S.-based e.g. i.e., a.m."), "He left . U.S. - based e.g. i.e. , a.m.");
        assert_eq!(cut("He left.Then Ph.D. Node.js"), "He left . Then Ph . D . Node . js");
        assert_eq!(cut("Dose:high"), "Dose : high");
        assert_eq!(
            cut("https://www.example.org/a-b?q=1 ann@example.org"),
            "https : / / www . example . org / a - b ? q = 1 ann @ example . org"
        );
    }

    #[test]
    fn apostrophes() {
        assert_eq!(cut("Ann's we're I'm she'd THEY'LL I’ve"), "Ann 's we 're I 'm she 'd THEY 'LL I ’ve");
        assert_eq!(cut("don't can’t DON'T James' 'tis"), "don't can’t DON'T James ' ' tis");
        assert_eq!(
            cut("l'Oréal O’Neil Ankara'da d'e\u{301}tat"),
            "l ' Oréal O ’ Neil Ankara ' da d ' e\u{301}tat"
        );
        assert_eq!(cut("e\u{301}'a n's'x rock'n'roll"), "e\u{301} ' a n ' s ' x rock ' n ' roll");
        assert_eq!(cut("п'ять צה\"ל col·lecció"), "п'ять צה\"ל col·lecció");
    }

    #[test]
    fn scripts_without_spaces_between_words() {
        assert_eq!(cut("東京に住む"), "東 京 に 住 む");
        assert_eq!(cut("서울에서 2024년"), "서 울 에 서 2024 년");
        // The same decomposed.
        assert_eq!(
            cut("\u{1109}\u{1165}\u{110b}\u{116e}\u{11af}"),
            "\u{1109}\u{1165} \u{110b}\u{116e}\u{11af}"
        );
        assert_eq!(cut("トヨタ を"), "トヨタ を");
        assert_eq!(cut("Москва-река Αθήνα"), "Москва - река Αθήνα");
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
    fn marks_and_sequences_stay_together() {
        assert_eq!(cut("a \u{308}b"), "a \u{308} b");
        assert_eq!(cut("👩‍🔬x 🇩🇰🇸🇪"), "👩‍🔬 x 🇩🇰 🇸🇪");
        assert_eq!(cut("ti\u{301}2"), "ti\u{301} 2");
    }

    proptest! {
        #[test]
        fn words_are_the_text_without_white_space(text in r"\PC{0,20}|[a-c0-2.\-/_' \n\u{308}]{0,20}") {
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

        #[test]
        fn a_letter_and_a_digit_are_never_in_one_word(text in r"[ab1-9.,'/_-]{0,20}") {
            for word in words(&text) {
                prop_assert!(!(word.text.contains(char::is_alphabetic) && word.text.contains(char::is_numeric)));
                prop_assert!(word.text.chars().count() == 1 || !word.text.contains(['-', '/']));
            }
        }
    }
}
