//! How smoothly classes change over a layer's vectors: a Besov index by wavelets of a random forest (Elisha and Dekel
//! 2016; Jukić and Šnajder 2022 stop a training where it peaks).
//!
//! Trees that predict the class part the space into boxes. Each node is a wavelet: what its mean adds to that of its
//! parent. Where few large wavelets tell nearly everything, the error falls fast with their number; the index is how
//! fast.
//!
//! The paper's code measures, for all nodes but the root, how far a wavelet is from its parent's mean instead of how
//! large it is, and counts a wavelet fewer than it uses. Neither is copied.

mod tree;

use rayon::prelude::*;

use crate::draw::Draws;
use crate::matrix::check_length;
use crate::{Error, Matrix, Result};
use tree::Tree;

/// The forest whose wavelets are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Smoothness {
    /// How many trees there are.
    pub trees: usize,
    /// How often a tree parts the space on the way to a leaf, at most.
    pub depth: usize,
    /// Is each tree made from a sample with replacement? Without, all are the same.
    pub bagged: bool,
}

impl Default for Smoothness {
    /// That of the paper's code.
    fn default() -> Self {
        Self { trees: 10, depth: 9, bagged: true }
    }
}

/// The numbers of wavelets that errors are measured for: 2, 12, 22, … below 1000.
const FIRST: usize = 2;
const STEP: usize = 10;
const MOST: usize = 1000;

/// An error that is nothing but rounding; its logarithm would mean nothing.
const ROUNDING: f64 = 1e-12;

const WHAT: &str = "the smoothness of representations";

impl Smoothness {
    /// The index of vectors, one for each example of a class: α in error ∝ M^−α over the number M of wavelets, by least
    /// squares over the logarithms. Larger is smoother. Time goes with vectors · dimensions · trees · depth.
    ///
    /// It needs two examples, and trees with twelve nodes together.
    pub fn index(&self, vectors: Matrix<'_>, classes: &[u32], seed: u64) -> Result<f64> {
        check_length("classes", classes.len(), vectors.rows(), "vector")?;
        let points = self.errors(vectors, classes, seed);
        if points.len() < 2 {
            return Err(Error::TooLittle { what: WHAT, needs: "more examples that trees can part" });
        }
        let logarithms = || points.iter().map(|&(wavelets, error)| ((wavelets as f64).ln(), error.ln()));
        let n = points.len() as f64;
        let (x_mean, y_mean) =
            logarithms().fold((0.0, 0.0), |(x_sum, y_sum), (x, y)| (x_sum + x / n, y_sum + y / n));
        let products = logarithms().fold((0.0, 0.0), |(xy, xx), (x, y)| {
            (xy + (x - x_mean) * (y - y_mean), xx + (x - x_mean) * (x - x_mean))
        });
        Ok((products.0 / products.1).abs())
    }

    /// The mean squared error with so many of the largest wavelets, as long as there is an error.
    fn errors(&self, vectors: Matrix<'_>, classes: &[u32], seed: u64) -> Vec<(usize, f64)> {
        let rows = scaled(vectors);
        let targets = one_hot(classes);
        let mut draws = Draws::new(seed);
        let n = classes.len();
        let mut counts = || {
            let mut counts = vec![u32::from(!self.bagged); n];
            (0..if self.bagged { n } else { 0 }).for_each(|_| counts[draws.below(n)] += 1);
            counts
        };
        let counts: Vec<Vec<u32>> = (0..self.trees).map(|_| counts()).collect();
        let grow = |counts: &Vec<u32>| Tree::grow(&rows, &targets, counts, self.depth).wavelets(&rows);
        let mut wavelets: Vec<Wavelet> = counts.par_iter().flat_map_iter(grow).collect();
        // Stable: of equal ones the first tree's, and in a tree the first node's.
        wavelets.sort_by(|a, b| b.norm.total_cmp(&a.norm));

        let mut left: Vec<Vec<f64>> = targets;
        let mut points = Vec::new();
        let mut used = 0;
        for count in (FIRST..MOST).step_by(STEP).take_while(|&count| count <= wavelets.len()) {
            for wavelet in &wavelets[used..count] {
                for &row in &wavelet.rows {
                    let parts = left[row].iter_mut().zip(&wavelet.value);
                    parts.for_each(|(left, value)| *left -= value / self.trees as f64);
                }
            }
            used = count;
            let error = left.iter().flatten().map(|left| left * left).sum::<f64>() / n as f64;
            if error > ROUNDING {
                points.push((count, error));
            }
        }
        points
    }
}

/// What a node adds to its parent.
struct Wavelet {
    /// ‖value‖ · √(volume of the node's box).
    norm: f64,
    value: Vec<f64>,
    /// The examples in the box.
    rows: Vec<usize>,
}

/// Each feature from 0 to 1; one that is the same everywhere is 0.
fn scaled(vectors: Matrix<'_>) -> Vec<Vec<f32>> {
    let rows = || (0..vectors.rows()).map(|row| vectors.row(row));
    let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); vectors.columns()];
    for row in rows() {
        for ((low, high), &x) in ranges.iter_mut().zip(row) {
            (*low, *high) = (low.min(f64::from(x)), high.max(f64::from(x)));
        }
    }
    let scale = |(&x, &(low, high)): (&f32, &(f64, f64))| {
        if high > low { ((f64::from(x) - low) / (high - low)) as f32 } else { 0.0 }
    };
    rows().map(|row| row.iter().zip(&ranges).map(scale).collect()).collect()
}

/// A row for each example with 1 at its class.
fn one_hot(classes: &[u32]) -> Vec<Vec<f64>> {
    let mut known: Vec<u32> = classes.to_vec();
    known.sort_unstable();
    known.dedup();
    let row = |class: &u32| known.iter().map(|known| f64::from(u8::from(known == class))).collect();
    classes.iter().map(row).collect()
}
