//! Matrices on their side.

use core::mem::MaybeUninit;

use rayon::prelude::*;

use crate::uninit::vec_from_uninit;

/// Entries of a cache line.
const LINE: usize = 16;
/// Rows of the result that a thread takes at a time: some lines beside each other, as a processor fetches them.
const ROWS: usize = 4 * LINE;

/// The matrix `from` with rows of `columns` entries as `[columns, rows]`.
///
/// # Panics
/// If it does not consist of such rows.
#[allow(unsafe_code, reason = "memory is not cleared only to be overwritten")]
pub(crate) fn transposed(from: &[f32], columns: usize) -> Vec<f32> {
    if from.is_empty() {
        return Vec::new();
    }
    let rows = from.len().checked_div(columns).unwrap_or(0);
    // Else some of the result would not be written.
    assert_eq!(rows * columns, from.len(), "a matrix consists of whole rows");
    let write = |to: &mut [MaybeUninit<f32>]| {
        to.par_chunks_mut(ROWS * rows).enumerate().for_each(|(block, to)| {
            // LINE entries of one row of the result come from as many rows of `from`, one cache line each. The next
            // rows of the result take their neighbours in the same lines, while these are in the cache; whole rows one
            // after the other would fetch each line again and again.
            for row in (0..rows).step_by(LINE) {
                for (column, to) in (block * ROWS..).zip(to.chunks_exact_mut(rows)) {
                    for (row, to) in (row..).zip(to[row..].iter_mut().take(LINE)) {
                        to.write(from[row * columns + column]);
                    }
                }
            }
        });
    };
    // SAFETY: the chunks are whole rows, and of each row every line is written.
    unsafe { vec_from_uninit(from.len(), write) }
}

#[cfg(test)]
mod tests {
    use super::transposed;

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
        for (rows, columns) in [(1, 1), (3, 5), (16, 64), (17, 65), (40, 130), (5, 0)] {
            let from: Vec<f32> = (0..rows * columns).map(|i| i as f32).collect();
            let to = transposed(&from, columns);
            let expected = (0..columns).flat_map(|c| (0..rows).map(move |r| (r * columns + c) as f32));
            assert_eq!(to, expected.collect::<Vec<f32>>(), "{rows} {columns}");
        }
    }
}
