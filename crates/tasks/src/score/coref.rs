//! Coreference scores: MUC, B³, CEAF-φ4 and their average.
//!
//! They are those of the official scorer, version 8.01, also where a mention is in several clusters: of the
//! output such a mention counts for the first only; in the gold it is a mention of each, and of those the
//! last is what an output is compared with. Counts are summed over documents before they are divided.

mod clusters;

use std::collections::BTreeSet;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use clusters::Clusters;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CorefCounts {
    muc: Ratios,
    b3: Ratios,
    ceafe: Ratios,
    mentions: usize,
}

/// Numerators and denominators of precision and recall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Ratios {
    precision: (f64, f64),
    recall: (f64, f64),
}

impl CorefCounts {
    /// Counts one document.
    pub fn add(&mut self, gold: &[Vec<TokenSpan>], predicted: &[Vec<TokenSpan>]) {
        let gold = Clusters::new(gold.iter().map(|cluster| cluster.iter().collect()));
        let mut seen = BTreeSet::new();
        // As in the official scorer: of a mention that the output repeats only the first counts, but if the
        // gold does not have it, all of them count.
        let mut is_kept = |mention: &&TokenSpan| seen.insert(**mention) || !gold.of.contains_key(*mention);
        let kept = predicted.iter().map(|cluster| cluster.iter().filter(&mut is_kept).collect());
        let predicted = Clusters::new(kept);
        let links = predicted.common_links(&gold);
        self.mentions += gold.of.len();
        self.muc.add((links, predicted.links()), (links, gold.links()));
        let (precision, recall) = predicted.shares(&gold);
        self.b3.add((precision, predicted.mentions()), (recall, gold.mentions()));
        let common = gold.similarity(&predicted);
        self.ceafe.add((common, predicted.count()), (common, gold.count()));
    }

    /// Counts one document as the original program's Python does: recall is counted over the gold's clusters
    /// as precision is over those of the output, which differs from [`CorefCounts::add`] where a mention is
    /// in two clusters.
    pub fn add_by_gold(&mut self, gold: &[Vec<TokenSpan>], predicted: &[Vec<TokenSpan>]) {
        let [gold, predicted] = [gold, predicted]
            .map(|clusters| Clusters::new(clusters.iter().map(|cluster| cluster.iter().collect())));
        self.mentions += gold.of.len();
        let muc = |clusters: &Clusters<'_>, other| (clusters.common_links(other), clusters.links());
        self.muc.add(muc(&predicted, &gold), muc(&gold, &predicted));
        let b3 = |clusters: &Clusters<'_>, other| (clusters.shares_within(other), clusters.mentions());
        self.b3.add(b3(&predicted, &gold), b3(&gold, &predicted));
        let common = gold.without_repeats().similarity(&predicted.without_repeats());
        self.ceafe.add((common, predicted.count()), (common, gold.count()));
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

    /// Recall and precision that the official scorer 8.01 prints.
    #[test]
    fn mentions_of_two_clusters_count_as_in_the_official_scorer() {
        for (gold, predicted, muc, b3, ceafe) in [
            ("as at", "at", (0.5, 1.0), (0.5, 1.0), (0.5, 1.0)),
            ("as at", "as", (0.0, 0.0), (0.375, 0.75), (0.5, 1.0)),
            ("as at", "ast", (0.5, 0.5), (0.75, 2.0 / 3.0), (0.4, 0.8)),
            ("abc cde", "abcde", (0.75, 0.75), (5.0 / 6.0, 0.6), (0.375, 0.75)),
            ("abc ab", "ab c", (1.0 / 3.0, 1.0), (7.0 / 15.0, 1.0), (0.75, 0.75)),
            ("abcd cdef efgh", "cdef abgh", (4.0 / 9.0, 4.0 / 6.0), (5.0 / 12.0, 0.625), (0.5, 0.75)),
            // Twice in one cluster; twice in the output, of the gold or not.
            ("aab bc", "abx cb xd", (0.0, 0.0), (1.0 / 3.0, 1.0 / 3.0), (5.0 / 6.0, 5.0 / 9.0)),
            ("abc xyz", "axx bxy", (0.0, 0.0), (2.0 / 9.0, 0.5), (0.4, 0.4)),
        ] {
            let found = score(gold, predicted);
            check(found.muc, muc.0, muc.1);
            check(found.b3, b3.0, b3.1);
            check(found.ceafe, ceafe.0, ceafe.1);
        }
    }

    /// The figures that coreference_metrics.py of TANL gives.
    #[test]
    fn the_original_counts_recall_by_the_clusters_of_the_gold() {
        let mut counts = CorefCounts::default();
        counts.add_by_gold(&clusters("as at"), &clusters("at"));
        check(counts.score().muc, 0.5, 1.0);
        check(counts.score().b3, 0.625, 1.0);
        check(counts.score().ceafe, 0.5, 1.0);
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
