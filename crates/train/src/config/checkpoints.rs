//! When a run is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[checkpoints]`
///
/// A run that was stopped, killed or out of space goes on from its last checkpoint with `train --resume RUN`. There is one at the end, on SIGINT
/// and SIGTERM, and where the scores are the best so far, whatever stands here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CheckpointsConfig {
    /// One after so many steps. 0: not by steps.
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub every: usize,
    /// One after so many minutes. 0: not by time.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub minutes: f64,
    /// How many of the last ones stay. That of the best scores stays as well.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub keep: usize,
    /// The type of the replaced values in the adapter. The run is scored with the values that the adapter has.
    pub adapter_values: AdapterValues,
}

/// Values of `checkpoints.adapter_values`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdapterValues {
    /// Rounded to 16 bits: an entry takes about 3 bytes with its position.
    #[default]
    Bf16,
    /// As they were trained: an entry takes about 5 bytes.
    F32,
}

impl Default for CheckpointsConfig {
    fn default() -> Self {
        Self { every: 100, minutes: 10.0, keep: 1, adapter_values: AdapterValues::Bf16 }
    }
}
