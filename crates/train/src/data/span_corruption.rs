//! Span corruption, what T5 was pretrained with (arXiv 1910.10683, section 3.1.4): each of some spans of a text gives way to a sentinel, and what
//! is to be written is the sentinels with the spans behind them.

use crate::schedule::{Purpose, permutation, seed};

/// How much of a text is hidden.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SpanCorruption {
    /// The share of pieces.
    pub(crate) rate: f64,
    /// Pieces of a span, in the mean.
    pub(crate) mean_span: f64,
}

impl SpanCorruption {
    /// The fewest pieces of a text: those of a span, and one beside it.
    pub(crate) fn least(self) -> usize {
        self.mean_span.ceil() as usize + 1
    }

    /// How many of `length` pieces, two or more, are hidden, and in how many spans: as in `random_spans_noise_mask` of T5's program, rounded half
    /// to even.
    pub(crate) fn counts(self, length: usize) -> (usize, usize) {
        let most = length.saturating_sub(1).max(1);
        let hidden = ((length as f64 * self.rate).round_ties_even() as usize).clamp(1, most);
        let spans = (hidden as f64 / self.mean_span).round_ties_even() as usize;
        // Each span needs a piece, and one before it that stays.
        (hidden, spans.max(1).min(hidden).min(length.saturating_sub(hidden).max(1)))
    }

    /// `pieces`, two or more, as source and target, each with `end` behind it. A text begins with what stays and ends with what is hidden, as T5's
    /// does. The target is closed by the sentinel of the span that would come next, so that there are more `sentinels` than spans.
    pub(crate) fn corrupt(self, pieces: &[u32], sentinels: &[u32], end: u32, from: u64) -> [Vec<u32>; 2] {
        let (hidden, spans) = self.counts(pieces.len());
        let lengths =
            |items: usize, part: u64| lengths(items, spans, seed(from, Purpose::SpanCorruption, part));
        let (kept, hidden) = (lengths(pieces.len() - hidden, 0), lengths(hidden, 1));
        let (mut source, mut target, mut rest) = (Vec::new(), Vec::new(), pieces);
        for ((kept, hidden), &sentinel) in kept.into_iter().zip(hidden).zip(sentinels) {
            let (stays, others) = rest.split_at(kept);
            let (goes, others) = others.split_at(hidden);
            source.extend_from_slice(stays);
            source.push(sentinel);
            target.push(sentinel);
            target.extend_from_slice(goes);
            rest = others;
        }
        source.push(end);
        target.extend(sentinels.get(spans));
        target.push(end);
        [source, target]
    }
}

/// The lengths of `parts` parts of `items` items, each of one or more: every way to cut them is as likely.
fn lengths(items: usize, parts: usize, from: u64) -> Vec<usize> {
    let mut cuts = permutation(items.saturating_sub(1), from);
    cuts.truncate(parts.saturating_sub(1));
    cuts.sort_unstable();
    let ends = cuts.into_iter().map(|cut| cut + 1).chain([items]);
    let mut start = 0;
    ends.map(|end| end - core::mem::replace(&mut start, end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTINELS: [u32; 6] = [99, 98, 97, 96, 95, 94];

    /// T5's own.
    const USUAL: SpanCorruption = SpanCorruption { rate: 0.15, mean_span: 3.0 };

    /// The text that source and target were made of.
    fn rebuilt(source: &[u32], target: &[u32]) -> Vec<u32> {
        let is_mark = |piece: &u32| SENTINELS.contains(piece) || *piece == 1;
        let hidden = |sentinel: u32| {
            let behind = target.iter().skip_while(move |&&piece| piece != sentinel).skip(1);
            behind.take_while(|piece| !is_mark(piece)).copied().collect::<Vec<_>>()
        };
        let shown = source.iter().filter(|&&piece| piece != 1);
        shown.flat_map(|&piece| if is_mark(&piece) { hidden(piece) } else { vec![piece] }).collect()
    }

    #[test]
    fn as_many_pieces_and_spans_as_by_t5() {
        // `random_spans_noise_mask` by hand: round(length · 0.15), then round(that / 3), each half to even and at least 1.
        let by_hand = [
            (2, (1, 1)),
            (4, (1, 1)),
            (10, (2, 1)),
            (20, (3, 1)),
            (27, (4, 1)),
            (30, (4, 1)),
            (33, (5, 2)),
            (100, (15, 5)),
            (512, (77, 26)),
        ];
        for (length, expected) in by_hand {
            assert_eq!(USUAL.counts(length), expected, "{length}");
        }
        // Of ten pieces nine would be hidden in nine spans, but one alone stays to stand before a span.
        assert_eq!(SpanCorruption { rate: 0.9, mean_span: 1.0 }.counts(10), (9, 1));
        assert_eq!((USUAL.least(), SpanCorruption { rate: 0.15, mean_span: 2.5 }.least()), (4, 4));
    }

    #[test]
    fn a_text_with_one_way_to_be_cut() {
        let halves = SpanCorruption { rate: 0.5, mean_span: 1.0 };
        // Two of four are hidden in two spans: each part has one piece.
        let found = halves.corrupt(&[10, 11, 12, 13], &SENTINELS, 1, 5);
        assert_eq!(found, [vec![10, 99, 12, 98, 1], vec![99, 11, 98, 13, 97, 1]]);
        let one = SpanCorruption { rate: 0.5, mean_span: 2.0 };
        let found = one.corrupt(&[10, 11, 12, 13], &SENTINELS, 1, 5);
        assert_eq!(found, [vec![10, 11, 99, 1], vec![99, 12, 13, 98, 1]]);
    }

    #[test]
    fn every_way_to_cut_is_about_as_likely() {
        // Four items in two parts: 1 + 3, 2 + 2, 3 + 1.
        let mut counts = [0_u32; 3];
        for from in 0..3000 {
            counts[lengths(4, 2, from)[0] - 1] += 1;
        }
        // The standard deviation of each count is 26.
        assert!(counts.iter().all(|count| count.abs_diff(1000) < 130), "{counts:?}");
    }

    #[test]
    fn the_text_can_be_rebuilt() {
        for (length, rate) in (2..60).flat_map(|length| [0.01, 0.15, 0.5].map(|rate| (length, rate))) {
            for from in 0..8 {
                let pieces: Vec<u32> = (100..100 + length).collect();
                let corruption = SpanCorruption { rate, mean_span: 6.0 };
                let (hidden, spans) = corruption.counts(pieces.len());
                let [source, target] = corruption.corrupt(&pieces, &SENTINELS, 1, from);
                assert_eq!(source.len(), pieces.len() - hidden + spans + 1);
                assert_eq!(target.len(), hidden + spans + 2);
                assert_eq!(target[target.len() - 2], SENTINELS[spans]);
                assert_eq!(rebuilt(&source, &target), pieces);
                assert_eq!(corruption.corrupt(&pieces, &SENTINELS, 1, from), [source, target]);
            }
        }
    }
}
