//! How many steps a mask stays, by the rule `method.every = "auto"`.

use crate::Every;

/// A mask is stable if it takes over at least half of the one before.
const STABLE: f64 = 0.5;

/// The steps to the choice after one that came `now` steps after the one before, with this share of new entries: twice as many while the mask
/// is stable, so that a choice is not paid for that changes little, and half as many, at least [`Every::FIRST`], once it moves again.
pub(super) fn next(now: usize, churn: f64) -> usize {
    if churn <= 1.0 - STABLE { now.saturating_mul(2) } else { (now / 2).max(Every::FIRST) }
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn a_stable_mask_stays_longer() {
        let mut intervals = vec![50];
        for churn in [0.7, 0.5, 0.2, 0.0, 0.6, 0.9, 1.0, 0.51] {
            intervals.push(next(intervals[intervals.len() - 1], churn));
        }
        assert_eq!(intervals, [50, 50, 100, 200, 400, 200, 100, 50, 50]);
    }
}
