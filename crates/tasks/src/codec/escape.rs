//! Delimiters in the text, written so that they are not markup.
//!
//! | in the text | written | | in the text | written |
//! |---|---|---|---|---|
//! | `[` | `&(` | | `［` (fullwidth) | `&:(` |
//! | `]` | `&)` | | `］` | `&:)` |
//! | `|` | `&/` | | `｜` | `&:/` |
//! | `=` | `&-` | | `＝` | `&:-` |
//!
//! In items of a list, where a comma separates, `,` is written `&;`; see [`escape_item`].
//!
//! `n` ampersands before a delimiter become `2n + 1`, and `n` ampersands before the second half of a code
//! (`(`, `:/`, …) become `2n`; reading halves again, and the parity tells the two apart. Everything else,
//! `AT&T` for one, stays as it is. All characters used are pieces of the T5 vocabulary. The fullwidth forms
//! are escaped because the normaliser of T5's tokenizer turns them into delimiters.

use std::borrow::Cow;

use crate::text::is_space;

/// Characters that need escaping, and what follows the ampersand for each. No code starts another.
const CODES: [(char, &str); 8] =
    [('[', "("), (']', ")"), ('|', "/"), ('=', "-"), ('［', ":("), ('］', ":)"), ('｜', ":/"), ('＝', ":-")];

/// One more code, for items of a list.
const COMMA: [(char, &str); 1] = [(',', ";")];

/// `text` without delimiters; [`unescape`] gives it back.
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_codes(text, &[])
}

/// The text that [`escape`] wrote as `text`.
pub fn unescape(text: &str) -> Cow<'_, str> {
    unescape_codes(text, &[])
}

/// `text` without delimiters and commas; [`unescape_item`] gives it back.
pub fn escape_item(text: &str) -> Cow<'_, str> {
    escape_codes(text, &COMMA)
}

/// The text that [`escape_item`] wrote as `text`.
pub fn unescape_item(text: &str) -> Cow<'_, str> {
    unescape_codes(text, &COMMA)
}

type Code = (char, &'static str);

fn escape_codes<'a>(text: &'a str, more: &[Code]) -> Cow<'a, str> {
    let codes = || CODES.iter().chain(more);
    if !text.contains(|c| c == '&' || codes().any(|&(delimiter, _)| delimiter == c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 4);
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let run = leading_ampersands(rest);
        rest = &rest[run..];
        if let Some(&(delimiter, code)) = codes().find(|(delimiter, _)| rest.starts_with(*delimiter)) {
            push_ampersands(&mut out, 2 * run + 1);
            out.push_str(code);
            rest = &rest[delimiter.len_utf8()..];
        } else if run > 0 {
            // `&(` of the text would be read as `[`, so it becomes `&&(`; `AT&T` cannot be misread.
            let doubled = codes().any(|(_, code)| rest.starts_with(code));
            push_ampersands(&mut out, if doubled { 2 * run } else { run });
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    Cow::Owned(out)
}

fn unescape_codes<'a>(text: &'a str, more: &[Code]) -> Cow<'a, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let run = leading_ampersands(rest);
        rest = &rest[run..];
        if run == 0 {
            out.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        }
        match CODES.iter().chain(more).find(|(_, code)| rest.starts_with(code)) {
            Some(&(delimiter, code)) => {
                push_ampersands(&mut out, run / 2);
                if run % 2 == 1 {
                    out.push(delimiter);
                    rest = &rest[code.len()..];
                }
            }
            None => push_ampersands(&mut out, run),
        }
    }
    Cow::Owned(out)
}

/// Every token escaped, with a single space for all white space in it: a token may be several words.
pub fn escape_tokens(tokens: &[String]) -> Vec<Cow<'_, str>> {
    tokens
        .iter()
        .map(|token| match escape(token) {
            escaped if escaped.contains(is_space) => {
                Cow::Owned(words(&escaped).collect::<Vec<_>>().join(" "))
            }
            escaped => escaped,
        })
        .collect()
}

/// What stands between white space.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

fn leading_ampersands(text: &str) -> usize {
    text.bytes().take_while(|&byte| byte == b'&').count()
}

fn push_ampersands(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n('&', count));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::is_delimiter;
    use proptest::prelude::*;

    #[test]
    fn codes_are_as_documented() {
        for (text, written) in [
            ("[", "&("),
            ("a=b", "a&-b"),
            ("&(", "&&("),
            ("&[", "&&&("),
            ("&&:/", "&&&&:/"),
            ("［", "&:("),
            ("AT&T", "AT&T"),
            ("(a)", "(a)"),
            ("&", "&"),
            ("[[&", "&(&(&"),
        ] {
            assert_eq!(escape(text), written);
            assert_eq!(unescape(written), text);
        }
    }

    proptest! {
        #[test]
        fn unescape_inverts_escape(text in r"[&(\[\]|=)/:;,a\-［］｜＝-]{0,12}|\PC{0,8}") {
            let written = escape(&text);
            prop_assert!(!written.contains(is_delimiter));
            prop_assert_eq!(unescape(&written), text.as_str());
            let item = escape_item(&text);
            prop_assert!(!item.contains(|c| c == ',' || is_delimiter(c)));
            prop_assert_eq!(unescape_item(&item), text.as_str());
        }
    }
}
