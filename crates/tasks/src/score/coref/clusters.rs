//! Clusters of one side, compared with those of the other.

use std::collections::{BTreeMap, BTreeSet};

use super::super::assign;
use crate::TokenSpan;

/// The clusters that have mentions, and for every mention the clusters that it is in.
///
/// Where the clusters part the mentions, as those of an output always do, all that is here is what the
/// metrics' papers say. Where they do not, it is what the programs do.
pub(super) struct Clusters<'a> {
    all: Vec<Vec<&'a TokenSpan>>,
    pub(super) of: BTreeMap<&'a TokenSpan, BTreeSet<usize>>,
}

impl<'a> Clusters<'a> {
    pub(super) fn new(clusters: impl IntoIterator<Item = Vec<&'a TokenSpan>>) -> Self {
        // Without empty ones, which have no links to count and no mentions to divide by.
        let all: Vec<_> = clusters.into_iter().filter(|cluster| !cluster.is_empty()).collect();
        let mut of: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (index, cluster) in all.iter().enumerate() {
            for mention in cluster {
                of.entry(*mention).or_default().insert(index);
            }
        }
        Self { all, of }
    }

    /// How many clusters there are.
    pub(super) fn count(&self) -> f64 {
        self.all.len() as f64
    }

    /// How many links hold the clusters together: one less each than there are mentions.
    pub(super) fn links(&self) -> f64 {
        self.all.iter().map(|cluster| cluster.len() - 1).sum::<usize>() as f64
    }

    /// How many mentions there are, each as often as it stands.
    pub(super) fn mentions(&self) -> f64 {
        self.all.iter().map(Vec::len).sum::<usize>() as f64
    }

    /// The same with every mention once in a cluster.
    pub(super) fn without_repeats(&self) -> Self {
        let once = |cluster: &Vec<&'a TokenSpan>| {
            let mut seen = BTreeSet::new();
            cluster.iter().copied().filter(|mention| seen.insert(*mention)).collect()
        };
        Self::new(self.all.iter().map(once))
    }

    /// The last cluster that a mention is in.
    fn last(&self, mention: &TokenSpan) -> Option<usize> {
        self.of.get(mention)?.last().copied()
    }

    /// How many mentions of a cluster have each cluster of `other` as their last.
    fn parts(&self, cluster: usize, other: &Self) -> BTreeMap<usize, usize> {
        let mut parts = BTreeMap::new();
        for part in self.all[cluster].iter().filter_map(|mention| other.last(mention)) {
            *parts.entry(part).or_default() += 1;
        }
        parts
    }

    /// MUC: the links of these clusters that `other` has as well.
    pub(super) fn common_links(&self, other: &Self) -> f64 {
        // Those of its mentions that `other` has in one cluster are held together there as well, by one link
        // less than they are.
        let common = |cluster| self.parts(cluster, other).values().map(|count| count - 1).sum::<usize>();
        (0..self.all.len()).map(common).sum::<usize>() as f64
    }

    /// B³: for every mention the share of its cluster that is also in its last cluster of `other`, and the
    /// share of that which is here.
    pub(super) fn shares(&self, other: &Self) -> (f64, f64) {
        let (mut here, mut there) = (0.0, 0.0);
        for cluster in &self.all {
            let mut common: BTreeMap<usize, usize> = BTreeMap::new();
            for part in cluster.iter().filter_map(|mention| other.of.get(*mention)).flatten() {
                *common.entry(*part).or_default() += 1;
            }
            for part in cluster.iter().filter_map(|mention| other.last(mention)) {
                here += common[&part] as f64 / cluster.len() as f64;
                there += common[&part] as f64 / other.all[part].len() as f64;
            }
        }
        (here, there)
    }

    /// B³ as the original has it: for every mention the share of its cluster that has the same last cluster.
    pub(super) fn shares_within(&self, other: &Self) -> f64 {
        let share = |cluster| {
            let pairs: usize = self.parts(cluster, other).values().map(|count| count * count).sum();
            pairs as f64 / self.all[cluster].len() as f64
        };
        (0..self.all.len()).map(share).sum()
    }

    /// CEAF: the summed similarity of the best one-to-one match with `other`.
    pub(super) fn similarity(&self, other: &Self) -> f64 {
        let mut common: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (row, cluster) in self.all.iter().enumerate() {
            for column in cluster.iter().filter_map(|mention| other.of.get(*mention)).flatten() {
                *common.entry((row, *column)).or_default() += 1;
            }
        }
        // Clusters that share no mention with any other cannot gain, so they need no row or column.
        let rows: BTreeSet<usize> = common.keys().map(|&(row, _)| row).collect();
        let columns: BTreeSet<usize> = common.keys().map(|&(_, column)| column).collect();
        let phi4 = |row: usize, column: usize| {
            let shared = common.get(&(row, column)).copied().unwrap_or(0);
            2.0 * shared as f64 / (self.all[row].len() + other.all[column].len()) as f64
        };
        let gains: Vec<Vec<f64>> =
            rows.iter().map(|&row| columns.iter().map(|&column| phi4(row, column)).collect()).collect();
        let matched = assign(&gains).into_iter().enumerate();
        matched.filter_map(|(row, column)| Some(gains[row][column?])).sum()
    }
}
