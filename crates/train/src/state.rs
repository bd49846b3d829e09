//! How far a training has come.

use fishdip_peft::{Mask, MaskedOptimizer};

use crate::RunConfig;

/// Everything that a training needs to go on, beside its config, its data and the values of its model: what happens at a step is a pure
/// function of these.
#[derive(Debug)]
pub struct TrainState {
    /// Optimizer steps made.
    pub step: usize,
    /// The entries that are trained now; none before the first choice.
    pub mask: Mask,
    /// The entries that were in any mask, and so may differ from the base model.
    pub touched: Mask,
    /// Moments of the trained entries.
    pub optimizer: MaskedOptimizer,
    /// The loss of every training example in its last step.
    pub recorded: Vec<Option<f32>>,
    /// What it took so far.
    pub timing: Timing,
}

/// What a training took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timing {
    /// Seconds of all optimizer steps.
    pub steps: f64,
    /// How often a mask was chosen.
    pub refreshes: usize,
    /// Seconds of all choices.
    pub refresh: f64,
}

impl TrainState {
    /// The state before the first step of `config` on `examples` examples.
    pub fn new(config: &RunConfig, examples: usize) -> Self {
        Self {
            step: 0,
            mask: Mask::default(),
            touched: Mask::default(),
            optimizer: MaskedOptimizer::new(config.optimizer.masked()),
            recorded: vec![None; examples],
            timing: Timing::default(),
        }
    }
}
