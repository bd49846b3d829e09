//! How the entries with the highest scores are spread over the weights.

use fishdip_kernels::TopK;
use serde::{Deserialize, Serialize};

use crate::{Adaptable, FileLayout, Mask, Weight};

/// How the chosen entries are spread over the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// The k best of all.
    #[default]
    Global,
    /// The best of each weight, by its share of all parameters.
    Weight,
    /// The best of each output feature, by its share of all parameters (as `NeuroAda` has it, arXiv 2510.18940).
    Row,
}

impl Spread {
    /// The mask of the `k` best entries by `scores`, a list for each weight of `model`, empty where none can be chosen; `k` is at most their number. Of
    /// a mask that grows, the `share` of them that it has by now: no part of it has less than with a smaller share.
    pub(crate) fn best(self, scores: &[Vec<f32>], k: usize, share: f64, model: &impl Adaptable) -> Mask {
        let now = |k: usize| ((k as f64 * share).ceil() as usize).min(k);
        match self {
            Self::Global => top_k(scores, now(k)),
            Self::Weight => top_of_each(scores, k, now),
            Self::Row => top_of_rows(scores, k, now, model),
        }
    }
}

/// The exact `k` highest scores over all weights; ties break by (path, position).
fn top_k(scores: &[Vec<f32>], k: usize) -> Mask {
    let mut top = TopK::new(k, scores);
    Mask::of_entries(scores.iter().map(|s| top.collect(s)).collect())
}

/// The highest scores of each weight, as many as are there `now` of its share of `k`.
fn top_of_each(scores: &[Vec<f32>], k: usize, now: impl Fn(usize) -> usize) -> Mask {
    let quotas = quotas(k, scores.iter().map(Vec::len)).into_iter().map(now);
    let of_weight = |(scores, quota): (&Vec<f32>, usize)| {
        if quota == 0 { Vec::new() } else { TopK::new(quota, std::slice::from_ref(scores)).collect(scores) }
    };
    Mask::of_entries(scores.iter().zip(quotas).map(of_weight).collect())
}

/// The same of each output feature, which is a column of a linear layer and a row of a table.
fn top_of_rows(scores: &[Vec<f32>], k: usize, now: impl Fn(usize) -> usize, model: &impl Adaptable) -> Mask {
    let weights = model.weights();
    // The rows of all weights as if each were a weight: first with the positions that each has.
    let rows: Vec<Vec<Vec<u32>>> = weights.iter().zip(scores).map(|(w, s)| features(w, s.len())).collect();
    let of_rows: Vec<Vec<f32>> = rows
        .iter()
        .zip(scores)
        .flat_map(|(rows, scores)| {
            rows.iter().map(|row| row.iter().map(|&p| scores[p as usize]).collect::<Vec<f32>>())
        })
        .collect();
    let mut quotas = quotas(k, of_rows.iter().map(Vec::len)).into_iter().map(now).zip(&of_rows);
    let of_weight = |rows: &Vec<Vec<u32>>| {
        let mut chosen: Vec<u32> = Vec::new();
        for (row, (quota, scores)) in rows.iter().zip(&mut quotas) {
            if quota > 0 {
                let places = TopK::new(quota, std::slice::from_ref(scores)).collect(scores);
                chosen.extend(places.into_iter().map(|place| row[place as usize]));
            }
        }
        chosen.sort_unstable();
        chosen
    };
    Mask::of_entries(rows.iter().map(of_weight).collect())
}

/// The positions of each output feature of a weight that has scores for `entries` entries, all or none.
fn features(weight: &Weight, entries: usize) -> Vec<Vec<u32>> {
    if entries == 0 {
        return Vec::new();
    }
    let [rows, columns] = weight.shape().map(|of| of as u32);
    match weight.layout() {
        FileLayout::AsIs => (0..rows).map(|row| (row * columns..(row + 1) * columns).collect()).collect(),
        FileLayout::Transposed => {
            (0..columns).map(|column| (0..rows).map(|row| row * columns + column).collect()).collect()
        }
    }
}

/// `k` divided over parts of these sizes in proportion, `k` in all and at most the size for each.
fn quotas(k: usize, sizes: impl Iterator<Item = usize> + Clone) -> Vec<usize> {
    let all: u128 = sizes.clone().map(|size| size as u128).sum();
    let mut before: u128 = 0;
    // What all parts up to one have together is rounded down, so that the rests add up and none is lost.
    let up_to = |size: u128| (k as u128 * size).checked_div(all).unwrap_or(0) as usize;
    let quota = |size: usize| {
        let start = up_to(before);
        before += size as u128;
        up_to(before) - start
    };
    sizes.map(quota).collect()
}

#[cfg(test)]
mod tests {
    use super::quotas;

    #[test]
    fn quotas_are_in_proportion_and_lose_nothing() {
        assert_eq!(quotas(5, [4, 4, 2].into_iter()), [2, 2, 1]);
        assert_eq!(quotas(3, [1, 1, 1, 1].into_iter()), [0, 1, 1, 1]);
        assert_eq!(quotas(4, [1, 1, 1, 1].into_iter()), [1, 1, 1, 1]);
        assert_eq!(quotas(1, [0, 7, 3].into_iter()), [0, 0, 1]);
    }
}
