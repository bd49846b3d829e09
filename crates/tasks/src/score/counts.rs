//! Precision, recall and F1.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How many items are gold, predicted, and both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Gold items.
    pub gold: usize,
    /// Predicted items.
    pub predicted: usize,
    /// Items that are both.
    pub correct: usize,
}

impl Counts {
    /// Correct among predicted; 0 if nothing was predicted.
    pub fn precision(self) -> f64 {
        fraction(self.correct, self.predicted)
    }

    /// Correct among gold; 0 if nothing is gold.
    pub fn recall(self) -> f64 {
        fraction(self.correct, self.gold)
    }

    /// The harmonic mean of both; 0 if nothing is correct.
    pub fn f1(self) -> f64 {
        if self.correct == 0 { 0.0 } else { 2.0 / (1.0 / self.precision() + 1.0 / self.recall()) }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.gold += other.gold;
        self.predicted += other.predicted;
        self.correct += other.correct;
    }
}

/// `part` of `whole`, or 0 of nothing.
pub(super) fn fraction(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn nothing_scores_zero() {
        let nothing = Counts::default();
        assert_eq!([nothing.precision(), nothing.recall(), nothing.f1()], [0.0; 3]);
        let wrong = Counts { gold: 2, predicted: 3, correct: 0 };
        assert_eq!(wrong.f1(), 0.0);
    }

    #[test]
    fn by_hand() {
        let counts = Counts { gold: 4, predicted: 2, correct: 1 };
        assert_eq!([counts.precision(), counts.recall()], [0.5, 0.25]);
        assert!((counts.f1() - 1.0 / 3.0).abs() < 1e-12);
    }
}
