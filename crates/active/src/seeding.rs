//! Far-apart examples by chance: the seeding of k-means++ (Arthur and Vassilvitskii 2007).

use rayon::prelude::*;

use crate::Candidates;
use crate::draw::Draws;

const CHUNK: usize = 1024;

/// `n` different positions, `first` first, each of the others drawn with a probability that goes with its squared
/// distance to the nearest already drawn, for its price. Where all distances left are 0, the lowest position is next.
///
/// `square(a, b)` is the squared distance of two positions. `n` is at least 1 and at most the number of candidates.
pub(crate) fn spread(
    candidates: &Candidates<'_>,
    n: usize,
    first: usize,
    draws: &mut Draws,
    square: impl Fn(usize, usize) -> f32 + Sync,
) -> Vec<usize> {
    let mut nearest = vec![f32::INFINITY; candidates.len()];
    let mut taken = vec![false; candidates.len()];
    let mut chosen = Vec::with_capacity(n);
    let mut next = first;
    loop {
        taken[next] = true;
        chosen.push(next);
        if chosen.len() >= n {
            return chosen;
        }
        nearest.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, nearest)| {
            for (offset, nearest) in nearest.iter_mut().enumerate() {
                *nearest = nearest.min(square(next, chunk * CHUNK + offset));
            }
        });
        let weight = |position: usize| {
            if taken[position] { 0.0 } else { f64::from(nearest[position]) / candidates.price(position) }
        };
        next = drawn(candidates.len(), weight, draws.unit())
            .or_else(|| taken.iter().position(|taken| !taken))
            .unwrap_or(first);
    }
}

/// The first position at which the sum of weights exceeds `share` of all.
fn drawn(count: usize, weight: impl Fn(usize) -> f64, share: f64) -> Option<usize> {
    let total: f64 = (0..count).map(&weight).sum();
    let mut sum = 0.0;
    let mut last = None;
    for position in 0..count {
        let weight = weight(position);
        if weight > 0.0 {
            sum += weight;
            last = Some(position);
            if sum > share * total {
                return last;
            }
        }
    }
    last
}
