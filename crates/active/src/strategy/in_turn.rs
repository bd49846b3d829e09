//! Diverse, then typical, then uncertain examples.

use super::core_set::farthest;
use super::entropy::entropy;
use super::{Strategy, top};
use crate::candidates::Ordered;
use crate::distance::dot;
use crate::{Candidates, Result};

/// Three stages, a third of the query each, the earlier ones more where it does not divide: diversity (as
/// [`CoreSet`](super::CoreSet)), then similarity (the largest mean cosine to all candidates), then uncertainty (the
/// least mean log-probability of the output, or, where that is not given, the largest entropy of the classes). After
/// `ALLabel` (EMNLP 2025), which found the three in this order to do with 5 to 10 % of the labels.
#[derive(Clone, Copy, Debug)]
pub struct InTurn;

impl Strategy for InTurn {
    fn name(&self) -> &'static str {
        "in-turn"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, _seed: u64) -> Result<Vec<usize>> {
        let vectors = candidates.vectors(self.name())?;
        let doubts: Vec<f64> = match candidates.mean_log_probabilities(self.name()) {
            Ok(means) => means.into_iter().map(|mean| -mean).collect(),
            Err(missing) => {
                let probabilities = candidates.probabilities(self.name()).map_err(|_| missing)?;
                (0..candidates.len()).map(|at| entropy(probabilities.row(at))).collect()
            }
        };
        let cosines = mean_cosines(vectors);
        let diverse = n.div_ceil(3);
        let similar = diverse + (n - diverse).div_ceil(2);
        let mut chosen = farthest(candidates, vectors, diverse);
        let mut add = |until: usize, worth: &dyn Fn(usize) -> f64| {
            let best = top(candidates, until, worth);
            let missing = until - chosen.len();
            let new: Vec<usize> = best.into_iter().filter(|at| !chosen.contains(at)).take(missing).collect();
            chosen.extend(new);
        };
        add(similar, &|at| 1.0 + cosines[at]);
        add(n, &|at| doubts[at]);
        Ok(chosen)
    }
}

/// The mean cosine of each vector to all; that of a vector of zeros is 0.
fn mean_cosines(vectors: Ordered<'_>) -> Vec<f64> {
    let norms: Vec<f32> =
        (0..vectors.rows()).map(|at| dot(vectors.row(at), vectors.row(at)).sqrt()).collect();
    let mut mean = vec![0.0f64; vectors.columns()];
    for (at, &norm) in norms.iter().enumerate().filter(|(_, norm)| **norm > 0.0) {
        mean.iter_mut().zip(vectors.row(at)).for_each(|(mean, &x)| *mean += f64::from(x / norm));
    }
    let mean: Vec<f32> = mean.into_iter().map(|sum| (sum / norms.len() as f64) as f32).collect();
    let cosine =
        |(at, &norm): (usize, &f32)| if norm > 0.0 { dot(vectors.row(at), &mean) / norm } else { 0.0 };
    norms.iter().enumerate().map(cosine).map(f64::from).collect()
}
