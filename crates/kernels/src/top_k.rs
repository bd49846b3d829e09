//! The exact k largest of many score arrays, without joining them.

use rayon::prelude::*;

/// How the k largest of several arrays are found: radix histograms over the bits of the scores give the k-th largest value digit by digit, of 11,
/// 11 and 10 bits, each among the scores that begin with the digits found; a last pass collects. Ties at the threshold go to the
/// earlier array, and within an array to the lower position.
///
/// Scores are non-negative: their bits, read as integers, are then in the order of their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopK {
    /// Bits of the k-th largest score.
    threshold: u32,
    /// How many scores equal to the threshold belong to the k largest.
    ties: usize,
}

/// Scores that a thread takes at a time.
const CHUNK: usize = 1 << 16;

/// (shift, width) of each digit, from the highest.
// The highest digit holds the sign (always 0), the exponent and two bits of the mantissa, so it leaves few
// candidates. A histogram of 2048 counts takes 16 KB, which fits the first cache.
const DIGITS: [(u32, u32); 3] = [(21, 11), (10, 11), (0, 10)];

impl TopK {
    /// The threshold of the `k` largest of all `scores`. `k` is at most their number; scores are finite and `>= 0`
    /// (both checked in debug builds only: the caller has already looked for damaged scores).
    pub fn new(k: usize, scores: &[Vec<f32>]) -> Self {
        debug_assert!(k <= scores.iter().map(Vec::len).sum());
        // Counted from the largest: how many of the k are still to be found at or below the current prefix.
        let (mut prefix, mut remaining) = (0u32, k);
        // Scores that begin with the prefix: all of them at first, later a list of their own.
        let mut candidates: Option<Vec<u32>> = None;
        for (shift, width) in DIGITS {
            let digit_of = |bits: u32| ((bits >> shift) & ((1 << width) - 1)) as usize;
            let histogram = match &candidates {
                None => {
                    let chunks = scores.par_iter().flat_map(|array| array.par_chunks(CHUNK));
                    count(chunks, 1 << width, |score| digit_of(key(*score)))
                }
                Some(candidates) => count(candidates.par_chunks(CHUNK), 1 << width, |bits| digit_of(*bits)),
            };
            // Down from the largest digit: where fewer scores than are wanted have it, all of them belong to the k. The
            // digit at which this ends is the threshold's, and `remaining` is its rank among the scores with this
            // digit.
            let mut digit = histogram.len() - 1;
            while digit > 0 && histogram[digit] < remaining {
                remaining -= histogram[digit];
                digit -= 1;
            }
            prefix |= (digit as u32) << shift;
            let here = |bits: &u32| digit_of(*bits) == digit;
            candidates = Some(match candidates {
                None => {
                    let chunks = scores.par_iter().flat_map(|array| array.par_chunks(CHUNK));
                    chunks.flat_map_iter(|chunk| chunk.iter().map(|score| key(*score)).filter(here)).collect()
                }
                Some(candidates) => candidates.into_par_iter().filter(here).collect(),
            });
        }
        // With all digits found, the candidates are those equal to the threshold, and `remaining` of them are wanted.
        Self { threshold: prefix, ties: remaining }
    }

    /// The positions of `scores` that belong to the k largest, sorted. Call once for each array, in the order in which
    /// [`TopK::new`] saw them: the arrays share the ties.
    pub fn collect(&mut self, scores: &[f32]) -> Vec<u32> {
        let threshold = self.threshold;
        let chunks = scores.par_chunks(CHUNK).enumerate().flat_map_iter(|(chunk, scores)| {
            let first = chunk * CHUNK;
            let of_each = scores.iter().enumerate().filter(move |(_, score)| key(**score) >= threshold);
            of_each.map(move |(i, _)| (first + i) as u32)
        });
        // All ties are collected at first, in parallel and in order. Which of them to keep depends on how many came
        // before, so the rest are thrown away in a pass by one thread.
        let mut chosen: Vec<u32> = chunks.collect();
        chosen.retain(|&position| {
            let tie = key(scores[position as usize]) == threshold;
            let kept = !tie || self.ties > 0;
            self.ties -= usize::from(tie && kept);
            kept
        });
        chosen
    }
}

/// How often `digit` takes each of `values` values.
fn count<'a, T: Sync + 'a>(
    chunks: impl ParallelIterator<Item = &'a [T]>,
    values: usize,
    digit: impl Fn(&T) -> usize + Sync,
) -> Vec<usize> {
    let empty = || vec![0usize; values];
    let add = |mut histogram: Vec<usize>, chunk: &[T]| {
        for item in chunk {
            histogram[digit(item)] += 1;
        }
        histogram
    };
    // Counts are integers, so it does not matter in which order threads join them.
    chunks.fold(empty, add).reduce(empty, |mut a, b| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    })
}

/// Multiplies each of `scores` by `factor`; tells whether all are finite.
pub fn rescale(scores: &mut [f32], factor: f32) -> bool {
    let chunks = scores.par_chunks_mut(CHUNK);
    let damaged = chunks.map(|chunk| {
        chunk.iter_mut().fold(false, |damaged, score| {
            // Without a way out: every score has to be multiplied, also behind a damaged one.
            *score *= factor;
            damaged | !score.is_finite()
        })
    });
    !damaged.reduce(|| false, |a, b| a | b)
}

/// Bits in the order of the values. `-0.0` counts as `0.0`.
fn key(score: f32) -> u32 {
    debug_assert!(score >= 0.0 && score.is_finite());
    // −0.0 + 0.0 is 0.0. The sign bit of −0.0 would make it the largest key of all.
    (score + 0.0).to_bits()
}
