//! Training on what the model itself finds in texts without labels.

use std::path::PathBuf;

use fishdip_tasks::read::Format;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::ranges::formats;

/// `[self_training]`
///
/// With this table a run is several trainings: after one on the labelled examples, the model is asked about texts without labels, and what it is
/// sure of is learned by the next one beside them. Each training begins with the base model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SelfTrainingConfig {
    /// The file of texts, in `data.dir`; of a simulation of active learning they are what is not labelled yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texts: Option<PathBuf>,
    /// Its layout, whose annotations are not looked at. Absent: a text a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "formats")]
    pub format: Option<Format>,
    /// The field or column that holds the text, where several could.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_key: Option<String>,
    /// How often the texts are labelled anew; there is one training more.
    #[schemars(range(min = 1, max = 1000))]
    pub rounds: usize,
    /// A text is learned if what was found there has this probability: a class, else the span or link that is least sure, else the output without
    /// any.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub threshold: f64,
    /// The share of the labelled examples that only the last training learns: the trainings before it calibrate their scores by it. 0: scores are
    /// taken as the model gives them.
    #[schemars(range(min = 0.0, max = 0.9))]
    pub calibration_share: f64,
}

impl Default for SelfTrainingConfig {
    fn default() -> Self {
        Self { texts: None, format: None, text_key: None, rounds: 1, threshold: 0.9, calibration_share: 0.2 }
    }
}

/// The table, which may be absent.
pub(super) fn table(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<SelfTrainingConfig>()
}
