//! One example from the middle of each cluster.

use std::collections::BTreeSet;

use super::Strategy;
use crate::candidates::Ordered;
use crate::distance::{nearest, squared_distance};
use crate::draw::Draws;
use crate::seeding::spread;
use crate::{Candidates, Matrix, Result};

/// The candidate nearest to its centre in each of n clusters: Lloyd's k-means from a k-means++ seeding, until no
/// candidate changes its cluster or 100 times. With prices it is the one with the least distance × price. If a cluster
/// has no candidate, the one farthest from its own centre takes the place.
#[derive(Clone, Copy, Debug)]
pub struct KMeans;

const ITERATIONS: usize = 100;

impl Strategy for KMeans {
    fn name(&self) -> &'static str {
        "k-means"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, seed: u64) -> Result<Vec<usize>> {
        let vectors = candidates.vectors(self.name())?;
        if n == 0 {
            return Ok(Vec::new());
        }
        let mut draws = Draws::new(seed);
        let first = draws.below(candidates.len());
        let square = |a, b| squared_distance(vectors.row(a), vectors.row(b));
        let seeds = spread(candidates, n, first, &mut draws, square);
        let clusters = lloyd(vectors, &seeds);
        let mut best: Vec<Option<(f64, usize)>> = vec![None; n];
        for (position, &(square, cluster)) in clusters.iter().enumerate() {
            let cost = f64::from(square).sqrt() * candidates.price(position);
            let best = &mut best[cluster as usize];
            if best.is_none_or(|(least, _)| cost < least) {
                *best = Some((cost, position));
            }
        }
        let mut chosen: Vec<usize> = best.into_iter().flatten().map(|(_, position)| position).collect();
        let empty = n - chosen.len();
        if empty > 0 {
            let taken: BTreeSet<usize> = chosen.iter().copied().collect();
            let mut left: Vec<usize> =
                (0..candidates.len()).filter(|position| !taken.contains(position)).collect();
            left.sort_by(|&a, &b| clusters[b].0.total_cmp(&clusters[a].0));
            chosen.extend(left.into_iter().take(empty));
        }
        Ok(chosen)
    }
}

/// The squared distance of each position to its centre, and its cluster.
fn lloyd(vectors: Ordered<'_>, seeds: &[usize]) -> Vec<(f32, u32)> {
    let columns = vectors.columns();
    let mut centres: Vec<f32> = seeds.iter().flat_map(|&seed| vectors.row(seed)).copied().collect();
    let measure = |centres: &[f32]| nearest(vectors, Matrix::of(centres, columns));
    let mut clusters = measure(&centres);
    for _ in 0..ITERATIONS {
        move_to_means(&mut centres, vectors, &clusters);
        let next = measure(&centres);
        let same = next.iter().zip(&clusters).all(|(a, b)| a.1 == b.1);
        clusters = next;
        if same {
            break;
        }
    }
    clusters
}

/// Each centre becomes the mean of its cluster; one without candidates stays.
fn move_to_means(centres: &mut [f32], vectors: Ordered<'_>, clusters: &[(f32, u32)]) {
    let columns = vectors.columns();
    let mut sums = vec![0.0f64; centres.len()];
    let mut counts = vec![0usize; centres.len() / columns];
    for (position, &(_, cluster)) in clusters.iter().enumerate() {
        counts[cluster as usize] += 1;
        let sums = &mut sums[cluster as usize * columns..][..columns];
        sums.iter_mut().zip(vectors.row(position)).for_each(|(sum, &x)| *sum += f64::from(x));
    }
    let clusters = centres.chunks_exact_mut(columns).zip(sums.chunks_exact(columns)).zip(counts);
    for ((centre, sums), count) in clusters.filter(|(_, count)| *count > 0) {
        centre.iter_mut().zip(sums).for_each(|(x, sum)| *x = (sum / count as f64) as f32);
    }
}
