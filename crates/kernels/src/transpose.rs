//! Matrices on their side.

use rayon::prelude::*;

/// Entries of a cache line.
const LINE: usize = 16;

/// The matrix `from` with rows of `columns` entries as `[columns, rows]`. Every cache line is read once and written once.
pub(crate) fn transposed(from: &[f32], columns: usize) -> Vec<f32> {
    let mut to = vec![0.0f32; from.len()];
    if to.is_empty() {
        return to;
    }
    let rows = from.len() / columns;
    to.par_chunks_mut(LINE * rows).enumerate().for_each(|(block, to)| {
        let (first, width) = (block * LINE, to.len() / rows);
        for row in (0..rows).step_by(LINE) {
            let height = LINE.min(rows - row);
            let mut tile = [[0.0f32; LINE]; LINE];
            for r in 0..height {
                let line = &from[(row + r) * columns + first..][..width];
                for (column, &value) in tile.iter_mut().zip(line) {
                    column[r] = value;
                }
            }
            for (to, column) in to.chunks_exact_mut(rows).zip(&tile) {
                to[row..row + height].copy_from_slice(&column[..height]);
            }
        }
    });
    to
}
