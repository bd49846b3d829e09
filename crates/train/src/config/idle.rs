//! Keys outside `[method]` that have no effect beside the others. One that has its default says nothing, so that a config in which every default is
//! written out stays good.

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::active::takes_passes;
use super::{
    ActiveConfig, AverageName, CompatConfig, CompatPreset, InsightConfig, MethodConfig, OptimizerConfig,
    OptimizerName, StopName, TrainingConfig, Watch,
};

/// The keys that others can leave without effect, with their sections.
const KEYS: [[&str; 2]; 16] = [
    ["compat", "dense_adafactor"],
    ["method", "hard_samples"],
    ["compat", "samples_by_batches"],
    ["compat", "dropout_while_choosing"],
    ["compat", "early_choices"],
    ["optimizer", "beta1"],
    ["optimizer", "beta2"],
    ["optimizer", "epsilon"],
    ["optimizer", "momentum"],
    ["optimizer", "keep_moments"],
    ["training", "average_share"],
    ["training", "watch"],
    ["insight", "samples"],
    ["active", "passes"],
    ["active", "stop_threshold"],
    ["active", "stop_window"],
];

/// The keys of `config` that have another value than their default and no effect, each with a message that says why.
pub(super) fn idle(config: &Table) -> Vec<([&'static str; 2], String)> {
    let sections = Sections::of(config);
    let told = KEYS.into_iter().filter(|key| sections.is_set(*key)).filter_map(|[section, key]| {
        let (why, instead) = sections.why_idle(section, key)?;
        let message = format!("`{section}.{key}` has no effect, as {why}; leave it out, or {instead}");
        Some(([section, key], message))
    });
    told.collect()
}

/// What decides about other keys, as far as it can be read; what is wrong is told elsewhere.
struct Sections {
    method: MethodConfig,
    compat: CompatConfig,
    /// Whether n follows from the number of batches, also where the preset says so.
    by_batches: bool,
    /// n, where the config says it.
    hard_samples: Option<Value>,
    optimizer: OptimizerConfig,
    training: TrainingConfig,
    insight: InsightConfig,
    active: ActiveConfig,
}

impl Sections {
    fn of(config: &Table) -> Self {
        let compat: CompatConfig = section(config, "compat");
        let says = config.get("compat").and_then(|compat| compat.get("samples_by_batches")?.as_bool());
        Self {
            hard_samples: config.get("method").and_then(|method| method.get("hard_samples")).cloned(),
            by_batches: says.unwrap_or(compat.preset == CompatPreset::Reference),
            compat,
            method: section(config, "method"),
            optimizer: section(config, "optimizer"),
            training: section(config, "training"),
            insight: section(config, "insight"),
            active: section(config, "active"),
        }
    }

    /// Whether a key has another value than its default.
    fn is_set(&self, [section, key]: [&str; 2]) -> bool {
        match section {
            // A method without hard examples writes none.
            "method" => self
                .hard_samples
                .as_ref()
                .is_some_and(|set| set.as_integer() != Some(MethodConfig::default().hard_samples as i64)),
            "compat" => differs(&self.compat, key),
            "optimizer" => differs(&self.optimizer, key),
            "training" => differs(&self.training, key),
            "insight" => differs(&self.insight, key),
            _ => differs(&self.active, key),
        }
    }

    /// Why a key has no effect, and what gives it one; nothing if it has an effect.
    fn why_idle(&self, section: &str, key: &str) -> Option<(&'static str, &'static str)> {
        let Self { method, by_batches, optimizer, training, insight, active, .. } = self;
        match (section, key) {
            ("compat", "dense_adafactor") if optimizer.name != OptimizerName::Adafactor => {
                Some(("only Adafactor is computed so", "set `optimizer.name` to \"adafactor\""))
            }
            ("method", "hard_samples") if *by_batches && method.why_idle("hard_samples").is_none() => {
                Some(("`compat.samples_by_batches` takes n from the number of batches", "set that to false"))
            }
            ("compat", "samples_by_batches") if method.why_idle("hard_samples").is_some() => {
                Some(("the method chooses no hard examples", "take one that does, such as \"fish-dip\""))
            }
            ("compat", "dropout_while_choosing") if training.dropout == 0.0 => {
                Some(("`training.dropout` is 0", "set that"))
            }
            // The first choice is without dropout.
            ("compat", "dropout_while_choosing")
                if !method.mask().refreshes() || method.why_idle("losses").is_some() =>
            {
                Some(("examples are ranked once or not at all", "take a method that ranks them again"))
            }
            ("compat", "early_choices") if !method.mask().refreshes() => {
                Some(("parameters are not chosen again", "take a method that replaces its mask"))
            }
            ("optimizer", "beta1" | "beta2" | "epsilon") if optimizer.name != OptimizerName::Adamw => {
                Some(("only AdamW computes with it", "set `optimizer.name` to \"adamw\""))
            }
            ("optimizer", "momentum") if optimizer.name != OptimizerName::Sgd => {
                Some(("only SGD sums its gradients up", "set `optimizer.name` to \"sgd\""))
            }
            ("optimizer", "keep_moments") if !method.mask().refreshes() || method.growth > 0 => {
                Some(("no parameter leaves the mask", "take a method that replaces its mask"))
            }
            ("training", "average_share") if training.average == AverageName::None => {
                Some(("`training.average` is \"none\"", "set that to \"last\" or \"exponential\""))
            }
            ("training", "watch") if training.watch == Watch::Loss && training.patience == 0 => {
                Some(("`training.patience` is 0 and the training never stops early", "set that"))
            }
            ("insight", "samples")
                if !insight.cka && !insight.smoothness && training.watch != Watch::Smoothness =>
            {
                Some(("neither `insight.cka` nor `insight.smoothness` is on", "turn one of them on"))
            }
            ("active", "passes") if !takes_passes(&active.strategy) => Some((
                "the strategy looks at no passes with dropout",
                "set `active.strategy` to one that does, such as \"bald\"",
            )),
            ("active", "stop_threshold") if active.stop == StopName::Budget => {
                Some(("`active.stop` is \"budget\"", "set that to what is compared with it"))
            }
            ("active", "stop_window")
                if matches!(active.stop, StopName::Budget | StopName::OverallUncertainty) =>
            {
                Some((
                    "`active.stop` looks at no row of rounds",
                    "set that to \"performance-difference\" or \"stabilizing-predictions\"",
                ))
            }
            _ => None,
        }
    }
}

/// The section `name` of `config`, if it is there and can be read.
fn section<T: DeserializeOwned + Default>(config: &Table, name: &str) -> T {
    config.get(name).cloned().and_then(|section| section.try_into().ok()).unwrap_or_default()
}

/// Whether the value of `key` is not its default.
fn differs<T: Serialize + Default>(section: &T, key: &str) -> bool {
    let value = |section: &T| Value::try_from(section).ok()?.get(key).cloned();
    value(section) != value(&T::default())
}
