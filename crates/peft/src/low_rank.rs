//! What a low rank keeps of a weight.

use burn::tensor::{DType, Device, Tensor, TensorData};
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

/// The rank that is kept is this part of the largest that a weight can have.
const PART: usize = 8;

/// Rounds of the iteration: each brings the directions nearer to the singular vectors, by the square of the ratio of neighbouring singular values.
const ROUNDS: usize = 12;

/// The nearest matrix to `dense` (`[rows, columns]`) of an eighth of its largest rank, at least 1, in f32 (arXiv 2506.00772, section 3). Its
/// directions are found by subspace iteration (Golub and Van Loan, Matrix Computations, section 8.2.4) from the same start each time, and are near to
/// the singular vectors, not equal to them.
pub(crate) fn reduced(dense: Tensor<2>) -> Tensor<2> {
    let dense = dense.cast(DType::F32);
    let [rows, columns] = dense.dims();
    let (width, is_wide) = (rows.min(columns), columns > rows);
    let rank = (width / PART).max(1);
    if rank >= width {
        return dense;
    }
    // Directions of the shorter side: fewer numbers to make orthogonal.
    let tall = if is_wide { dense.transpose() } else { dense };
    let device = tall.device();
    let gram = tall.clone().transpose().matmul(tall.clone());
    let mut directions = tensor(&orthonormal(start(width, rank)), &device);
    for _ in 0..ROUNDS {
        let moved: Vec<f32> = gram.clone().matmul(directions).into_data().iter::<f32>().collect();
        let column = |at: usize| moved.iter().skip(at).step_by(rank).map(|&x| f64::from(x)).collect();
        directions = tensor(&orthonormal((0..rank).map(column).collect()), &device);
    }
    let near = tall.matmul(directions.clone()).matmul(directions.transpose());
    if is_wide { near.transpose() } else { near }
}

/// Columns that are no singular vectors of any weight, and the same each time.
fn start(width: usize, rank: usize) -> Vec<Vec<f64>> {
    let mut numbers = SplitMix64::seed_from_u64(1);
    let mut next = || (numbers.next_u64() >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
    (0..rank).map(|_| (0..width).map(|_| next()).collect()).collect()
}

/// The same columns, each without what lies along those before it, of length 1; nothing of one that is a sum of those.
fn orthonormal(mut columns: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for at in 0..columns.len() {
        let (before, rest) = columns.split_at_mut(at);
        let Some(column) = rest.first_mut() else { continue };
        let length = product(column, column).sqrt();
        // Twice, since the first time leaves roundings of what was large.
        for other in before.iter().chain(before.iter()) {
            let along = product(other, column);
            column.iter_mut().zip(other).for_each(|(x, other)| *x -= along * other);
        }
        let left = product(column, column).sqrt();
        let factor = if left > 1e-9 * length { left.recip() } else { 0.0 };
        for x in column.iter_mut() {
            *x *= factor;
        }
    }
    columns
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// `[length of a column, columns]`
fn tensor(columns: &[Vec<f64>], device: &Device) -> Tensor<2> {
    let width = columns.first().map_or(0, Vec::len);
    let values: Vec<f32> =
        (0..width).flat_map(|row| columns.iter().map(move |column| column[row] as f32)).collect();
    Tensor::from_data(TensorData::new(values, [width, columns.len()]), device)
}
