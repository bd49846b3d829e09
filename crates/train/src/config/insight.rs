//! What a run looks into beside its scores.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[insight]`
///
/// What a training learns and forgets, and what it does to the layers, as files in the folder `insight` of the run and in its report. Everything is
/// off by default, as each takes time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InsightConfig {
    /// After every epoch, lead the model along the target of each training example: whether greedy decoding (within the constraint, unless
    /// `evaluation.decode` is "free") would write just that, and how probable it is. Tells which examples are unforgettable, forgettable or never
    /// learnt. It takes about as long as a third of the training steps.
    pub dynamics: bool,
    /// In the end, compare what each layer of the base and of the trained model makes of scored examples: centred kernel alignment, linear and
    /// RBF. It takes the memory of a second model.
    pub cka: bool,
    /// In the end, measure how smoothly the classes of training examples change over what each layer of the base and of the trained model makes of
    /// them (Besov index). An example of a task that finds spans is of the class of its rarest label.
    pub smoothness: bool,
    /// How many examples `cka` and `smoothness` look at, and a training that stops by smoothness: drawn by `training.seed`, or all if there are
    /// fewer.
    #[schemars(range(min = 2, max = 4096))]
    pub samples: usize,
}

impl Default for InsightConfig {
    fn default() -> Self {
        Self { dynamics: false, cka: false, smoothness: false, samples: 256 }
    }
}

impl InsightConfig {
    /// Whether nothing differs from the default, so that a config need not say it.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
