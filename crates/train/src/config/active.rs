//! A simulation of active learning.

use fishdip_active::strategy;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// `[active]`
///
/// With this table a config is that of a simulation of active learning, which `fishdip active` runs: the training file is a pool, of which labels
/// are asked for in rounds; after each a model is trained on what is labelled and scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ActiveConfig {
    /// How the examples to label are chosen from the second round on.
    #[schemars(schema_with = "strategies")]
    pub strategy: String,
    /// Examples labelled in the first round.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub start: usize,
    /// How these are chosen.
    pub start_method: StartMethod,
    /// Examples labelled in each round after that.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub query: usize,
    /// Examples labelled in the end.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub budget: usize,
    /// Whether each round trains the base model anew, rather than the model of the round before.
    pub reinitialise: bool,
    /// Whether examples are chosen by what a word to read is worth, rather than an example.
    pub per_word: bool,
    /// Passes with dropout (`training.dropout`), for the strategies that look at these.
    #[schemars(range(min = 2, max = 1000))]
    pub passes: usize,
}

/// Values of `active.start_method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StartMethod {
    /// At random.
    Random,
    /// At random, as many of each class; of spans, of each label, by the rarest of an example.
    Stratified,
    /// One of each of as many clusters of what the base model's encoder makes of the texts.
    Diverse,
}

impl Default for ActiveConfig {
    fn default() -> Self {
        Self {
            strategy: "random".to_owned(),
            start: 100,
            start_method: StartMethod::Random,
            query: 50,
            budget: 1000,
            reinitialise: true,
            per_word: false,
            passes: 30,
        }
    }
}

/// The table, which may be absent.
pub(super) fn table(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<ActiveConfig>()
}

/// Names of strategies.
fn strategies(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = strategy::ALL.iter().map(|strategy| strategy.name()).collect();
    json_schema!({ "type": "string", "enum": names })
}
