//! Matrices on their side.

#[cfg(target_arch = "x86_64")]
mod eight;

use core::mem::MaybeUninit;

use rayon::prelude::*;

use crate::uninit::vec_from_uninit;

/// Entries of a cache line.
const LINE: usize = 16;
/// Rows of the result that a thread takes at a time: some lines beside each other, as a processor fetches them.
const ROWS: usize = 4 * LINE;

/// Rows of equal length, some numbers apart.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    numbers: &'a [f32],
    length: usize,
    /// From the beginning of a row to that of the next one.
    apart: usize,
}

impl<'a> Rows<'a> {
    /// One after the other.
    pub(crate) fn new(numbers: &'a [f32], length: usize) -> Self {
        Self { numbers, length, apart: length }
    }

    #[allow(clippy::inline_always, reason = "loops over rows are compiled for the processor at hand")]
    #[inline(always)]
    pub(crate) fn row(&self, index: usize) -> &'a [f32] {
        &self.numbers[index * self.apart..][..self.length]
    }
}

/// A matrix on its side, with rows so far apart that equal places of neighbours do not evict each other from the cache: with a length that is a
/// power of two, as that of many layers and batches, they would.
pub(crate) struct OnItsSide {
    numbers: Vec<f32>,
    length: usize,
    apart: usize,
}

impl OnItsSide {
    /// The matrix `from` with rows of `columns` entries.
    ///
    /// # Panics
    /// If it does not consist of such rows.
    pub(crate) fn new(from: &[f32], columns: usize) -> Self {
        let length = rows(from, columns);
        // An odd number of lines: so neighbours fall to different places, whichever power of two those are counted by.
        let apart = if length == 0 { 0 } else { (length.div_ceil(LINE) | 1) * LINE };
        Self { numbers: written(from, columns, apart), length, apart }
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows { numbers: &self.numbers, length: self.length, apart: self.apart }
    }

    pub(crate) fn numbers(&self) -> &[f32] {
        &self.numbers
    }

    /// From the beginning of a row to that of the next one.
    pub(crate) fn apart(&self) -> usize {
        self.apart
    }
}

/// The matrix `from` with rows of `columns` entries as `[columns, rows]`, one row after the other.
///
/// # Panics
/// If it does not consist of such rows.
pub(crate) fn transposed(from: &[f32], columns: usize) -> Vec<f32> {
    written(from, columns, rows(from, columns))
}

fn rows(from: &[f32], columns: usize) -> usize {
    let rows = from.len().checked_div(columns).unwrap_or(0);
    // Else some of the result would not be written.
    assert_eq!(rows * columns, from.len(), "a matrix consists of whole rows");
    rows
}

/// `from` on its side, with rows that begin `apart` numbers from each other; zeros stand between them.
#[allow(unsafe_code, reason = "memory is not cleared only to be overwritten")]
fn written(from: &[f32], columns: usize, apart: usize) -> Vec<f32> {
    if from.is_empty() {
        return Vec::new();
    }
    let write = |to: &mut [MaybeUninit<f32>]| {
        let blocks = to.par_chunks_mut(ROWS * apart).enumerate();
        blocks.for_each(|(block, to)| Block { from, columns, first: block * ROWS, apart, to }.write());
    };
    // SAFETY: the chunks are whole rows, and of each row every number is written.
    unsafe { vec_from_uninit(columns * apart, write) }
}

/// Some rows of the result.
struct Block<'a> {
    from: &'a [f32],
    columns: usize,
    /// The column of `from` that is the first of them.
    first: usize,
    apart: usize,
    to: &'a mut [MaybeUninit<f32>],
}

impl Block<'_> {
    /// Writes all of it: one cache line of each row after the other, which come from as many rows of `from`, read as they lie. Whole rows one after
    /// the other would fetch each line of `from` again and again.
    fn write(self) {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            return eight::write(simd, self);
        }
        self.write_plainly();
    }

    /// The same number by number, for every processor.
    fn write_plainly(mut self) {
        for start in (0..self.apart).step_by(LINE) {
            self.write_line(start, 0);
        }
    }

    /// Writes the line that begins at `start` of the rows from `row` on.
    #[allow(clippy::inline_always, reason = "it is compiled for the processor at hand where that is known")]
    #[inline(always)]
    fn write_line(&mut self, start: usize, row: usize) {
        for (column, to) in self.to.chunks_exact_mut(self.apart).enumerate().skip(row) {
            for (row, to) in (start..).zip(to[start..].iter_mut().take(LINE)) {
                to.write(self.from.get(row * self.columns + self.first + column).copied().unwrap_or(0.0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use core::mem::MaybeUninit;

    use super::{Block, OnItsSide, ROWS, transposed};
    use crate::uninit::vec_from_uninit;

    #[test]
    #[should_panic(expected = "whole rows")]
    fn half_a_row_is_refused() {
        transposed(&[1.0, 2.0, 3.0], 2);
    }

    #[test]
    #[should_panic(expected = "whole rows")]
    fn rows_of_nothing_are_refused() {
        transposed(&[1.0], 0);
    }

    #[test]
    fn each_entry_is_where_row_and_column_are_exchanged() {
        for (rows, columns) in
            [(1, 1), (3, 5), (8, 8), (16, 64), (17, 65), (40, 130), (33, 71), (5, 0), (0, 5)]
        {
            let from: Vec<f32> = (0..rows * columns).map(|i| (i + 1) as f32).collect();
            let to = transposed(&from, columns);
            let expected = |c: usize| (0..rows).map(move |r| (r * columns + c + 1) as f32);
            assert_eq!(to, (0..columns).flat_map(expected).collect::<Vec<f32>>(), "{rows} {columns}");
            let spaced = OnItsSide::new(&from, columns);
            for column in 0..columns {
                let row = spaced.rows().row(column);
                assert!(row.iter().copied().eq(expected(column)), "{rows} {columns} {column}");
            }
            // All else is zero.
            let others = spaced.numbers().iter().filter(|&&number| number != 0.0).count();
            assert_eq!(others, from.len(), "{rows} {columns}");
        }
    }

    #[test]
    #[allow(unsafe_code, reason = "as where it is used")]
    fn squares_are_what_plain_writing_gives() {
        for (rows, columns, apart) in [(40, 9, 48), (32, 64, 32), (17, 30, 48)] {
            let from: Vec<f32> = (0..rows * columns).map(|i| (i as f32).sin()).collect();
            let blocks = |to: &mut [MaybeUninit<f32>]| {
                for (block, to) in to.chunks_mut(ROWS * apart).enumerate() {
                    Block { from: &from, columns, first: block * ROWS, apart, to }.write_plainly();
                }
            };
            // SAFETY: as in `written`.
            let plain = unsafe { vec_from_uninit(columns * apart, blocks) };
            assert_eq!(super::written(&from, columns, apart), plain, "{rows} {columns}");
        }
    }
}
