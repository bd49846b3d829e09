//! Which of the samples with a large loss a choice is made from.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

use crate::Objective;

/// Which samples a choice is made from. The hardest ones are often alike: then most of them say the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Samples {
    /// Those with the largest loss.
    #[default]
    Hardest,
    /// Of each label in turn the one with the largest loss that is left.
    ByLabel,
    /// Of four times as many hardest ones those that are farthest apart for the encoder: first the hardest, then each time the one whose nearest
    /// chosen one is farthest (Gonzalez 1985, farthest-first traversal).
    FarApart,
}

/// The `n` samples with the largest loss, largest first; ties go to the earlier sample. NaN counts as largest, so that
/// a broken sample shows up rather than hides.
pub fn hardest(losses: &[f32], n: usize) -> Vec<usize> {
    let key = |i: usize| if losses[i].is_nan() { f32::INFINITY } else { losses[i] };
    let mut order: Vec<usize> = (0..losses.len()).collect();
    order.sort_by(|&a, &b| key(b).total_cmp(&key(a)).then(a.cmp(&b)));
    order.truncate(n.max(1));
    order
}

/// How many times as many samples as are chosen [`Samples::FarApart`] looks at: all of them are hard.
const POOL: usize = 4;

impl Samples {
    /// `n` samples by their `losses`, in the order in which they were chosen.
    pub(crate) fn choose<M, O: Objective<M>>(
        self,
        model: &M,
        objective: &O,
        losses: &[f32],
        n: usize,
    ) -> Result<Vec<usize>, O::Error> {
        match self {
            Self::Hardest => Ok(hardest(losses, n)),
            Self::ByLabel => Ok(by_label(&hardest(losses, losses.len()), &objective.labels()?, n)),
            Self::FarApart => {
                let pool = hardest(losses, n.saturating_mul(POOL));
                let vectors = objective.vectors(model, &pool)?;
                Ok(far_apart(&vectors, n).into_iter().map(|at| pool[at]).collect())
            }
        }
    }
}

/// The first `n` samples of `order`, label by label in turn. The label of the first sample is the first one; samples without labels count as having
/// one of their own.
fn by_label(order: &[usize], labels: &[Vec<String>], n: usize) -> Vec<usize> {
    let mut queues: Vec<VecDeque<usize>> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for &sample in order {
        let own = labels.get(sample).map(Vec::as_slice).unwrap_or_default();
        let own = own.iter().map(String::as_str);
        let none = labels.get(sample).is_none_or(Vec::is_empty).then_some("");
        for label in own.chain(none) {
            let queue = *known.entry(label).or_insert_with(|| {
                queues.push(VecDeque::new());
                queues.len() - 1
            });
            queues[queue].push_back(sample);
        }
    }
    let mut chosen: Vec<usize> = Vec::new();
    let n = n.clamp(1, order.len().max(1));
    // Each sample is in a queue, so that every round takes one until all are taken.
    while chosen.len() < n && queues.iter().any(|queue| !queue.is_empty()) {
        for queue in &mut queues {
            // One with several labels may have been taken for another.
            while queue.front().is_some_and(|sample| chosen.contains(sample)) {
                queue.pop_front();
            }
            if chosen.len() < n {
                chosen.extend(queue.pop_front());
            }
        }
    }
    chosen
}

/// The indices of `n` of the `vectors`: the first, then each time the one that is farthest from the nearest chosen one; of equals the first.
fn far_apart(vectors: &[Vec<f32>], n: usize) -> Vec<usize> {
    let mut nearest = vec![f64::INFINITY; vectors.len()];
    let mut chosen = Vec::new();
    while chosen.len() < n.clamp(1, vectors.len().max(1)) {
        let farthest = nearest.iter().enumerate().filter(|(at, _)| !chosen.contains(at));
        let Some((next, _)) = farthest.reduce(|one, other| if other.1 > one.1 { other } else { one }) else {
            break;
        };
        chosen.push(next);
        for (nearest, vector) in nearest.iter_mut().zip(vectors) {
            *nearest = nearest.min(distance(vector, &vectors[next]));
        }
    }
    chosen
}

/// The square of the Euclidean distance.
fn distance(one: &[f32], other: &[f32]) -> f64 {
    one.iter().zip(other).map(|(a, b)| f64::from(a - b).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::{by_label, far_apart, hardest};

    #[test]
    fn labels_take_turns() {
        let labels = [&["PER"][..], &["PER", "LOC"], &[], &["PER"], &["LOC"]];
        let labels: Vec<Vec<String>> =
            labels.iter().map(|of| of.iter().map(|&label| label.to_owned()).collect()).collect();
        // From hard to easy 3, 0, 1, 2, 4: PER has 3, LOC has 1, none has 2; then 0 and 4.
        let order = [3, 0, 1, 2, 4];
        assert_eq!(by_label(&order, &labels, 3), [3, 1, 2]);
        assert_eq!(by_label(&order, &labels, 9), [3, 1, 2, 0, 4]);
        assert_eq!(by_label(&[], &[], 3), [0; 0]);
    }

    #[test]
    fn the_farthest_comes_next() {
        // On a line: from 0, then 10, then 4 (4 away from 0), not 9 (1 away from 10).
        let line: Vec<Vec<f32>> = [0.0, 1.0, 4.0, 9.0, 10.0].map(|x| vec![x]).to_vec();
        assert_eq!(far_apart(&line, 3), [0, 4, 2]);
        assert_eq!(far_apart(&vec![vec![1.0]; 3], 2), [0, 1], "of equals the first");
        assert_eq!(far_apart(&[], 3), [0; 0]);
    }

    #[test]
    fn hardest_breaks_ties_by_position_and_shows_nan() {
        assert_eq!(hardest(&[1.0, 3.0, 2.0, 3.0], 3), [1, 3, 2]);
        assert_eq!(hardest(&[1.0, f32::NAN, 2.0], 1), [1]);
        assert_eq!(hardest(&[1.0, 2.0], 9), [1, 0]);
    }
}
