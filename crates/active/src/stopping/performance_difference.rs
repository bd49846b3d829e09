//! Scores no longer change.

/// Stops when each of the last `window` rounds changed the score by less than `threshold`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerformanceDifference {
    /// How many changes are looked at, at least 1.
    pub window: usize,
    /// The change of the score, up or down, that counts as none.
    pub threshold: f64,
}

impl Default for PerformanceDifference {
    fn default() -> Self {
        Self { window: 3, threshold: 0.01 }
    }
}

impl PerformanceDifference {
    /// Is it time to stop, after rounds with these scores? A score that is not a number counts as a change.
    pub fn stop(&self, scores: &[f64]) -> bool {
        let window = self.window.max(1);
        let changes = scores.windows(2).rev().take(window);
        changes.clone().count() == window
            && changes.into_iter().all(|pair| (pair[1] - pair[0]).abs() < self.threshold)
    }
}
