//! The parts of a word of UAX #29.

use std::ops::Range;

use super::is_abbreviation;

/// What follows an apostrophe in an English ending that is a word.
const ENDINGS: [&str; 6] = ["s", "re", "ve", "ll", "d", "m"];

/// What a character of a word is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Syllable,
    Other,
}

fn class(c: char) -> Class {
    match c {
        // A composed Hangul syllable, or the consonant that one starts with; what else is in it stays with
        // that.
        '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{115f}' => Class::Syllable,
        '\u{1160}'..='\u{11ff}' => Class::Other,
        _ if c.is_alphabetic() => Class::Letter,
        _ if c.is_numeric() => Class::Digit,
        _ => Class::Other,
    }
}

/// Byte ranges of the words that `word`, one of UAX #29, consists of.
pub(super) fn parts(word: &str) -> Vec<Range<usize>> {
    let mut borders = vec![0];
    if !is_abbreviation(word.trim_end_matches('.')) {
        let chars: Vec<(usize, char)> = word.char_indices().collect();
        // The last letter, digit or syllable, behind which combining marks may stand.
        let mut last = None;
        for (i, &(at, c)) in chars.iter().enumerate() {
            let class = class(c);
            let next = chars.get(i + 1).map(|&(_, next)| next);
            match (last, class) {
                (Some((_, before)), Class::Letter | Class::Digit | Class::Syllable)
                    if before != class || class == Class::Syllable =>
                {
                    borders.push(at);
                }
                (before, Class::Other) => {
                    let before = before.map(|(before, _)| before);
                    borders.extend(around(word, at, c, before, next).into_iter().flatten());
                }
                _ => {}
            }
            if class != Class::Other {
                last = Some((c, class));
            }
        }
    }
    borders.push(word.len());
    borders.sort_unstable();
    borders.dedup();
    borders.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// The borders that `joiner`, at the byte `at` between other characters, makes: none if it joins.
fn around(
    word: &str,
    at: usize,
    joiner: char,
    before: Option<char>,
    next: Option<char>,
) -> [Option<usize>; 2] {
    let behind = at + joiner.len_utf8();
    let alone = [Some(at), Some(behind)];
    let between = |is: fn(char) -> bool| before.is_some_and(is) && next.is_some_and(is);
    match joiner {
        // A run of them, such as a blank in a form, is one word.
        '_' | '\u{ff3f}' => {
            let starts = !word[..at].ends_with(joiner);
            let ends = !word[behind..].starts_with(joiner);
            [starts.then_some(at), ends.then_some(behind)]
        }
        '.' | ':' | '\u{ff0e}' | '\u{ff1a}' | '\u{fe52}' | '\u{fe55}' | '\u{2024}'
            if between(char::is_alphabetic) =>
        {
            alone
        }
        '\'' | '\u{2018}' | '\u{2019}' | '\u{ff07}' if between(is_latin) => {
            let rest = word[behind..].to_lowercase();
            if ENDINGS.contains(&rest.as_str()) {
                [Some(at), None]
            } else if rest == "t" && word[..at].ends_with(['n', 'N']) {
                [None, None]
            } else {
                alone
            }
        }
        _ => [None, None],
    }
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && (c < '\u{250}' || ('\u{1e00}'..='\u{1eff}').contains(&c))
}
