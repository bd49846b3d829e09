//! Coreference scores: MUC, B³, CEAF-φ4 and their average.
//!
//! They are those of the official scorer. A mention that is in several clusters counts for the first only. Counts are
//! summed over documents before they are divided.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::assign;
use crate::TokenSpan;

/// Scores of coreference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CorefScore {
    /// The F1 of the average.
    pub f1: f64,
    /// Links (Vilain et al. 1995).
    pub muc: CorefMetric,
    /// Mentions (Bagga and Baldwin 1998).
    pub b3: CorefMetric,
    /// Entities (Luo 2005, with φ4).
    pub ceafe: CorefMetric,
    /// The mean of the three, figure by figure.
    pub average: CorefMetric,
    /// How many gold mentions there are.
    pub n: usize,
}

/// One coreference metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CorefMetric {
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Share of what was predicted.
    pub precision: f64,
    /// Share of what is gold.
    pub recall: f64,
}

/// Counts of the three metrics, summed over documents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CorefCounts {
    muc: Ratios,
    b3: Ratios,
    ceafe: Ratios,
    mentions: usize,
}

/// Numerators and denominators of precision and recall.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Ratios {
    precision: (f64, f64),
    recall: (f64, f64),
}

/// Clusters of distinct mentions, and the cluster of every mention.
struct Partition<'a> {
    clusters: Vec<Vec<&'a TokenSpan>>,
    cluster_of: BTreeMap<&'a TokenSpan, usize>,
}

impl CorefCounts {
    /// Counts one document.
    pub fn add(&mut self, gold: &[Vec<TokenSpan>], predicted: &[Vec<TokenSpan>]) {
        let (gold, predicted) = (Partition::new(gold), Partition::new(predicted));
        self.mentions += gold.cluster_of.len();
        self.muc.add(muc(&predicted, &gold), muc(&gold, &predicted));
        self.b3.add(b3(&predicted, &gold), b3(&gold, &predicted));
        let common = ceafe(&gold, &predicted);
        let count = |partition: &Partition<'_>| partition.clusters.len() as f64;
        self.ceafe.add((common, count(&predicted)), (common, count(&gold)));
    }

    /// The scores.
    pub fn score(&self) -> CorefScore {
        let all = [self.muc.metric(), self.b3.metric(), self.ceafe.metric()];
        let mean = |figure: fn(&CorefMetric) -> f64| all.iter().map(figure).sum::<f64>() / 3.0;
        let average = CorefMetric {
            f1: mean(|metric| metric.f1),
            precision: mean(|metric| metric.precision),
            recall: mean(|metric| metric.recall),
        };
        let [muc, b3, ceafe] = all;
        CorefScore { f1: average.f1, muc, b3, ceafe, average, n: self.mentions }
    }
}

impl AddAssign for CorefCounts {
    fn add_assign(&mut self, other: Self) {
        self.muc.add(other.muc.precision, other.muc.recall);
        self.b3.add(other.b3.precision, other.b3.recall);
        self.ceafe.add(other.ceafe.precision, other.ceafe.recall);
        self.mentions += other.mentions;
    }
}

impl Ratios {
    fn add(&mut self, precision: (f64, f64), recall: (f64, f64)) {
        self.precision = (self.precision.0 + precision.0, self.precision.1 + precision.1);
        self.recall = (self.recall.0 + recall.0, self.recall.1 + recall.1);
    }

    fn metric(self) -> CorefMetric {
        let divide = |(part, whole): (f64, f64)| if whole > 0.0 { part / whole } else { 0.0 };
        let (precision, recall) = (divide(self.precision), divide(self.recall));
        let sum = precision + recall;
        let f1 = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
        CorefMetric { f1, precision, recall }
    }
}

impl<'a> Partition<'a> {
    fn new(clusters: &'a [Vec<TokenSpan>]) -> Self {
        let mut partition = Self { clusters: Vec::new(), cluster_of: BTreeMap::new() };
        for cluster in clusters {
            let index = partition.clusters.len();
            let mut kept = Vec::new();
            for mention in cluster {
                if !partition.cluster_of.contains_key(mention) {
                    partition.cluster_of.insert(mention, index);
                    kept.push(mention);
                }
            }
            if !kept.is_empty() {
                partition.clusters.push(kept);
            }
        }
        partition
    }
}

/// Links of `clusters` that are also in `other`, and all links. A cluster has one link less than mentions.
fn muc(clusters: &Partition<'_>, other: &Partition<'_>) -> (f64, f64) {
    let (mut common, mut links) = (0, 0);
    for cluster in &clusters.clusters {
        let parts: BTreeSet<_> =
            cluster.iter().filter_map(|mention| other.cluster_of.get(*mention)).collect();
        let missing = cluster.iter().filter(|mention| !other.cluster_of.contains_key(**mention)).count();
        links += cluster.len() - 1;
        common += cluster.len() - parts.len() - missing;
    }
    (common as f64, links as f64)
}

/// For every mention the share of its cluster that is also with it in `other`; and the number of mentions.
fn b3(clusters: &Partition<'_>, other: &Partition<'_>) -> (f64, f64) {
    let mut sum = 0.0;
    for cluster in &clusters.clusters {
        let mut parts: BTreeMap<usize, usize> = BTreeMap::new();
        for mention in cluster {
            if let Some(&part) = other.cluster_of.get(*mention) {
                *parts.entry(part).or_default() += 1;
            }
        }
        let pairs: usize = parts.values().map(|count| count * count).sum();
        sum += pairs as f64 / cluster.len() as f64;
    }
    (sum, clusters.cluster_of.len() as f64)
}

/// The summed similarity of the best one-to-one match of gold and predicted clusters.
fn ceafe(gold: &Partition<'_>, predicted: &Partition<'_>) -> f64 {
    let mut common: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (mention, &row) in &gold.cluster_of {
        if let Some(&column) = predicted.cluster_of.get(*mention) {
            *common.entry((row, column)).or_default() += 1;
        }
    }
    // Clusters that share no mention with any other cannot gain, so they need no row or column.
    let rows: BTreeSet<usize> = common.keys().map(|&(row, _)| row).collect();
    let columns: BTreeSet<usize> = common.keys().map(|&(_, column)| column).collect();
    let phi4 = |row: usize, column: usize| {
        let shared = common.get(&(row, column)).copied().unwrap_or(0);
        2.0 * shared as f64 / (gold.clusters[row].len() + predicted.clusters[column].len()) as f64
    };
    let gains: Vec<Vec<f64>> =
        rows.iter().map(|&row| columns.iter().map(|&column| phi4(row, column)).collect()).collect();
    let matched = assign(&gains).into_iter().enumerate();
    matched.filter_map(|(row, column)| Some(gains[row][column?])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clusters(text: &str) -> Vec<Vec<TokenSpan>> {
        let mention = |letter: char| TokenSpan::new(letter as usize, letter as usize + 1);
        text.split(' ').filter(|c| !c.is_empty()).map(|c| c.chars().map(mention).collect()).collect()
    }

    fn score(gold: &str, predicted: &str) -> CorefScore {
        let mut counts = CorefCounts::default();
        counts.add(&clusters(gold), &clusters(predicted));
        counts.score()
    }

    fn check(metric: CorefMetric, recall: f64, precision: f64) {
        assert!((metric.recall - recall).abs() < 1e-9, "{metric:?} {recall}");
        assert!((metric.precision - precision).abs() < 1e-9, "{metric:?} {precision}");
    }

    #[test]
    fn missing_and_extra_mentions() {
        let found = score("a bc def", "a bcx dy z");
        check(found.muc, 1.0 / 3.0, 1.0 / 3.0);
        check(found.b3, 5.0 / 9.0, 17.0 / 42.0);
        check(found.ceafe, 2.2 / 3.0, 2.2 / 4.0);
        assert!((found.f1 - (1.0 / 3.0 + 0.468_341 + 4.4 / 7.0) / 3.0).abs() < 1e-5);
        assert_eq!(found.n, 6);
    }

    #[test]
    fn a_repeated_mention_counts_once() {
        assert_eq!(score("a bc def", "a bcx dy bz"), score("a bc def", "a bcx dy z"));
        assert_eq!(score("ab", "aab"), score("ab", "ab"));
    }

    #[test]
    fn nothing_scores_zero() {
        assert_eq!(score("", ""), CorefScore::default());
        check(score("ab", "").average, 0.0, 0.0);
    }

    #[test]
    fn documents_are_pooled() {
        let mut counts = CorefCounts::default();
        counts.add(&clusters("ab"), &clusters("ab"));
        counts.add(&clusters("abc"), &clusters(""));
        check(counts.score().muc, 1.0 / 3.0, 1.0);
        check(counts.score().ceafe, 0.5, 1.0);
    }
}
