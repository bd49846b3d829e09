//! When to stop asking: pure functions of what each round measured, so that a resumed run decides the same.
//!
//! | criterion | stops when | looks at |
//! |---|---|---|
//! | [`OverallUncertainty`] | the model is sure of what is left | probabilities of the unlabelled |
//! | [`PerformanceDifference`] | scores no longer change | scores on held-out data, a round each |
//! | [`StabilizingPredictions`] | predictions no longer change | [`kappa`] of each round's predictions with the last |

mod overall_uncertainty;
mod performance_difference;
mod stabilizing_predictions;

pub use overall_uncertainty::OverallUncertainty;
pub use performance_difference::PerformanceDifference;
pub use stabilizing_predictions::{StabilizingPredictions, kappa};
