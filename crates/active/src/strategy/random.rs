//! Any examples: what every other strategy is compared with.

use super::{Strategy, top};
use crate::draw::Draws;
use crate::{Candidates, Result};

/// Examples at random, each as likely as any other; with prices, the likelier the less there is to read.
#[derive(Clone, Copy, Debug)]
pub struct Random;

impl Strategy for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, seed: u64) -> Result<Vec<usize>> {
        let keys = keys(candidates.len(), seed);
        Ok(top(candidates, n, |position| keys[position]))
    }
}

/// A number for each position, of which the n largest are a random sample. Divided by prices they make one without
/// replacement with weights 1 / price (Efraimidis and Spirakis 2006: the largest u^(1/w) have the largest
/// w / −ln u).
pub(super) fn keys(count: usize, seed: u64) -> Vec<f64> {
    let mut draws = Draws::new(seed);
    (0..count).map(|_| -1.0 / draws.unit().ln()).collect()
}
