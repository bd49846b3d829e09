//! An output read against the tokens it was written for.

use std::cell::OnceCell;
use std::ops::Range;

use super::align::Resemblance;
use super::escape::words;
use super::joined::cut_joined;
use super::{align, escape_tokens, parse};
use crate::{Mode, Quirks, Repair, RepairKind};

/// The spans of an output, over the source's tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The spans in closing order, inner before outer. All of them cover a token.
    pub spans: Vec<Span>,
    /// What did not fit, by byte offset in the output.
    pub repairs: Vec<ReadingRepair>,
    /// The text without markup differs from the source, white space aside.
    pub wrong_reconstruction: bool,
    /// The brackets do not balance; in fixed mode also any delimiter that means nothing.
    pub format_error: bool,
}

/// A span of an output, over the source's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The text of the span as written in the output (escaped, in fixed mode).
    pub name: String,
    /// The tags, each split at ` = `.
    pub tags: Vec<Vec<String>>,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Bytes of its markup in the output, from its `[` to its `]` inclusive.
    pub markup: Range<usize>,
}

/// A [`Repair`] that counts bytes instead of characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadingRepair {
    /// Byte offset in the output.
    pub at: usize,
    /// What was done.
    pub kind: RepairKind,
    /// The text concerned.
    pub detail: String,
}

/// Reads `output` as markup of the (unescaped) `tokens`; a [`Mode`] will do for the quirks.
pub fn decode(tokens: &[String], output: &str, quirks: impl Into<Quirks>) -> Reading {
    let quirks = quirks.into();
    if quirks.plain_delimiters {
        return read(tokens, output, quirks);
    }
    let escaped = escape_tokens(tokens);
    if !escaped.iter().any(|token| token.contains(' ')) {
        return read(&escaped, output, quirks);
    }
    // A token of several words is found word by word.
    let words: Vec<(usize, &str)> =
        escaped.iter().enumerate().flat_map(|(i, token)| words(token).map(move |word| (i, word))).collect();
    let source: Vec<&str> = words.iter().map(|&(_, word)| word).collect();
    let mut reading = read(&source, output, quirks);
    for span in &mut reading.spans {
        (span.start, span.end) = (words[span.start].0, words[span.end - 1].0 + 1);
    }
    reading
}

/// Spans are over the words of `source`.
fn read<S: AsRef<str>>(source: &[S], output: &str, quirks: Quirks) -> Reading {
    let mode = if quirks.plain_delimiters { Mode::Reference } else { Mode::Fixed };
    let mut parsed = parse(output, mode);
    if mode == Mode::Fixed {
        parsed = cut_joined(source, parsed);
    }
    let written: Vec<&str> = parsed.tokens.iter().map(|&(_, token)| token).collect();
    let mut reading = Reading {
        wrong_reconstruction: !source
            .iter()
            .flat_map(|s| s.as_ref().bytes())
            .eq(written.iter().flat_map(|s| s.bytes())),
        format_error: output.matches('[').count() != output.matches(']').count(),
        ..Reading::default()
    };
    if mode == Mode::Fixed {
        reading.format_error |= !parsed.stray.is_empty() || !parsed.unclosed.is_empty();
    }
    for &at in &parsed.stray {
        reading.repair(RepairKind::StrayDelimiter, at, &output[at..=at]);
    }
    for &at in &parsed.unclosed {
        reading.repair(RepairKind::UnclosedBracket, at, "[");
    }

    // Made when the alignment first asks: most outputs are copies, of which it never does.
    let resemblance = OnceCell::new();
    let resemble = |i, j| resemblance.get_or_init(|| Resemblance::new(source, &written)).of(i, j);
    let matched = align(source, &written, |i, j| quirks.pair_unlike_tokens || resemble(i, j));
    reading.compare(source, &parsed.tokens, &matched, output.len());
    for span in parsed.spans {
        // From the first to the last source token that the span has. With `York` left out, a span over `New
        // City` still covers all of `New York City`.
        let mut covered = matched[span.tokens].iter().flatten();
        let Some(&start) = covered.next() else {
            reading.repair(RepairKind::EmptySpan, span.markup.start, &output[span.markup]);
            continue;
        };
        let end = covered.next_back().unwrap_or(&start) + 1;
        reading.spans.push(Span { name: span.name, tags: span.tags, start, end, markup: span.markup });
    }
    reading
}

impl Reading {
    /// Notes something that did not fit.
    pub fn repair(&mut self, kind: RepairKind, at: usize, detail: impl Into<String>) {
        self.repairs.push(ReadingRepair { at, kind, detail: detail.into() });
    }

    /// The repairs in output order, with offsets in characters of `output`.
    pub fn take_repairs(&mut self, output: &str) -> Vec<Repair> {
        let mut repairs = std::mem::take(&mut self.repairs);
        repairs.sort();
        let (mut bytes, mut chars) = (0, 0);
        let in_chars = |ReadingRepair { at, kind, detail }| {
            chars += output[bytes..at].chars().count();
            bytes = at;
            Repair { at: chars, kind, detail }
        };
        repairs.into_iter().map(in_chars).collect()
    }

    /// Notes every token that is not copied; a run of left-out or extra tokens is one repair.
    fn compare<S: AsRef<str>>(
        &mut self,
        source: &[S],
        written: &[(usize, &str)],
        matched: &[Option<usize>],
        length: usize,
    ) {
        let mut extra: Vec<(usize, &str)> = Vec::new();
        let mut expected = 0;
        // A token behind both texts, so that what is extra or missing at their end is told by the same loop.
        let ends = std::iter::once((length, "", Some(source.len())));
        let all = written.iter().zip(matched).map(|(&(at, token), &index)| (at, token, index)).chain(ends);
        for (at, token, index) in all {
            let Some(index) = index else {
                extra.push((at, token));
                continue;
            };
            if let Some(&(at, _)) = extra.first() {
                let tokens: Vec<&str> = extra.drain(..).map(|(_, token)| token).collect();
                self.repair(RepairKind::ExtraTokens, at, tokens.join(" "));
            }
            if expected < index {
                let tokens: Vec<&str> = source[expected..index].iter().map(AsRef::as_ref).collect();
                self.repair(RepairKind::MissingTokens, at, tokens.join(" "));
            }
            expected = index + 1;
            if let Some(expected) = source.get(index).filter(|expected| expected.as_ref() != token) {
                self.repair(RepairKind::ChangedToken, at, format!("{token} for {}", expected.as_ref()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn kinds(source: &str, output: &str) -> Vec<(usize, RepairKind, String)> {
        let mut reading = decode(&tokens(source), output, Mode::Fixed);
        reading
            .take_repairs(output)
            .into_iter()
            .map(|repair| (repair.at, repair.kind, repair.detail))
            .collect()
    }

    #[test]
    fn spans_land_on_source_tokens() {
        let reading = decode(&tokens("a b c d"), "a [ c d | x ]", Mode::Fixed);
        assert_eq!((reading.spans[0].start, reading.spans[0].end), (2, 4));
        assert!(reading.wrong_reconstruction && !reading.format_error);
    }

    #[test]
    fn white_space_alone_is_a_right_reconstruction() {
        assert!(!decode(&tokens("ab c"), "a bc", Mode::Fixed).wrong_reconstruction);
    }

    #[test]
    fn a_token_may_be_several_words() {
        let tokens = ["1\u{a0}1/4", "inch", "New  York"].map(str::to_owned);
        let reading = decode(&tokens, "[ 1 1/4 | x ] inch [ York | y ]", Mode::Fixed);
        let spans: Vec<_> = reading.spans.iter().map(|span| (span.start, span.end)).collect();
        assert_eq!(spans, [(0, 1), (2, 3)]);
        assert_eq!(reading.repairs.len(), 1);
        let whole = decode(&tokens, "1 1/4 [ inch New York | x ]", Mode::Fixed);
        assert_eq!((whole.spans[0].start, whole.spans[0].end), (1, 3));
        assert!(whole.repairs.is_empty() && !whole.wrong_reconstruction);
    }

    #[test]
    fn every_difference_is_reported() {
        use RepairKind::*;
        assert_eq!(kinds("a b c", "a [ b | x ] c"), []);
        assert_eq!(kinds("é bc", "é cb"), [(2, ChangedToken, "cb for bc".to_owned())]);
        assert_eq!(
            kinds("é b", "é x"),
            [(2, ExtraTokens, "x".to_owned()), (3, MissingTokens, "b".to_owned())]
        );
        assert_eq!(kinds("a b c d", "a d"), [(2, MissingTokens, "b c".to_owned())]);
        assert_eq!(kinds("a b", "a"), [(1, MissingTokens, "b".to_owned())]);
        assert_eq!(kinds("a b", "a x y b"), [(2, ExtraTokens, "x y".to_owned())]);
        assert_eq!(
            kinds("a", "[ | x ] a ]"),
            [(0, EmptySpan, "[ | x ]".to_owned()), (10, StrayDelimiter, "]".to_owned())]
        );
        assert_eq!(kinds("a", "[ a"), [(0, UnclosedBracket, "[".to_owned())]);
    }

    #[test]
    fn escaped_text_is_no_markup() {
        let source = tokens("[ a ] = |");
        let reading = decode(&source, "&( [ a | x ] &) &- &/", Mode::Fixed);
        assert_eq!((reading.spans[0].start, reading.spans[0].end), (1, 2));
        assert_eq!((reading.wrong_reconstruction, reading.repairs.len()), (false, 0));
    }

    #[test]
    fn brackets_of_the_text_are_markup_in_reference_mode() {
        let reading = decode(&tokens("[ a ]"), "[ a ]", Mode::Reference);
        assert!(reading.spans[0].tags.is_empty() && reading.wrong_reconstruction);
    }
}
