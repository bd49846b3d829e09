//! How far scores can be taken as probabilities.

use serde::Serialize;

/// Bins of a [`Calibration`].
const BINS: usize = 10;

/// Something that was found, the probability that was given for it, and whether it is right.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Its label.
    pub label: String,
    /// Its score, a probability.
    pub score: f64,
    /// Whether the gold has it.
    pub right: bool,
}

/// Scores beside how often they come true: the reliability table of Guo et al. (2017, arXiv 1706.04599). Its
/// numbers have six digits after the point.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// How many scores there are.
    pub n: usize,
    /// The mean over all scores of the distance between the mean score of a bin and the share that is right
    /// in it. 0: a score is a probability.
    pub expected_calibration_error: f64,
    /// Ten bins of equal width, from 0 to 1.
    pub bins: Vec<CalibrationBin>,
}

/// The scores above `from` and up to `to`; the first bin has 0 as well.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// How many scores are in it.
    pub n: usize,
    /// Their mean; nothing if there are none.
    pub mean_score: Option<f64>,
    /// The share of what they were given for that is right; nothing if there are none.
    pub share_right: Option<f64>,
}

impl Calibration {
    /// The table of `judged`; nothing if that is empty.
    pub fn of<'a>(judged: impl IntoIterator<Item = &'a Judged>) -> Option<Self> {
        let mut sums = [(0_usize, 0.0_f64, 0_usize); BINS];
        for Judged { score, right, .. } in judged {
            let bin = (1..BINS).filter(|&i| *score > edge(i)).count();
            let (n, scores, rights) = &mut sums[bin];
            *n += 1;
            *scores += score;
            *rights += usize::from(*right);
        }
        let n: usize = sums.iter().map(|(n, ..)| n).sum();
        let bin = |(i, &(n, scores, rights)): (usize, &(usize, f64, usize))| {
            let mean = |sum: f64| (n > 0).then(|| rounded(sum / n as f64));
            let (mean_score, share_right) = (mean(scores), mean(rights as f64));
            CalibrationBin { from: edge(i), to: edge(i + 1), n, mean_score, share_right }
        };
        // n × |mean score - share right| of a bin.
        let distance: f64 = sums.iter().map(|(_, scores, rights)| (scores - *rights as f64).abs()).sum();
        let bins = sums.iter().enumerate().map(bin).collect();
        (n > 0).then(|| Self { n, expected_calibration_error: rounded(distance / n as f64), bins })
    }
}

fn edge(index: usize) -> f64 {
    index as f64 / BINS as f64
}

/// With six digits after the point, which a file keeps exactly.
pub(super) fn rounded(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn judged(scores: &[(f64, bool)]) -> Vec<Judged> {
        scores.iter().map(|&(score, right)| Judged { label: "A".to_owned(), score, right }).collect()
    }

    #[test]
    fn by_hand() {
        // Above 0.9: mean 0.95, right 1/2. Up to 0.3: mean 0.25, right 0.
        let table = Calibration::of(&judged(&[(0.98, true), (0.92, false), (0.3, false), (0.2001, false)]));
        let Calibration { n, expected_calibration_error, bins } = table.unwrap();
        assert_eq!((n, bins.len()), (4, 10));
        let expected = (2.0 * 0.45 + 2.0 * 0.250_05) / 4.0;
        assert!((expected_calibration_error - expected).abs() < 1e-6, "{expected_calibration_error}");
        assert_eq!(bins.iter().map(|bin| bin.n).collect::<Vec<_>>(), [0, 0, 2, 0, 0, 0, 0, 0, 0, 2]);
        assert!((bins[9].mean_score.unwrap() - 0.95).abs() < 1e-12);
        assert_eq!((bins[9].share_right, bins[2].share_right), (Some(0.5), Some(0.0)));
        assert_eq!((bins[0].mean_score, bins[0].share_right), (None, None));
    }

    #[test]
    fn a_score_on_an_edge_belongs_to_the_bin_below() {
        for (score, bin) in [(0.0, 0), (0.1, 0), (0.100_001, 1), (0.7, 6), (0.9, 8), (1.0, 9), (1.000_001, 9)]
        {
            let table = Calibration::of(&judged(&[(score, true)])).unwrap();
            assert_eq!(table.bins.iter().position(|bin| bin.n == 1), Some(bin), "{score}");
        }
        assert_eq!(Calibration::of(&[]), None);
    }
}
