//! Which examples are scored, such that every label is about as frequent in all parts.

use std::collections::BTreeMap;

use crate::schedule::{Purpose, permutation, seed};

/// Examples with the same text, and what they are drawn by.
#[derive(Default)]
pub(super) struct Group {
    pub(super) members: Vec<usize>,
    pub(super) labels: Vec<String>,
}

/// Which of the `count` examples are held out for a share: one group at least, and not all. A label that no two texts have is not held out.
pub(super) fn share(groups: &mut [Group], count: usize, share: f64, run_seed: u64) -> Vec<bool> {
    let strata = strata(groups, run_seed);
    let mut held_out = vec![false; count];
    let (mut seen, mut taken) = (0.0, 0.0);
    // Where the groups of rare labels are too few for the share, `taken` falls behind `seen`, and the frequent labels after them make up for it.
    for stratum in &strata {
        seen += stratum.iter().map(|&group| groups[group].members.len() as f64).sum::<f64>();
        // The first group stays, so that the label it was drawn by is not held out altogether.
        for &group in &stratum[1..] {
            let size = groups[group].members.len() as f64;
            if taken + size / 2.0 > share * seen {
                break;
            }
            taken += size;
            groups[group].members.iter().for_each(|&member| held_out[member] = true);
        }
    }
    // A share that is too small for any group still needs something to score.
    if taken == 0.0
        && let Some(stratum) = strata.iter().max_by_key(|stratum| stratum.len())
    {
        groups[stratum[0]].members.iter().for_each(|&member| held_out[member] = true);
    }
    held_out
}

/// Which of the `count` examples are in the fold `fold`, from 1, of `folds`. Each is in one, and no fold is empty if there are as many groups.
pub(super) fn fold(
    groups: &mut [Group],
    count: usize,
    (fold, folds): (usize, usize),
    run_seed: u64,
) -> Vec<bool> {
    let mut held_out = vec![false; count];
    let mut sizes = vec![0; folds];
    for stratum in strata(groups, run_seed) {
        let mut of_stratum = vec![0; folds];
        for group in stratum {
            let members = &groups[group].members;
            // The fold that has fewest of the label, and of these the smallest.
            let into = (0..folds).min_by_key(|&fold| (of_stratum[fold], sizes[fold])).unwrap_or(0);
            of_stratum[into] += members.len();
            sizes[into] += members.len();
            if into + 1 == fold {
                for &member in members {
                    held_out[member] = true;
                }
            }
        }
    }
    held_out
}

/// The groups by their rarest label, the rarest first, each in an order drawn with the seed.
fn strata(groups: &mut [Group], run_seed: u64) -> Vec<Vec<usize>> {
    let mut frequency: BTreeMap<String, usize> = BTreeMap::new();
    for group in groups.iter_mut() {
        group.labels.sort_unstable();
        group.labels.dedup();
        for label in &group.labels {
            *frequency.entry(label.clone()).or_default() += 1;
        }
    }
    let mut strata: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    for index in permutation(groups.len(), seed(run_seed, Purpose::HeldOut, 0)) {
        let labels = groups[index].labels.iter();
        let rarest = labels.map(|label| (frequency[label], label.as_str())).min();
        strata.entry(rarest.unwrap_or((usize::MAX, ""))).or_default().push(index);
    }
    strata.into_values().collect()
}
