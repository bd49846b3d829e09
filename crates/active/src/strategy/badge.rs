//! Examples whose gradients are large and differ.

use super::Strategy;
use crate::distance::dot;
use crate::draw::Draws;
use crate::seeding::spread;
use crate::{Candidates, Matrix, Result};

/// BADGE (Ash et al. 2020): k-means++ seeding over the gradients of the last layer, were the most probable class the
/// true one. The first is the largest.
///
/// Such a gradient is the outer product of probabilities minus one-hot class and the example's vector. It is never
/// built: ⟨a ⊗ h, b ⊗ k⟩ = ⟨a, b⟩ ⟨h, k⟩.
#[derive(Clone, Copy, Debug)]
pub struct Badge;

impl Strategy for Badge {
    fn name(&self) -> &'static str {
        "badge"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, seed: u64) -> Result<Vec<usize>> {
        let probabilities = candidates.probabilities(self.name())?;
        let vectors = candidates.vectors(self.name())?;
        if n == 0 {
            return Ok(Vec::new());
        }
        let errors: Vec<f32> = (0..candidates.len()).flat_map(|at| error(probabilities.row(at))).collect();
        let errors = Matrix::of(&errors, probabilities.columns());
        let product =
            |a: usize, b: usize| dot(errors.row(a), errors.row(b)) * dot(vectors.row(a), vectors.row(b));
        let norms: Vec<f32> = (0..candidates.len()).map(|at| product(at, at)).collect();
        let worth = |at: &usize| f64::from(norms[*at]).sqrt() / candidates.price(*at);
        // Of several that are largest the first, which `max_by` gives last.
        let first = (0..candidates.len()).rev().max_by(|a, b| worth(a).total_cmp(&worth(b))).unwrap_or(0);
        let square = |a: usize, b: usize| (norms[a] + norms[b] - 2.0 * product(a, b)).max(0.0);
        Ok(spread(candidates, n, first, &mut Draws::new(seed), square))
    }
}

/// Probabilities minus the one-hot vector of the most probable class, the first of several.
fn error(probabilities: &[f32]) -> Vec<f32> {
    let mut error = probabilities.to_vec();
    let classes = (0..error.len()).rev();
    if let Some(best) = classes.max_by(|&a, &b| error[a].total_cmp(&error[b])) {
        error[best] -= 1.0;
    }
    error
}
