//! The gradient of masked entries alone, on the processor.

use rayon::prelude::*;

use crate::transpose::Rows;
use crate::vector::{dot, vectorized};

/// Entries a thread takes at a time: enough work to be worth a task, few enough to balance.
const CHUNK: usize = 512;

/// Adds `Σ_t rows[i, t] · columns[j, t]` to the gradient of each entry (i, j), which stands at the flat position `i · width + j`.
pub(crate) fn sampled(rows: Rows<'_>, columns: Rows<'_>, at: &[u32], width: usize, gradient: &mut [f32]) {
    gradient.par_chunks_mut(CHUNK).zip(at.par_chunks(CHUNK)).for_each(|(gradient, at)| {
        vectorized(|| {
            // Positions are sorted, so entries that follow one another mostly share the row i, which stays in the cache
            // while the rows j change.
            for (sum, &index) in gradient.iter_mut().zip(at) {
                let (i, j) = (index as usize / width, index as usize % width);
                *sum += dot(rows.row(i), columns.row(j));
            }
        });
    });
}
