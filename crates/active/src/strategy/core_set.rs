//! Examples that leave none far from a labelled one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::Strategy;
use crate::candidates::Ordered;
use crate::distance::{mean, nearest, squared_distance};
use crate::{Candidates, Matrix, Result};

/// Greedy k-centre (Sener and Savarese 2018): always the candidate farthest, by L2 distance, from all that is labelled
/// or already chosen. Without labelled vectors the first is the one nearest to the mean, and the rest is farthest-first
/// traversal, which makes a diverse start.
///
/// A candidate's distance only shrinks as others are chosen, so an old distance is a bound. Only the candidates whose
/// bound is above what the farthest really has are measured again, which gives exactly the greedy choice and on most
/// data leaves nearly all of them alone.
#[derive(Clone, Copy, Debug)]
pub struct CoreSet;

impl Strategy for CoreSet {
    fn name(&self) -> &'static str {
        "core-set"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        Ok(farthest(candidates, candidates.vectors(self.name())?, n))
    }
}

/// How many candidates are measured again at once, at most.
const BATCH: usize = 4096;

/// With fewer than this, threads cost more than they spare.
const WORTH_THREADS: usize = 64;

/// The greedy choice.
pub(super) fn farthest(candidates: &Candidates<'_>, vectors: Ordered<'_>, n: usize) -> Vec<usize> {
    if n == 0 {
        return Vec::new();
    }
    let mut chosen = Vec::with_capacity(n);
    let measured = if let Some(labelled) = candidates.labelled_vectors() {
        nearest(vectors, labelled)
    } else {
        let first = nearest_to_mean(candidates, vectors);
        chosen.push(first);
        nearest_to(vectors, vectors.row(first))
    };
    let mut bounds: Vec<Bound> =
        measured.iter().map(|&(square, _)| Bound { square, seen: chosen.len() }).collect();
    let key = |position: usize, bound: Bound| {
        // Bits of numbers from 0 up are in the numbers' order.
        let worth = f64::from(bound.square).sqrt() / candidates.price(position);
        (worth.to_bits(), Reverse(position))
    };
    let open = (0..candidates.len()).filter(|position| !chosen.contains(position));
    let mut queue: BinaryHeap<_> = open.map(|position| key(position, bounds[position])).collect();
    while chosen.len() < n {
        let mut size = 1;
        loop {
            let mut stale = Vec::new();
            while stale.len() < size
                && let Some(&(_, Reverse(position))) = queue.peek()
                && bounds[position].seen < chosen.len()
            {
                queue.pop();
                stale.push(position);
            }
            if stale.is_empty() {
                break;
            }
            let measure = |&position: &usize| bounds[position].measured(vectors, position, &chosen);
            let measured: Vec<Bound> = if stale.len() < WORTH_THREADS {
                stale.iter().map(measure).collect()
            } else {
                stale.par_iter().map(measure).collect()
            };
            for (position, bound) in stale.into_iter().zip(measured) {
                bounds[position] = bound;
                queue.push(key(position, bound));
            }
            size = (2 * size).min(BATCH);
        }
        let Some((_, Reverse(next))) = queue.pop() else { break };
        chosen.push(next);
    }
    chosen
}

/// At most how far a candidate is from the nearest labelled or chosen one.
#[derive(Clone, Copy)]
struct Bound {
    square: f32,
    /// How many of the chosen it takes into account.
    seen: usize,
}

impl Bound {
    fn measured(self, vectors: Ordered<'_>, position: usize, chosen: &[usize]) -> Self {
        let row = vectors.row(position);
        let distance = |&centre: &usize| squared_distance(row, vectors.row(centre));
        let square = chosen[self.seen..].iter().map(distance).fold(self.square, f32::min);
        Self { square, seen: chosen.len() }
    }
}

fn nearest_to(vectors: Ordered<'_>, centre: &[f32]) -> Vec<(f32, u32)> {
    nearest(vectors, Matrix::of(centre, centre.len()))
}

fn nearest_to_mean(candidates: &Candidates<'_>, vectors: Ordered<'_>) -> usize {
    let squares = nearest_to(vectors, &mean(vectors));
    let cost = |position: &usize| f64::from(squares[*position].0).sqrt() * candidates.price(*position);
    (0..candidates.len()).min_by(|a, b| cost(a).total_cmp(&cost(b))).unwrap_or(0)
}
