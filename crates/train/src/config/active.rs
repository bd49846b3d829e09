//! A simulation of active learning.

use fishdip_active::strategy;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    /// Steps of a pretraining on the texts of the whole pool, whose adapter the first round begins with, and every other one that is trained anew;
    /// [pretrain] says how. 0: none.
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub pretrain_steps: usize,
    /// Whether examples are chosen by what a word to read is worth, rather than an example.
    pub per_word: bool,
    /// Passes with dropout (`training.dropout`), for the strategies that look at these.
    #[schemars(range(min = 2, max = 1000))]
    pub passes: usize,
    /// What ends the asking before the budget is spent.
    pub stop: StopName,
    /// What `stop` compares with. Absent: 0.05 of the largest mean entropy, a change of 0.01 of the score, a mean agreement of 0.99.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub stop_threshold: Option<f64>,
    /// How many rounds `performance-difference` and `stabilizing-predictions` look at, each with the one before it.
    #[schemars(range(min = 1, max = 1000))]
    pub stop_window: usize,
    /// The folder of a run on the same data with `insight.dynamics`: of each round's new labels is told how many are unforgettable, forgettable
    /// or never learnt by that training. Absent: by the round's own, where `insight.dynamics` is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynamics: Option<PathBuf>,
}

/// Values of `active.stop`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StopName {
    /// Nothing does.
    #[default]
    Budget,
    /// The model is sure of what is left: the mean entropy of its classes, as a share of the largest possible, is below the threshold. For tasks
    /// that choose a class; after every round the model is asked about every unlabelled text.
    OverallUncertainty,
    /// The score changes by less than the threshold in each of the last rounds. It looks at the labels of the scored data.
    PerformanceDifference,
    /// What is predicted for the scored data, whose labels are not looked at, hardly changes: the mean agreement of the last rounds (Cohen's kappa,
    /// over words where spans are found, else over examples) is the threshold or more.
    StabilizingPredictions,
}

impl StopName {
    /// As a config has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::OverallUncertainty => "overall-uncertainty",
            Self::PerformanceDifference => "performance-difference",
            Self::StabilizingPredictions => "stabilizing-predictions",
        }
    }
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
            pretrain_steps: 0,
            per_word: false,
            passes: 30,
            stop: StopName::Budget,
            stop_threshold: None,
            stop_window: 3,
            dynamics: None,
        }
    }
}

/// The table, which may be absent.
pub(super) fn table(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<ActiveConfig>()
}

/// Whether the strategy of this name looks at passes with dropout.
pub(super) fn takes_passes(strategy: &str) -> bool {
    ["mc-dropout", "mc-mean-entropy", "bald"].contains(&strategy)
}

/// Names of strategies.
fn strategies(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = strategy::ALL.iter().map(|strategy| strategy.name()).collect();
    json_schema!({ "type": "string", "enum": names })
}
