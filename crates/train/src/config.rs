//! The run config: one TOML file, `key=value` overrides, unknown keys refused.

mod active;
mod checkpoints;
mod column;
mod compat;
mod data;
mod every;
mod idle;
mod insight;
mod method;
mod optimization;
mod overrides;
pub(crate) mod parse;
mod pretrain;
mod ranges;
mod schema_file;
mod self_training;
mod setting;
mod task;

pub use active::{ActiveConfig, StartMethod, StopName};
pub use checkpoints::{AdapterValues, CheckpointsConfig};
pub use compat::{CompatConfig, CompatPreset};
pub use data::{DataConfig, EpisodeConfig, ExampleOrder, LongSources};
pub(crate) use data::{USUAL_PIECES, USUAL_SHARE};
pub use every::Every;
pub use insight::InsightConfig;
pub use method::{AdditionName, BottleneckTable, LossSource, MethodConfig, MethodName};
pub use optimization::{
    AverageName, GradientName, LossName, OptimizerConfig, OptimizerName, Schedule, TrainingConfig, Watch,
};
pub(crate) use overrides::{Override, path as keys_of};
pub(crate) use parse::nearest;
pub use pretrain::PretrainConfig;
pub use schema_file::read_schema;
pub(crate) use schema_file::read_toml;
pub use self_training::SelfTrainingConfig;
pub use setting::Setting;
pub use task::TaskConfig;

use fishdip_peft::{FishDip, MaskedOptimizerConfig, UpdateRule};
use fishdip_t5::Precision;
use fishdip_tasks::{Mode, TaskKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

use crate::Error;

/// Everything that decides the result of a run. Paths are relative to the working directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// The base model.
    pub model: ModelConfig,
    /// The data.
    pub data: DataConfig,
    /// The task.
    pub task: TaskConfig,
    /// What is trained.
    #[serde(default)]
    pub method: MethodConfig,
    /// The optimizer.
    #[serde(default)]
    pub optimizer: OptimizerConfig,
    /// The training loop.
    #[serde(default)]
    pub training: TrainingConfig,
    /// Decoding and scoring.
    #[serde(default)]
    pub evaluation: EvaluationConfig,
    /// When a run is kept.
    #[serde(default)]
    pub checkpoints: CheckpointsConfig,
    /// What a run looks into beside its scores.
    #[serde(default, skip_serializing_if = "InsightConfig::is_default")]
    pub insight: InsightConfig,
    /// A simulation of active learning. Absent: one training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "active::table")]
    pub active: Option<ActiveConfig>,
    /// A pretraining on texts without labels. Absent: a training on labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "pretrain::table")]
    pub pretrain: Option<PretrainConfig>,
    /// Trainings that learn from what the model itself finds in texts without labels. Absent: labelled examples alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "self_training::table")]
    pub self_training: Option<SelfTrainingConfig>,
    /// What the training loop does as the original program of FISH-DIP, one switch each. `compat = "reference"`, above all sections, is short for this
    /// table with that `preset`.
    #[serde(default, skip_serializing_if = "CompatConfig::is_default")]
    #[schemars(schema_with = "compat::schema")]
    pub compat: CompatConfig,
}

/// `[model]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// A Hugging Face T5 folder, or the name of a model on the hub that was fetched.
    pub path: PathBuf,
    /// The float type of weights and activations: `f32`, or `bf16` where the device has it.
    #[serde(default)]
    pub dtype: Precision,
    /// An adapter of this model, trained by an earlier run: training goes on from it, and tables of labels that the config leaves out are its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<PathBuf>,
}

/// `[evaluation]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluationConfig {
    /// At most this many examples are decoded together.
    #[schemars(range(min = 1, max = 65_536))]
    pub batch_size: usize,
    /// At most this many source pieces are decoded together, padding included; a longer source is decoded alone.
    #[schemars(range(min = 1, max = 16_777_216))]
    pub batch_pieces: usize,
    /// An output ends after this many pieces; that of a window of a longer example, after twice `data.max_source_pieces` if that is more.
    #[schemars(range(min = 1, max = 65_536))]
    pub max_output_pieces: usize,
    /// Outputs that are followed at once. 1: only the one that is best so far.
    #[schemars(range(min = 1, max = 256))]
    pub beams: usize,
    /// How many pieces are copied from the source before the model is asked whether it agrees, in constrained decoding with one beam. It
    /// changes the time, not the output.
    #[schemars(range(min = 0, max = 1024))]
    pub draft: usize,
    /// Score the base model as well, before training.
    pub before: bool,
    /// Score after so many steps, and keep the best: the adapter is then that of the step with the best scores. 0: only after training.
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub every: usize,
    /// What the model may write.
    pub decode: DecodeName,
}

/// Values of `evaluation.decode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DecodeName {
    /// At every step the most probable piece of those that lead to an output without a fault.
    #[default]
    Constrained,
    /// At every step the most probable piece.
    Free,
    /// The best of several outputs without a fault: `evaluation.beams` of them, or 4 if that is 1.
    Beam,
}

impl EvaluationConfig {
    /// Refuses a value out of its range, wherever the config comes from.
    pub fn check(&self) -> Result<(), Error> {
        ranges::check("evaluation", self)
    }

    /// How many outputs are followed at once.
    pub(crate) fn searched(&self) -> usize {
        match self.decode {
            DecodeName::Beam if self.beams == 1 => 4,
            _ => self.beams,
        }
    }
}

impl Default for EvaluationConfig {
    fn default() -> Self {
        Self {
            batch_size: 32,
            batch_pieces: 4096,
            max_output_pieces: 256,
            beams: 1,
            draft: 8,
            before: true,
            every: 0,
            decode: DecodeName::Constrained,
        }
    }
}

impl RunConfig {
    /// Reads the file at `path` and applies `overrides` (`key.path=value`) in order.
    pub fn load(path: &Path, overrides: &[String]) -> Result<Self, Error> {
        parse::parse(&path.display().to_string(), &read_toml(path)?, overrides)
    }

    /// Reads the file at `path`, which [`RunConfig::to_toml`] wrote.
    pub(crate) fn load_resolved(path: &Path) -> Result<Self, Error> {
        parse::parse_resolved(&path.display().to_string(), &read_toml(path)?)
    }

    /// The config in `text`, which messages call `file`, with `overrides` on top of it.
    pub(crate) fn parse_with(file: &str, text: &str, overrides: &[Override]) -> Result<Self, Error> {
        parse::parse_with(file, text, overrides)
    }

    /// Refuses a value out of its range, and what else types alone do not say.
    pub fn check(&self) -> Result<(), Error> {
        ranges::check("", self)?;
        self.method.check()?;
        let refuse = |message: &str| Error::Config {
            place: "the config".to_owned(),
            message: message.to_owned(),
            hint: None,
        };
        let training = &self.training;
        if training.patience > 0 && training.watch == Watch::Score && self.evaluation.every == 0 {
            return Err(refuse(
                "`training.patience` looks at the score, but nothing is scored before the last step; set `evaluation.every`, or `training.watch` to \
                 \"loss\"",
            ));
        }
        if training.loss == LossName::Legal && self.evaluation.decode == DecodeName::Free {
            return Err(refuse(
                "`training.loss` is \"legal\", which trains the choice that constrained decoding makes, but `evaluation.decode` is \"free\"; set that to \
                 \"constrained\" or \"beam\", or the loss to \"all\"",
            ));
        }
        if self.compat.counted_padding && (training.loss == LossName::Legal || self.data.mention_swap > 0.0) {
            return Err(refuse(
                "`compat.counted_padding` lets padding count in the loss of the examples as they were read, which neither `training.loss` = \"legal\" nor \
                 `data.mention_swap` has; take one of them out",
            ));
        }
        if self.insight.dynamics && training.steps == Setting::Number(0) {
            return Err(refuse(
                "`insight.dynamics` looks at what the steps of a training do, but `training.steps` is 0; raise it, or take the key out",
            ));
        }
        if let Some(message) = self.step_contradiction() {
            return Err(refuse(message));
        }
        if let Some(active) = &self.active {
            if active.budget < active.start {
                return Err(refuse(
                    "`active.budget` is less than `active.start`, the labels of the first round; raise it, or lower the other",
                ));
            }
            if self.model.adapter.is_some() {
                return Err(refuse(
                    "active learning begins with the base model, whose labels grow round by round; take out `model.adapter` or [active]",
                ));
            }
            if active::takes_passes(&active.strategy) && training.dropout <= 0.0 {
                return Err(refuse(
                    "the strategy of [active] looks at passes with dropout, but `training.dropout` is 0; raise it, such as to 0.1",
                ));
            }
        }
        if let Some(message) =
            self.data.contradiction().or_else(|| self.text_contradiction().map(str::to_owned))
        {
            return Err(refuse(&message));
        }
        if self.data.episode.is_some() {
            if self.task.name != TaskKind::RelationClassification {
                return Err(refuse(
                    "`data.episode` draws relations; set `task.name` to \"relation-classification\", or take it out",
                ));
            }
            if self.active.is_some() {
                return Err(refuse(
                    "[active] asks for labels of a pool, and `data.episode` has drawn what is labelled; take one of the two out",
                ));
            }
        }
        if self.compat.dense_adafactor
            && (self.optimizer.name != OptimizerName::Adafactor || self.optimizer.weight_decay > 0.0)
        {
            return Err(refuse(
                "`compat.dense_adafactor` is about Adafactor, which has no weight decay there; set `optimizer.name` to \"adafactor\" and \
                 `optimizer.weight_decay` to 0, or take the switch out",
            ));
        }
        if self.task.mode == Mode::Reference && self.evaluation.decode != DecodeName::Free {
            return Err(refuse(
                "`task.mode` is that of the original program, which reads whatever the model writes; set `evaluation.decode` to \"free\", or take \
                 `task.mode` out",
            ));
        }
        Ok(())
    }

    /// What the config says about steps that does not go together.
    fn step_contradiction(&self) -> Option<&'static str> {
        let training = &self.training;
        let method = &self.method;
        if method.growth > 1
            && training.steps != Setting::Auto
            && (method.growth - 1).saturating_mul(method.every.first()) >= training.steps().max(1)
        {
            return Some(
                "`method.growth` asks for more choices than the training makes, so that the mask would not grow to its end; lower it or \
                 `method.every`, or raise `training.steps`",
            );
        }
        if self.optimizer.learning_rate == Setting::Auto
            && (!self.optimizer.rms_scaled || self.optimizer.name == OptimizerName::Sgd)
        {
            return Some(
                "`optimizer.learning_rate` is \"auto\", a rule for AdamW and Adafactor with steps by the scale of each weight, which `optimizer.rms_scaled` \
                 turns off and `optimizer.name` = \"sgd\" does not have; name a number",
            );
        }
        if self.optimizer.warmup > 0
            && training.steps != Setting::Auto
            && self.optimizer.warmup >= training.steps()
        {
            return Some(
                "`optimizer.warmup` has as many steps as the training or more, so that the full learning rate is never reached; lower it",
            );
        }
        None
    }

    /// What the tables about texts without labels say that does not go together with the rest.
    fn text_contradiction(&self) -> Option<&'static str> {
        if let Some(active) = &self.active {
            match &self.pretrain {
                Some(_) if active.pretrain_steps == 0 => {
                    return Some(
                        "[pretrain] says how a simulation pretrains, but `active.pretrain_steps` is 0; raise it, or take [pretrain] out",
                    );
                }
                Some(PretrainConfig { text, format, text_key, .. })
                    if text.is_some() || format.is_some() || text_key.is_some() =>
                {
                    return Some(
                        "a simulation pretrains on the texts of its pool; take `text`, `format` and `text_key` out of [pretrain]",
                    );
                }
                _ => {}
            }
        }
        let own = self.self_training.as_ref()?;
        if self.evaluation.decode == DecodeName::Free {
            return Some(
                "[self_training] learns from outputs without a fault, but `evaluation.decode` is \"free\"; set it to \"constrained\" or \"beam\"",
            );
        }
        match (&self.active, &own.texts) {
            (Some(_), _) if own.texts.is_some() || own.format.is_some() || own.text_key.is_some() => Some(
                "the texts of [self_training] are what a simulation has not labelled yet; take `texts`, `format` and `text_key` out of it",
            ),
            (None, None) => {
                Some("[self_training] has no texts; name a file of `data.dir` with `self_training.texts`")
            }
            _ => None,
        }
    }

    /// The JSON schema of config files, with the ranges that [`RunConfig::check`] looks at.
    pub fn schema() -> serde_json::Value {
        ranges::schema::<Self>()
    }

    /// The config as TOML, every default written out that has an effect.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string_pretty(self).map_err(|e| Error::Config {
            place: "the resolved config".into(),
            message: e.to_string(),
            hint: None,
        })
    }

    /// The settings of the choice of entries by `examples` examples.
    pub fn fish_dip(&self, examples: usize) -> FishDip {
        let usual = self.method.hard_samples;
        FishDip {
            method: self.method.mask(),
            keep: self.method.keep(),
            hard_samples: self.compat.hard_samples(usual, examples, self.training.batch_size),
            samples: self.method.samples,
            criterion: self.method.criterion,
            scope: self.method.scope(),
            spread: self.method.spread,
            seed: self.training.seed,
        }
    }

    /// The settings of the optimizer itself.
    pub fn masked_optimizer(&self) -> MaskedOptimizerConfig {
        let usual = self.optimizer.masked();
        if self.compat.dense_adafactor {
            MaskedOptimizerConfig { rule: UpdateRule::DenseAdafactor, ..usual }
        } else {
            usual
        }
    }
}
