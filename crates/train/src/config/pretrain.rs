//! Pretraining on texts without labels.

use std::path::PathBuf;

use fishdip_tasks::read::Format;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::ranges::formats;

/// `[pretrain]`
///
/// With this table a config is that of a pretraining, which `fishdip pretrain` runs: the model learns to write what is hidden of texts without
/// labels, by the method and the optimizer of the config, for `training.steps` steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PretrainConfig {
    /// The file of texts, which `--text` names as well; of a simulation of active learning it is the pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<PathBuf>,
    /// Its layout, whose annotations are not looked at. Absent: a text a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "formats")]
    pub format: Option<Format>,
    /// The field or column that holds the text, where several could.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_key: Option<String>,
    /// The share of the texts that is not learned, whose loss is told before and after. 0: none.
    #[schemars(range(min = 0.0, max = 0.9))]
    pub held_out: f64,
    /// The share of the pieces of a text that is hidden.
    #[schemars(range(min = 0.01, max = 0.9))]
    pub rate: f64,
    /// How many pieces in a row are hidden, in the mean.
    #[schemars(range(min = 1.0, max = 100.0))]
    pub mean_span: f64,
}

impl Default for PretrainConfig {
    fn default() -> Self {
        Self { text: None, format: None, text_key: None, held_out: 0.1, rate: 0.15, mean_span: 3.0 }
    }
}

/// The table, which may be absent.
pub(super) fn table(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<PretrainConfig>()
}
