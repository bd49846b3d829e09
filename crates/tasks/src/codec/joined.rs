//! Words that an output writes together.
//!
//! Words of raw text are smaller than what stands between white space (see [`words`](mod@crate::words)):
//! `10mg` is `10 mg`. A model that was trained on spaced words may still write a text as people do. Its
//! tokens are then cut where words of the source end, so that each finds its own; only a token that is
//! exactly several words in a row is cut.

use std::collections::{BTreeMap, BTreeSet};

use super::Parsed;

/// `parsed` with its tokens cut into the words of `source` that they are together.
pub(super) fn cut_joined<'a, S: AsRef<str>>(source: &[S], parsed: Parsed<'a>) -> Parsed<'a> {
    let known: BTreeSet<&str> = source.iter().map(AsRef::as_ref).collect();
    // A token that is a word of the source itself stays whole, also where it could be cut: `10mg` in a source
    // that has `10mg` and `10 mg`.
    let unknown: BTreeSet<&str> =
        parsed.tokens.iter().map(|&(_, token)| token).filter(|token| !known.contains(token)).collect();
    if unknown.is_empty() {
        return parsed;
    }
    let runs = Runs::new(source, unknown.iter().map(|token| token.len()).max().unwrap_or(0));
    let cuts: BTreeMap<&str, Vec<usize>> =
        unknown.into_iter().filter_map(|token| Some((token, runs.lengths(token)?))).collect();
    if cuts.is_empty() {
        return parsed;
    }
    let mut tokens = Vec::with_capacity(parsed.tokens.len());
    // Where each token, and the end of all, is now.
    let mut places = Vec::with_capacity(parsed.tokens.len() + 1);
    for &(mut at, mut token) in &parsed.tokens {
        places.push(tokens.len());
        for &length in cuts.get(token).into_iter().flatten() {
            let (word, rest) = token.split_at(length);
            tokens.push((at, word));
            (at, token) = (at + length, rest);
        }
        if !token.is_empty() {
            tokens.push((at, token));
        }
    }
    places.push(tokens.len());
    let mut spans = parsed.spans;
    for span in &mut spans {
        span.tokens = places[span.tokens.start]..places[span.tokens.end];
    }
    Parsed { tokens, spans, ..parsed }
}

/// The source without spaces, to be looked up from the start of any word.
struct Runs {
    text: Vec<u8>,
    /// Where words start, and the end of the text.
    borders: Vec<usize>,
    /// Indices of words, in the order of the text from there on, as far as a token may reach.
    sorted: Vec<usize>,
    longest: usize,
}

impl Runs {
    /// `longest` is the number of bytes that are looked up at most.
    fn new<S: AsRef<str>>(source: &[S], longest: usize) -> Self {
        let mut text = Vec::new();
        let mut borders = vec![0];
        for word in source {
            text.extend_from_slice(word.as_ref().as_bytes());
            borders.push(text.len());
        }
        let mut runs = Self { text, borders, sorted: (0..source.len()).collect(), longest };
        let mut sorted = std::mem::take(&mut runs.sorted);
        sorted.sort_by(|&a, &b| runs.from(a).cmp(runs.from(b)));
        runs.sorted = sorted;
        runs
    }

    /// The text from a word on, cut to the longest token.
    fn from(&self, word: usize) -> &[u8] {
        let start = self.borders[word];
        &self.text[start..self.text.len().min(start + self.longest)]
    }

    /// The lengths of the words that `token` is, without the last; nothing if it is no run of words.
    fn lengths(&self, token: &str) -> Option<Vec<usize>> {
        // As in a suffix array, all places that begin with `token` stand together.
        let first = self.sorted.partition_point(|&word| self.from(word) < token.as_bytes());
        let starting =
            self.sorted[first..].iter().take_while(|&&word| self.from(word).starts_with(token.as_bytes()));
        for &word in starting {
            let end = self.borders[word] + token.len();
            // `10m` begins the run `10 mg` too, but does not end where a word ends.
            if let Ok(last) = self.borders.binary_search(&end) {
                let words = self.borders[word..last].windows(2);
                return Some(words.map(|pair| pair[1] - pair[0]).collect());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode, parse};
    use crate::{Mode, words::words};

    /// The tokens of `output` against the words of `text`.
    fn cut<'a>(text: &str, output: &'a str) -> Vec<&'a str> {
        let source: Vec<&str> = words(text).into_iter().map(|word| word.text).collect();
        cut_joined(&source, parse(output, Mode::Fixed)).tokens.into_iter().map(|(_, token)| token).collect()
    }

    #[test]
    fn runs_of_words_are_cut() {
        assert_eq!(cut("10mg of it", "10mg of it"), ["10", "mg", "of", "it"]);
        assert_eq!(cut("aspirin-induced", "aspirin-induced"), ["aspirin", "-", "induced"]);
        assert_eq!(cut("北京市", "北京 市"), ["北", "京", "市"]);
        assert_eq!(cut("2024-05-01.", "2024-05-01."), ["2024", "-", "05", "-", "01", "."]);
    }

    #[test]
    fn other_tokens_stay() {
        assert_eq!(cut("10mg of it", "10 mgs 0mg ofit10 mgo"), ["10", "mgs", "0mg", "ofit10", "mgo"]);
        assert_eq!(cut("a aa", "aa aaa"), ["aa", "a", "aa"]);
        assert!(cut("", "10mg").len() == 1 && cut("10mg", "").is_empty());
    }

    #[test]
    fn spans_and_offsets_go_along() {
        let source: Vec<String> =
            words("took 10mg of aspirin-based x").iter().map(|word| word.text.to_owned()).collect();
        let output = "took [ 10mg | dose ] of [ aspirin-based x | drug ]";
        let reading = decode(&source, output, Mode::Fixed);
        let spans: Vec<_> = reading.spans.iter().map(|span| (span.start, span.end)).collect();
        assert_eq!(spans, [(1, 3), (4, 8)]);
        assert!(reading.repairs.is_empty() && !reading.wrong_reconstruction, "{reading:?}");
        let reading = decode(&source, "took [ 10mg | dose ] of a aspirin-based", Mode::Fixed);
        assert_eq!((reading.spans[0].start, reading.spans[0].end), (1, 3));
        assert_eq!(reading.repairs.iter().map(|repair| repair.at).collect::<Vec<_>>(), [24, 39]);
    }

    #[test]
    fn long_repetitive_texts_take_no_long_time() {
        let source = vec!["a"; 50_000];
        let output = "aab ".repeat(5_000) + &"aaa ".repeat(10_000);
        let parsed = cut_joined(&source, parse(&output, Mode::Fixed));
        assert_eq!(parsed.tokens.len(), 5_000 + 30_000);
    }
}
