//! Examples that are unlike all others.

use rayon::prelude::*;

use super::{Strategy, top};
use crate::distance::{BLOCK, squared_distance};
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
        let mut sums = vec![0.0; candidates.len()];
        // In blocks on both sides, so that rows stay in the processor's cache.
        sums.par_chunks_mut(BLOCK).enumerate().for_each(|(block, sums)| {
            for others in others.chunks(BLOCK) {
                for (offset, sum) in sums.iter_mut().enumerate() {
                    let row = vectors.row(block * BLOCK + offset);
                    let distance =
                        |&other: &usize| f64::from(squared_distance(row, vectors.row(other))).sqrt();
                    *sum += others.iter().map(distance).sum::<f64>();
                }
            }
        });
        Ok(top(candidates, n, |position| sums[position] / others.len() as f64))
    }
}
