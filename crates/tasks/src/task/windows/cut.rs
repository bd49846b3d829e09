//! Where windows start and end.

use std::ops::Range;

use crate::TokenSpan;

/// Whether a stretch of tokens fits; if one does, so does every part of it.
pub(super) type Fits<'a, E> = dyn FnMut(Range<usize>) -> Result<bool, E> + 'a;

/// Why there are no windows: the caller's own reason, or a token that does not fit.
pub(super) enum Stop<E> {
    Caller(E),
    Token(usize),
}

impl<E> From<E> for Stop<E> {
    fn from(error: E) -> Self {
        Self::Caller(error)
    }
}

/// Overlapping windows over `tokens`, the last of which ends with them.
///
/// Each is as long as fits, but rather ends at the end of a sentence, if there is one in its second half. The
/// next starts about a quarter of its tokens earlier, at the start of a sentence if there is one in between.
/// A window neither starts nor ends within a span of `whole`; these do not cross each other, and each of them
/// fits.
pub(super) fn windows<E>(
    tokens: &[String],
    whole: &[TokenSpan],
    fits: &mut Fits<'_, E>,
) -> Result<Vec<Range<usize>>, Stop<E>> {
    let count = tokens.len();
    let borders = Borders { tokens, whole };
    let (mut windows, mut start, mut done) = (Vec::new(), 0, 0);
    while done < count {
        // The least end that brings the text forward: one token beyond the last window, or the end of a span
        // that begins there.
        let least = (done + 1..count).find(|&at| borders.free(at)).unwrap_or(count);
        // Where what is shared with the last window does not fit together with what is new, less is shared.
        while start < done && !(borders.free(start) && fits(start..least)?) {
            start += 1;
        }
        if start == done && !fits(start..least)? {
            return Err(Stop::Token(done));
        }
        let most = largest(least, count, &mut |end| fits(start..end))?;
        let end = if most == count { count } else { borders.end(start, least, most) };
        windows.push(start..end);
        (start, done) = (borders.next_start(start, end), end);
    }
    Ok(windows)
}

/// The largest number of `least..=most` that fits. `least` does; if a number does, so does every smaller one.
pub(super) fn largest<E>(
    least: usize,
    most: usize,
    fits: &mut dyn FnMut(usize) -> Result<bool, E>,
) -> Result<usize, E> {
    // Steps that double, then bisection. Whether a part fits is told by cutting it into pieces, which takes
    // the longer the longer it is, so no part is tried that is more than about twice as long as what fits.
    let (mut fitting, mut beyond, mut step) = (least, most + 1, 1);
    while fitting < most {
        let next = (fitting + step).min(most);
        if !fits(next)? {
            beyond = next;
            break;
        }
        (fitting, step) = (next, 2 * step);
    }
    while fitting + 1 < beyond {
        let middle = fitting.midpoint(beyond);
        if fits(middle)? {
            fitting = middle;
        } else {
            beyond = middle;
        }
    }
    Ok(fitting)
}

/// Where a window may start or end.
struct Borders<'a> {
    tokens: &'a [String],
    whole: &'a [TokenSpan],
}

impl Borders<'_> {
    /// Whether a border before the token `at` cuts no span.
    fn free(&self, at: usize) -> bool {
        !self.whole.iter().any(|span| span.start < at && at < span.end)
    }

    /// Whether a border before the token `at` cuts no span and stands between sentences.
    fn parts_sentences(&self, at: usize) -> bool {
        self.free(at) && ends_sentence(self.tokens, at)
    }

    /// The end of the window that starts with `start`, from `least` to `most`.
    fn end(&self, start: usize, least: usize, most: usize) -> usize {
        // A sentence that ends in the first half is no reason to stop: windows would be short, and many.
        let second_half = start.midpoint(most) + 1;
        (least.max(second_half)..=most)
            .rev()
            .find(|&at| self.parts_sentences(at))
            .or_else(|| (least..=most).rev().find(|&at| self.free(at)))
            .unwrap_or(most)
    }

    /// The start of the window behind `start..end`.
    fn next_start(&self, start: usize, end: usize) -> usize {
        // Behind a sentence if one ends in the last quarter; else where no span is cut, rather with more in
        // common than less. In any case behind the start of the window before, so that windows move on.
        let quarter = ((end - start) / 4).max(1);
        let from = (end - quarter).max(start + 1);
        (from..end)
            .find(|&at| self.parts_sentences(at))
            .or_else(|| (start + 1..=from).rev().find(|&at| self.free(at)))
            .or_else(|| (from..end).find(|&at| self.free(at)))
            .unwrap_or(end)
    }
}

/// Whether a sentence ends before the token `at`: with a full stop or the like, and quotes and brackets that
/// close behind it.
fn ends_sentence(tokens: &[String], at: usize) -> bool {
    // In `He left . ” She stayed .` the sentence ends behind the quote, not between full stop and quote.
    let last = tokens[..at].iter().rev().find(|token| !closes(token));
    last.is_some_and(|token| stops(token)) && !tokens.get(at).is_some_and(|token| closes(token))
}

fn stops(token: &str) -> bool {
    !token.is_empty() && token.chars().all(|c| ".!?…。！？｡．".contains(c))
}

fn closes(token: &str) -> bool {
    !token.is_empty() && token.chars().all(|c| "\"'”’»›)]}」』）】".contains(c))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The windows of `text` if at most `most` tokens fit.
    fn cut(text: &str, whole: &[(usize, usize)], most: usize) -> Vec<(usize, usize)> {
        let tokens: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let whole: Vec<_> = whole.iter().map(|&(start, end)| TokenSpan::new(start, end)).collect();
        let mut fits = |part: Range<usize>| Ok::<_, ()>(part.len() <= most);
        let windows = windows(&tokens, &whole, &mut fits).ok().unwrap();
        windows.into_iter().map(|window| (window.start, window.end)).collect()
    }

    const WORDS: &str = "a b c d e f g h i j k l m n o p q r s t";

    #[test]
    fn a_quarter_is_shared() {
        assert_eq!(cut(WORDS, &[], 20), [(0, 20)]);
        assert_eq!(cut(WORDS, &[], 8), [(0, 8), (6, 14), (12, 20)]);
        assert_eq!(cut("a b c", &[], 2), [(0, 2), (1, 3)]);
        assert_eq!(cut("a b c", &[], 1), [(0, 1), (1, 2), (2, 3)]);
    }

    #[test]
    fn sentences_are_preferred() {
        // The first window could be 0..8 and would share 6..8.
        assert_eq!(cut("a b c d . f g h i j", &[], 8), [(0, 5), (4, 10)]);
        // A stop in the first half is too early.
        assert_eq!(cut("a b c . e f g h i j", &[], 8), [(0, 8), (6, 10)]);
        // Closing quotes and brackets belong to the sentence.
        assert_eq!(cut("a b c ? ” ) g h i j", &[], 8), [(0, 6), (5, 10)]);
        assert_eq!(cut("。 。 a b c 。 ” h i j", &[], 8), [(0, 7), (6, 10)]);
        // 0..12, which ends a sentence; a quarter earlier is 9, the next sentence starts with 10.
        assert_eq!(cut("a b c d e f g h i . k . m n", &[], 12), [(0, 12), (10, 14)]);
    }

    #[test]
    fn spans_are_not_cut() {
        // 8 is within the span, so the window ends before it.
        assert_eq!(cut(WORDS, &[(7, 10), (4, 6)], 8), [(0, 7), (6, 14), (12, 20)]);
        // The next would start with 6, which is within a span.
        assert_eq!(cut(WORDS, &[(7, 10), (5, 7)], 8), [(0, 7), (5, 13), (11, 19), (17, 20)]);
        // With what is shared the span does not fit.
        assert_eq!(cut(WORDS, &[(8, 16)], 8)[..2], [(0, 8), (8, 16)]);
        // One that is nested in a span that a border must not cut.
        assert_eq!(cut(WORDS, &[(5, 10), (6, 7)], 8)[..2], [(0, 5), (4, 12)]);
        // A span at the start of a window, up to its end: nothing can be shared.
        assert_eq!(cut(WORDS, &[(0, 8)], 8)[..2], [(0, 8), (8, 16)]);
    }

    #[test]
    fn lengths_of_tokens_count() {
        // As many letters as fit, not tokens.
        let tokens: Vec<String> = ["aa", "b", "cccc", "d", "eeeeeeeeee", "f"].map(str::to_owned).to_vec();
        let fits = |most: usize| {
            let tokens = tokens.clone();
            move |part: Range<usize>| Ok::<_, ()>(tokens[part].concat().len() <= most)
        };
        let found = windows(&tokens, &[], &mut fits(10)).ok().unwrap();
        assert_eq!(found, [0..4, 4..5, 5..6], "nothing can be shared with a long token");
        assert!(matches!(windows(&tokens, &[], &mut fits(9)), Err(Stop::Token(4))));
    }

    #[test]
    fn the_largest_number() {
        for (least, most, limit) in [(0, 0, 5), (0, 9, 0), (0, 9, 3), (2, 40, 23), (3, 40, 40), (1, 7, 99)] {
            let found = largest(least, most, &mut |n| Ok::<_, ()>(n <= limit)).unwrap();
            assert_eq!(found, limit.min(most));
        }
    }
}
