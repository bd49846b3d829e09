//! Choosing among the few pieces that can follow.

use burn::tensor::Tensor;

use crate::T5;

/// What can follow at some positions of some rows, and the scores of all of it.
#[derive(Debug, Default)]
pub(super) struct Choices {
    /// The ids that can follow at each place; at places where nothing is asked, none.
    legal: Vec<Vec<u32>>,
    /// Every id that stands beside another in `legal`, sorted.
    asked: Vec<u32>,
    /// For each place, its row in `scores`.
    row: Vec<usize>,
    /// `[rows, asked]`.
    scores: Vec<f32>,
}

impl Choices {
    /// Scores `legal`, the ids that can follow at each place of `hidden` (`[B, T, D]`, B·T places), with those rows of the output layer
    /// alone, and only where there is a choice.
    pub(super) fn new(model: &T5, hidden: Tensor<3>, legal: Vec<Vec<u32>>) -> Self {
        let open: Vec<u32> = (0..).zip(&legal).filter(|(_, ids)| ids.len() > 1).map(|(at, _)| at).collect();
        // What any open place asks for is scored at all of them in one product. The scores that a place has no use for
        // cost less than a product for each place.
        let mut asked: Vec<u32> = open.iter().flat_map(|&at| &legal[at as usize]).copied().collect();
        asked.sort_unstable();
        asked.dedup();
        let mut row = vec![0; legal.len()];
        for (r, &at) in open.iter().enumerate() {
            row[at as usize] = r;
        }
        let scores = if open.is_empty() {
            Vec::new()
        } else {
            model.scores_at(hidden, &open, &asked).into_data().iter::<f32>().collect()
        };
        Self { legal, asked, row, scores }
    }

    /// The ids that can follow at `place` and the log-probability of each among them, in the order of the ids.
    pub(super) fn at(&self, place: usize) -> Vec<(u32, f32)> {
        let legal = &self.legal[place];
        if let [only] = legal[..] {
            return vec![(only, 0.0)];
        }
        let first = self.row[place] * self.asked.len();
        let score = |id: &u32| Some((*id, *self.scores.get(first + self.asked.binary_search(id).ok()?)?));
        let mut scored: Vec<(u32, f32)> = legal.iter().filter_map(score).collect();
        // A softmax over what is legal alone: what is ruled out has probability 0. Less the best, no exponential
        // overflows.
        let best = scored.iter().fold(f32::NEG_INFINITY, |best, &(_, score)| best.max(score));
        let sum: f32 = scored.iter().map(|(_, score)| (score - best).exp()).sum();
        let shift = best + sum.ln();
        for (_, score) in &mut scored {
            *score -= shift;
        }
        scored
    }

    /// The best id at `place`, the first of equals, and its log-probability. Nothing if nothing is legal.
    pub(super) fn best(&self, place: usize) -> Option<(u32, f32)> {
        self.at(place).into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}
