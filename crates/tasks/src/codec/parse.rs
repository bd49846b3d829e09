//! Markup read from an output.

use std::ops::Range;

use super::is_delimiter;
use crate::Mode;
use crate::text::is_space;

/// An output split into its text and its spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// The tokens of the text without markup, each with its byte offset in the output.
    pub tokens: Vec<(usize, &'a str)>,
    /// The spans in closing order, inner before outer.
    pub spans: Vec<ParsedSpan>,
    /// Byte offsets of delimiters that mean nothing where they stand.
    pub stray: Vec<usize>,
    /// Byte offsets of `[` that nothing closes.
    pub unclosed: Vec<usize>,
}

/// A span as the output has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedSpan {
    /// The text of the span, with single spaces.
    pub name: String,
    /// The tags, each split at ` = `.
    pub tags: Vec<Vec<String>>,
    /// The span in [`Parsed::tokens`].
    pub tokens: Range<usize>,
    /// Bytes of the markup in the output, from its `[` to its `]` inclusive.
    pub markup: Range<usize>,
}

/// An open bracket. `tags` is there once its first `|` was seen. The name has the text of inner brackets once
/// these are closed.
struct Frame<'a> {
    at: usize,
    start: usize,
    name: Vec<&'a str>,
    tags: Option<Vec<&'a str>>,
    /// Whether it, or a frame around it, is past its `|`.
    is_within_tags: bool,
}

/// Reads the markup of `output`. Every text can be read.
///
/// In reference mode delimiters that mean nothing count as text; in fixed mode, where text never holds a bare
/// delimiter, they are left out.
pub fn parse(output: &str, mode: Mode) -> Parsed<'_> {
    let mut parsed = Parsed::default();
    let mut open: Vec<Frame<'_>> = Vec::new();
    for (at, token) in lex(output) {
        match token {
            "[" => {
                // Written text has no bracket within tags, so the one around this was meant to be closed.
                while mode == Mode::Fixed
                    && let Some(unclosed) = open.pop_if(|frame| frame.tags.is_some())
                {
                    parsed.unclosed.push(unclosed.at);
                }
                let is_within_tags = open.last().is_some_and(|outer| outer.is_within_tags);
                let start = parsed.tokens.len();
                open.push(Frame { at, start, name: Vec::new(), tags: None, is_within_tags });
            }
            "]" => match open.pop() {
                Some(mut frame) => {
                    let name = std::mem::take(&mut frame.name);
                    let span = frame.close(&name, at, parsed.tokens.len());
                    parsed.spans.push(span);
                    // Handed to the bracket around it only now. Giving each word to all open brackets at once
                    // would take time and memory in their product: an output may be thousands of brackets,
                    // then thousands of words.
                    if let Some(outer) = open.last_mut() {
                        outer.take(name);
                    }
                }
                None => stray(&mut parsed, at, token, mode),
            },
            "|" | "=" => match open.last_mut() {
                None => stray(&mut parsed, at, token, mode),
                // Tags are taken apart when their bracket closes.
                Some(Frame { tags: Some(tags), .. }) => tags.push(token),
                Some(frame) if token == "|" => {
                    (frame.tags, frame.is_within_tags) = (Some(Vec::new()), true);
                }
                Some(_) if mode == Mode::Fixed => parsed.stray.push(at),
                Some(_) => {
                    parsed.stray.push(at);
                    text(&mut parsed, &mut open, at, token);
                }
            },
            _ => text(&mut parsed, &mut open, at, token),
        }
    }
    parsed.unclosed.extend(open.iter().map(|frame| frame.at));
    parsed.unclosed.sort_unstable();
    parsed
}

fn stray<'a>(parsed: &mut Parsed<'a>, at: usize, token: &'a str, mode: Mode) {
    parsed.stray.push(at);
    if mode == Mode::Reference {
        parsed.tokens.push((at, token));
    }
}

/// A token belongs to the name of every open frame, up to one that is past its `|`, which takes it as a tag.
fn text<'a>(parsed: &mut Parsed<'a>, open: &mut [Frame<'a>], at: usize, token: &'a str) {
    let is_tag = open.last().is_some_and(|frame| frame.is_within_tags);
    if let Some(frame) = open.last_mut() {
        frame.take(vec![token]);
    }
    if !is_tag {
        parsed.tokens.push((at, token));
    }
}

impl<'a> Frame<'a> {
    /// Text of its own, or of a bracket in it.
    fn take(&mut self, mut text: Vec<&'a str>) {
        let to = self.tags.as_mut().unwrap_or(&mut self.name);
        if to.is_empty() {
            *to = text;
        } else {
            to.append(&mut text);
        }
    }

    fn close(self, name: &[&str], at: usize, end: usize) -> ParsedSpan {
        let tags = self.tags.unwrap_or_default();
        ParsedSpan {
            name: name.join(" "),
            tags: tags
                .split(|&token| token == "|")
                .filter(|tag| !tag.is_empty())
                .map(|tag| tag.join(" ").split(" = ").map(str::to_owned).collect())
                .collect(),
            tokens: self.start..end,
            markup: self.at..at + 1,
        }
    }
}

/// The tokens with their byte offsets: delimiters alone, anything else between white space and delimiters.
fn lex(output: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = next + output[next..].find(|c| !is_space(c))?;
        let rest = &output[start..];
        let length = if rest.starts_with(is_delimiter) {
            1
        } else {
            rest.find(|c| is_space(c) || is_delimiter(c)).unwrap_or(rest.len())
        };
        next = start + length;
        Some((start, &rest[..length]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(output: &str, mode: Mode) -> Vec<&str> {
        parse(output, mode).tokens.into_iter().map(|(_, token)| token).collect()
    }

    fn tags(output: &str) -> Vec<Vec<String>> {
        parse(output, Mode::Reference).spans.remove(0).tags
    }

    #[test]
    fn tolkien() {
        let output = "[ Tolkien | person | born in = here ] was born [here|location]";
        let parsed = parse(output, Mode::Fixed);
        assert_eq!(tokens(output, Mode::Fixed), ["Tolkien", "was", "born", "here"]);
        assert_eq!(parsed.tokens[3], (48, "here"));
        let [person, place] = &parsed.spans[..] else { unreachable!() };
        assert_eq!(person.name, "Tolkien");
        assert_eq!(person.tags, [vec!["person"], vec!["born in", "here"]]);
        assert_eq!((person.tokens.clone(), place.tokens.clone()), (0..1, 3..4));
        assert_eq!(&output[person.markup.clone()], "[ Tolkien | person | born in = here ]");
        assert_eq!(&output[place.markup.clone()], "[here|location]");
        assert!(parsed.stray.is_empty() && parsed.unclosed.is_empty());
    }

    #[test]
    fn inner_spans_close_first() {
        let parsed = parse("[ a [ b | in ] c | out ]", Mode::Fixed);
        let found: Vec<_> =
            parsed.spans.iter().map(|span| (span.name.as_str(), span.tokens.clone())).collect();
        assert_eq!(found, [("b", 1..2), ("a b c", 0..3)]);
    }

    #[test]
    fn stray_delimiters_are_text_in_reference_mode_only() {
        let output = "a ] b | c = d";
        assert_eq!(tokens(output, Mode::Reference), ["a", "]", "b", "|", "c", "=", "d"]);
        assert_eq!(tokens(output, Mode::Fixed), ["a", "b", "c", "d"]);
        assert_eq!(parse(output, Mode::Fixed).stray, [2, 6, 10]);
        assert_eq!(tokens("[ x = y | t ]", Mode::Reference), ["x", "=", "y"]);
        assert_eq!(parse("[ x = y | t ]", Mode::Reference).spans[0].name, "x = y");
        assert_eq!(parse("[ x = y | t ]", Mode::Fixed).spans[0].name, "x y");
    }

    #[test]
    fn unclosed_frames_keep_their_names() {
        let parsed = parse("[ a [ b | x ] c", Mode::Fixed);
        assert_eq!(tokens("[ a [ b | x ] c", Mode::Fixed), ["a", "b", "c"]);
        assert_eq!((parsed.spans.len(), parsed.unclosed), (1, vec![0]));
        assert_eq!(tokens("[ a | x b c", Mode::Fixed), ["a"]);
    }

    #[test]
    fn an_unclosed_bracket_does_not_cost_those_behind_it() {
        let output = "[ Tolkien | person was born [ here | place ] in [ 1892 | date ]";
        let parsed = parse(output, Mode::Fixed);
        assert_eq!(parsed.unclosed, [0]);
        let found: Vec<_> =
            parsed.spans.iter().map(|span| (span.name.as_str(), span.tokens.clone())).collect();
        assert_eq!(found, [("here", 1..2), ("1892", 3..4)]);
        let nested = parse("[ a [ b | x [ c | y ] ] d", Mode::Fixed);
        assert_eq!((nested.unclosed, nested.spans.len()), (vec![4], 2));
    }

    #[test]
    fn empty_tags_vanish() {
        assert!(tags("[ a ]").is_empty());
        assert!(tags("[ a | ]").is_empty());
        assert_eq!(tags("[ a | | x | ]"), [["x"]]);
        assert_eq!(tags("[ a | x = ]"), [["x ="]]);
        assert_eq!(tags("[ a | = x ]"), [["= x"]]);
        assert_eq!(tags("[ a | x = = y ]"), [["x", "= y"]]);
    }

    #[test]
    fn brackets_that_stay_open_take_no_room() {
        let output = "[ ".repeat(50_000) + &"a ".repeat(50_000);
        let parsed = parse(&output, Mode::Fixed);
        assert_eq!((parsed.tokens.len(), parsed.unclosed.len()), (50_000, 50_000));
    }

    #[test]
    fn names_go_through_closed_brackets() {
        let parsed = parse("[ a [ b [ c | x ] d ] | t [ e | y [ f ] ] g ]", Mode::Reference);
        let found: Vec<_> = parsed.spans.iter().map(|span| (span.name.as_str(), span.tags.clone())).collect();
        let tags = |tag: &str| vec![vec![tag.to_owned()]];
        assert_eq!(
            found,
            [
                ("c", tags("x")),
                ("b c d", Vec::new()),
                ("f", Vec::new()),
                ("e", tags("y f")),
                ("a b c d", tags("t e g")),
            ]
        );
        assert_eq!(parsed.tokens.len(), 4);
    }

    #[test]
    fn a_frame_inside_a_tag_keeps_its_text_out_of_the_sentence() {
        let parsed = parse("[ a | x [ b | y ] ]", Mode::Reference);
        assert_eq!(parsed.tokens.len(), 1);
        assert_eq!(parsed.spans[0].name, "b");
        assert_eq!(parsed.spans[0].tokens, 1..1);
        assert_eq!(parsed.spans[1].tags, [["x b"]]);
    }
}
