//! Examples that are unlike all others.

use rayon::prelude::*;

use super::{Strategy, top};
use crate::distance::squared_distance;
use crate::draw::Draws;
use crate::{Candidates, Result};

/// Examples with the largest mean L2 distance to all candidates; where there are more than 2,048, to so many of them
/// at random.
#[derive(Clone, Copy, Debug)]
pub struct RepresentationDistance;

const COMPARED: usize = 2048;

impl Strategy for RepresentationDistance {
    fn name(&self) -> &'static str {
        "representation-distance"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, seed: u64) -> Result<Vec<usize>> {
        let vectors = candidates.vectors(self.name())?;
        let others = if candidates.len() > COMPARED {
            Draws::new(seed).sample(candidates.len(), COMPARED)
        } else {
            (0..candidates.len()).collect()
        };
        let sum = |position: usize| {
            let row = vectors.row(position);
            let distance = |&other: &usize| f64::from(squared_distance(row, vectors.row(other))).sqrt();
            others.iter().map(distance).sum()
        };
        let sums: Vec<f64> = (0..candidates.len()).into_par_iter().map(sum).collect();
        Ok(top(candidates, n, |position| sums[position] / others.len() as f64))
    }
}
