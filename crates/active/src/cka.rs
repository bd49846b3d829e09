//! How alike two layers see the same examples: centred kernel alignment (Kornblith et al. 2019).
//!
//! 1 is the same up to rotation and scale, 0 is unrelated. Row i of both matrices belongs to the same example.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::distance::{squared_distance, vectorized};
use crate::matrix::check_length;
use crate::{Error, Matrix, Result};

/// Linear CKA, `‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖)` of centred columns, in time n · d² and without a matrix of n × n.
pub fn linear(x: Matrix<'_>, y: Matrix<'_>) -> Result<f64> {
    check(x, y)?;
    let (x, y) = (Centred::new(x), Centred::new(y));
    ratio(x.squared_product(&y), x.squared_product(&x), y.squared_product(&y))
}

/// CKA with Gaussian kernels, whose width is the root of the median of all squared distances but 0. It holds two
/// matrices of n × n numbers of 8 bytes.
pub fn rbf(x: Matrix<'_>, y: Matrix<'_>) -> Result<f64> {
    check(x, y)?;
    let (x, y) = (gaussian(x)?, gaussian(y)?);
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    ratio(product(&x, &y), product(&x, &x), product(&y, &y))
}

const WHAT: &str = "the similarity of two layers";

fn check(x: Matrix<'_>, y: Matrix<'_>) -> Result<()> {
    check_length("vectors of the second layer", y.rows(), x.rows(), "vector of the first")
}

/// xy / √(xx · yy).
fn ratio(xy: f64, xx: f64, yy: f64) -> Result<f64> {
    if xx > 0.0 && yy > 0.0 {
        return Ok(xy / xx.sqrt() / yy.sqrt());
    }
    Err(Error::TooLittle { what: WHAT, needs: "two examples with different vectors in either layer" })
}

/// A matrix whose columns have the mean 0.
struct Centred {
    values: Vec<f64>,
    columns: usize,
}

impl Centred {
    fn new(matrix: Matrix<'_>) -> Self {
        let columns = matrix.columns();
        let rows = || (0..matrix.rows()).map(|row| matrix.row(row));
        let mut means = vec![0.0; columns];
        for row in rows() {
            means.iter_mut().zip(row).for_each(|(mean, &x)| *mean += f64::from(x));
        }
        for mean in &mut means {
            *mean /= matrix.rows() as f64;
        }
        let values =
            rows().flat_map(|row| row.iter().zip(&means).map(|(&x, mean)| f64::from(x) - mean)).collect();
        Self { values, columns }
    }

    /// ‖selfᵀ other‖², the sum of the squares of all d × d products of columns.
    fn squared_product(&self, other: &Self) -> f64 {
        let squares = |column: usize| {
            let products = vectorized(ColumnProducts { ours: self, column, theirs: other });
            products.iter().map(|product| product * product).sum::<f64>()
        };
        (0..self.columns).into_par_iter().map(squares).collect::<Vec<f64>>().into_iter().sum()
    }
}

/// The products of one column of a matrix with each of another.
struct ColumnProducts<'a> {
    ours: &'a Centred,
    column: usize,
    theirs: &'a Centred,
}

impl WithSimd for ColumnProducts<'_> {
    type Output = Vec<f64>;

    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<f64> {
        let mut products = vec![0.0; self.theirs.columns];
        let ours = self.ours.values.chunks_exact(self.ours.columns);
        for (ours, theirs) in ours.zip(self.theirs.values.chunks_exact(self.theirs.columns)) {
            let x = ours[self.column];
            for (product, y) in products.iter_mut().zip(theirs) {
                *product += x * y;
            }
        }
        products
    }
}

/// The centred Gaussian kernel matrix, row by row.
fn gaussian(matrix: Matrix<'_>) -> Result<Vec<f64>> {
    let n = matrix.rows();
    let square = |at: usize| f64::from(squared_distance(matrix.row(at / n), matrix.row(at % n)));
    let mut kernel: Vec<f64> = (0..n * n).into_par_iter().map(square).collect();
    let mut squares: Vec<f64> = kernel.iter().copied().filter(|&square| square > 0.0).collect();
    squares.sort_unstable_by(f64::total_cmp);
    let middle = squares.len() / 2;
    let Some(&above) = squares.get(middle) else {
        return Err(Error::TooLittle {
            what: WHAT,
            needs: "two examples with different vectors in either layer",
        });
    };
    let median =
        if squares.len().is_multiple_of(2) { f64::midpoint(squares[middle - 1], above) } else { above };
    for square in &mut kernel {
        *square = (-0.5 * *square / median).exp();
    }
    let means: Vec<f64> = kernel.chunks_exact(n).map(|row| row.iter().sum::<f64>() / n as f64).collect();
    let mean = means.iter().sum::<f64>() / n as f64;
    for (row, row_mean) in kernel.chunks_exact_mut(n).zip(&means) {
        row.iter_mut().zip(&means).for_each(|(k, column_mean)| *k += mean - row_mean - column_mean);
    }
    Ok(kernel)
}
