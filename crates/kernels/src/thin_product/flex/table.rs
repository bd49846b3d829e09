//! Rows times some rows of a table `[outputs, width]`.

use pulp::{Simd, WithSimd};

/// Rows of `x` and of the table whose products are added up side by side.
// Together 8 sums that do not wait for one another, from 6 loaded vectors; one dot product would load 2 for each
// sum.
const ROWS: usize = 4;
const OUTPUTS: usize = 2;

/// The products of `x` with each row of the table.
pub(super) struct Dots<'a> {
    /// `[rows, width]`.
    pub(super) x: &'a [f32],
    /// `[outputs, width]`.
    pub(super) table: &'a [f32],
    pub(super) width: usize,
    /// `[outputs, rows]`.
    pub(super) to: &'a mut [f32],
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { x, table, width, to } = self;
        let rows = x.len() / width;
        let blocks = to.chunks_mut(OUTPUTS * rows).zip(table.chunks(OUTPUTS * width));
        for (to, table) in blocks {
            if table.len() == OUTPUTS * width {
                outputs::<OUTPUTS, S>(simd, x, table, width, to);
            } else {
                outputs::<1, S>(simd, x, table, width, to);
            }
        }
    }
}

/// All rows of `x` with `O` rows of the table.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn outputs<const O: usize, S: Simd>(simd: S, x: &[f32], table: &[f32], width: usize, to: &mut [f32]) {
    let rows = x.len() / width;
    let mut row = 0;
    while row + ROWS <= rows {
        dots::<ROWS, O, S>(simd, x, table, width, row, to);
        row += ROWS;
    }
    while row < rows {
        dots::<1, O, S>(simd, x, table, width, row, to);
        row += 1;
    }
}

#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn dots<const R: usize, const O: usize, S: Simd>(
    simd: S,
    x: &[f32],
    table: &[f32],
    width: usize,
    row: usize,
    to: &mut [f32],
) {
    let x: [_; R] = core::array::from_fn(|r| S::as_simd_f32s(&x[(row + r) * width..][..width]));
    let table: [_; O] = core::array::from_fn(|o| S::as_simd_f32s(&table[o * width..][..width]));
    let mut sums = [[simd.splat_f32s(0.0); R]; O];
    for i in 0..width / S::F32_LANES {
        for (sums, (table, _)) in sums.iter_mut().zip(&table) {
            for (sum, (x, _)) in sums.iter_mut().zip(&x) {
                *sum = simd.mul_add_e_f32s(x[i], table[i], *sum);
            }
        }
    }
    let rows = to.len() / O;
    for (o, (sums, (_, table))) in sums.into_iter().zip(table).enumerate() {
        for (r, (sum, (_, x))) in sums.into_iter().zip(x).enumerate() {
            // What is left of the width behind the whole vectors.
            let rest: f32 = x.iter().zip(table).map(|(x, w)| x * w).sum();
            to[o * rows + row + r] = simd.reduce_sum_f32s(sum) + rest;
        }
    }
}
