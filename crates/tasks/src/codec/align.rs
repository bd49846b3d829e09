//! Which source token an output token stands for.

mod band;
mod resembles;

use std::cell::Cell;
use std::collections::BTreeMap;

use band::Band;
pub(super) use resembles::Resemblance;
pub use resembles::resembles;

/// How many cells of the table of edits are filled at most: enough for any 16,000 tokens, and for 100,000 of
/// which 1,000 are wrong. It takes seconds.
const CELLS: usize = 1 << 28;

/// How many pairs of different tokens there can be at most for the answers about them to be remembered: those
/// of 4,096 tokens, more than a text of 30,000 words has.
const REMEMBERED: usize = 1 << 24;

/// For every token of `output`, the index of the token of `source` it stands for.
///
/// A minimum edit distance with unit costs, traced from the end. Where several edits cost the same, pairing
/// two tokens goes before leaving out a source token, and that before an extra output token. Two different
/// tokens can be paired if `may_pair` says so, which is asked with the index of a source token and that of an
/// output token; callers who care compare them.
///
/// It takes time in the length of the texts times the number of edits, and memory in the length times its
/// square root at most. An output for which the table has more than 2²⁸ cells in a band that holds the best
/// alignment is no copy of its source; of such a one it finds the best alignment that keeps the two texts
/// side by side, and what the longer text has beyond that stays alone.
pub fn align<S: AsRef<str>, O: AsRef<str>>(
    source: &[S],
    output: &[O],
    may_pair: impl Fn(usize, usize) -> bool,
) -> Vec<Option<usize>> {
    align_within(source, output, may_pair, CELLS)
}

fn align_within<S: AsRef<str>, O: AsRef<str>>(
    source: &[S],
    output: &[O],
    may_pair: impl Fn(usize, usize) -> bool,
    cells: usize,
) -> Vec<Option<usize>> {
    let mut matched = vec![None; output.len()];

    // Equal last tokens always pair: that costs no more than any other edit and is preferred. Most outputs
    // are copies, of which nothing is left for the table. Equal first tokens are not cut off, since ties pair
    // late tokens: of the source `a a b` and the output `a c`, it is the second `a` that pairs.
    let (mut rows, mut columns) = (source.len(), output.len());
    while rows > 0 && columns > 0 && source[rows - 1].as_ref() == output[columns - 1].as_ref() {
        (rows, columns) = (rows - 1, columns - 1);
        matched[columns] = Some(rows);
    }

    let most = longest(rows.min(columns), cells);
    let (source, output) = (&source[..rows.min(most)], &output[..columns.min(most)]);
    if source.is_empty() || output.is_empty() {
        return matched;
    }
    // The table compares each token with many others: numbers are compared at once, and what `may_pair` says
    // of two tokens is remembered.
    let mut numbers = BTreeMap::new();
    let source_numbers = numbered(&mut numbers, source);
    let output_numbers = numbered(&mut numbers, output);
    let count = numbers.len();
    let remembered = if count.saturating_mul(count) <= REMEMBERED { count * count } else { 0 };
    let answers: Vec<Cell<Option<bool>>> = vec![Cell::new(None); remembered];
    let may_pair = |i: usize, j: usize| {
        let pair = source_numbers[i] as usize * count + output_numbers[j] as usize;
        let Some(known) = answers.get(pair) else { return may_pair(i, j) };
        let answer = known.get().unwrap_or_else(|| may_pair(i, j));
        known.set(Some(answer));
        answer
    };
    let same = |i: usize, j: usize| source_numbers[i] == output_numbers[j];
    let pairs = if source.len() >= output.len() {
        let (rows, columns) = (source.len(), output.len());
        Band { rows, columns, same, may_pair, rows_first: true }.pairs(cells)
    } else {
        // The band wants the longer text as its rows. With the texts swapped, leaving out a source token is
        // leaving out a column, and still goes before an extra output token.
        let (rows, columns) = (output.len(), source.len());
        let (same, may_pair) = (|j: usize, i: usize| same(i, j), |j: usize, i: usize| may_pair(i, j));
        let transposed = Band { rows, columns, same, may_pair, rows_first: false };
        transposed.pairs(cells).into_iter().map(|(j, i)| (i, j)).collect()
    };
    for (i, j) in pairs {
        matched[j] = Some(i);
    }
    matched
}

/// How many tokens of the longer text are compared with `shorter` ones.
fn longest(shorter: usize, cells: usize) -> usize {
    // Either the whole table has room, or a band about as wide as the difference of the lengths. Where that
    // is at most `shorter`, the band has at most `2 * shorter` rows.
    (cells / (shorter + 1)).max(shorter + cells / (2 * shorter + 1))
}

/// A number for every token, the same for the same token.
fn numbered<'a, T: AsRef<str>>(numbers: &mut BTreeMap<&'a str, u32>, tokens: &'a [T]) -> Vec<u32> {
    let number = |token: &'a T| {
        let next = numbers.len() as u32;
        *numbers.entry(token.as_ref()).or_insert(next)
    };
    tokens.iter().map(number).collect()
}

#[cfg(test)]
mod tests;
