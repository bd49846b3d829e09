//! Why scores cannot be calibrated.

/// Why scores cannot be calibrated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// There are too few scores to tell how often they come true.
    #[error("failed to calibrate the scores: {n} are too few, {least} are needed; give more annotated data")]
    FewScores {
        /// How many there are.
        n: usize,
        /// How many are needed.
        least: usize,
    },
    /// The temperature of some scores was not found.
    #[error(
        "failed to calibrate the scores: no temperature fits the {n} scores; look for scores that are not numbers"
    )]
    NotFitted {
        /// How many there are.
        n: usize,
    },
}
