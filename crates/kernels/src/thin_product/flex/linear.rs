//! Rows times some columns of a weight `[width, outputs]`.

use pulp::{Simd, WithSimd};

/// Rows of `x` whose sums stay in registers.
const ROWS: usize = 4;
/// Rows of the weight that are read in one go: their tiles stay in the first cache for all rows of `x`.
const INPUTS: usize = 64;

/// Adds the product of `x` and the columns from `first` on to `sums`.
pub(super) struct Stripe<'a> {
    /// `[rows, width]`.
    pub(super) x: &'a [f32],
    pub(super) width: usize,
    /// `[width, outputs]`.
    pub(super) weight: &'a [f32],
    pub(super) outputs: usize,
    pub(super) first: usize,
    /// `[rows, columns]`.
    pub(super) sums: &'a mut [f32],
    pub(super) columns: usize,
}

impl WithSimd for Stripe<'_> {
    type Output = ();

    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let tile = 2 * S::F32_LANES;
        let rows = self.x.len() / self.width;
        let whole = self.columns / tile * tile;
        // Inputs outside, then tiles of columns, rows inside: 64 rows of a tile are 8 KB at most, so they are read from
        // memory for the first rows of `x` and from the first cache for the others.
        for from in (0..self.width).step_by(INPUTS) {
            let inputs = from..self.width.min(from + INPUTS);
            for column in (0..whole).step_by(tile) {
                let mut row = 0;
                while row + ROWS <= rows {
                    self.tile::<ROWS, S>(simd, row, column, inputs.clone());
                    row += ROWS;
                }
                while row < rows {
                    self.tile::<1, S>(simd, row, column, inputs.clone());
                    row += 1;
                }
            }
            // The columns at the right that fill no whole tile, number by number.
            for row in 0..rows {
                for input in inputs.clone() {
                    let x = self.x[row * self.width + input];
                    let weight = &self.weight[input * self.outputs + self.first..][whole..self.columns];
                    let sums = &mut self.sums[row * self.columns..][whole..self.columns];
                    sums.iter_mut().zip(weight).for_each(|(sum, w)| *sum += x * w);
                }
            }
        }
    }
}

impl Stripe<'_> {
    /// The part of two vectors of columns, `R` rows and some inputs.
    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    fn tile<const R: usize, S: Simd>(
        &mut self,
        simd: S,
        row: usize,
        column: usize,
        inputs: core::ops::Range<usize>,
    ) {
        let tile = 2 * S::F32_LANES;
        // 4 rows × 2 vectors are 8 sums that do not wait for one another, which hides how long a multiply-add takes.
        // With two vectors of the weight and one of `x` they fit 16 registers. They go on from what earlier inputs have
        // added.
        let mut sums = [[simd.splat_f32s(0.0); 2]; R];
        for (r, sums) in sums.iter_mut().enumerate() {
            let (known, _) = S::as_simd_f32s(&self.sums[(row + r) * self.columns + column..][..tile]);
            (sums[0], sums[1]) = (known[0], known[1]);
        }
        let x: [&[f32]; R] = core::array::from_fn(|r| &self.x[(row + r) * self.width..][inputs.clone()]);
        for (i, input) in inputs.enumerate() {
            let weight = &self.weight[input * self.outputs + self.first + column..][..tile];
            let (weight, _) = S::as_simd_f32s(weight);
            for (x, sums) in x.iter().zip(&mut sums) {
                let x = simd.splat_f32s(x[i]);
                sums[0] = simd.mul_add_e_f32s(x, weight[0], sums[0]);
                sums[1] = simd.mul_add_e_f32s(x, weight[1], sums[1]);
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let (to, _) = S::as_mut_simd_f32s(&mut self.sums[(row + r) * self.columns + column..][..tile]);
            (to[0], to[1]) = (sums[0], sums[1]);
        }
    }
}
