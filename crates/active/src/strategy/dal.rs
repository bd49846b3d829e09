//! Examples that a classifier tells apart from what is labelled.

use super::Strategy;
use crate::draw::Draws;
use crate::logistic::Logistic;
use crate::{Candidates, Error, Result};

/// Discriminative active learning (Gissin and Shalev-Shwartz 2019): a logistic regression learns which vectors are
/// labelled and which are not, and the candidates it is surest of are chosen. This goes in ten steps; what a step
/// chose counts as labelled in the next. Each looks at a random part of the candidates, ten times as many as there are
/// labelled.
#[derive(Clone, Copy, Debug)]
pub struct Dal;

/// In how many steps a query is chosen.
const STEPS: usize = 10;

/// How many candidates a step looks at for each labelled example.
const LOOKED_AT: usize = 10;

impl Strategy for Dal {
    fn name(&self) -> &'static str {
        "dal"
    }

    fn positions(&self, candidates: &Candidates<'_>, n: usize, seed: u64) -> Result<Vec<usize>> {
        let vectors = candidates.vectors(self.name())?;
        let (strategy, what) = (self.name(), "the vectors of labelled examples");
        let missing = Error::Missing { strategy, what, builder: "with_labelled_vectors" };
        let labelled = candidates.labelled_vectors().ok_or(missing)?;
        let mut draws = Draws::new(seed);
        let mut classifier = Logistic::zero(vectors.columns());
        // Which rows the classifier learns from, and whether they count as unlabelled.
        let mut rows: Vec<(&[f32], bool)> = (0..candidates.len()).map(|at| (vectors.row(at), true)).collect();
        rows.extend((0..labelled.rows()).map(|row| (labelled.row(row), false)));
        let mut chosen = Vec::with_capacity(n);
        let step = (n / STEPS).max(1);
        while chosen.len() < n {
            classifier.fit(&rows);
            let count = step.min(n - chosen.len());
            let left: Vec<usize> = (0..candidates.len()).filter(|&at| rows[at].1).collect();
            let looked_at = (LOOKED_AT * (labelled.rows() + chosen.len())).max(count);
            // Log-odds instead of probabilities: they do not round to 1.
            let worth = |at: usize| {
                let odds = classifier.log_odds(vectors.row(at));
                if candidates.is_priced() {
                    classifier.probability(vectors.row(at)) / candidates.price(at)
                } else {
                    odds
                }
            };
            let looked_at = draws.sample(left.len(), looked_at).into_iter();
            let mut scored: Vec<(f64, usize)> =
                looked_at.map(|index| (worth(left[index]), left[index])).collect();
            scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            for &(_, at) in scored.iter().take(count) {
                rows[at].1 = false;
                chosen.push(at);
            }
        }
        Ok(chosen)
    }
}
