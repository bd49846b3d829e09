//! `[method]` as a config is written: every key that has an effect.

use fishdip_peft::{
    Criterion, Ia3Config, LoraConfig, MaskMethod, PrefixConfig, PromptConfig, Samples, Scope, Spread,
    UniPeltConfig,
};
use serde::{Serialize, Serializer};

use super::{AdditionName, BottleneckTable, Every, LossSource, MethodConfig, MethodName, Setting};

/// The keys in their order. What is absent is not written.
#[derive(Serialize)]
struct Written<'a> {
    name: MethodName,
    #[serde(skip_serializing_if = "Option::is_none")]
    addition: Option<AdditionName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most_fisher: Option<usize>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    sites: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    mask: Option<MaskMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep: Option<Setting<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<Every>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hard_samples: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<Samples>,
    #[serde(skip_serializing_if = "Option::is_none")]
    criterion: Option<Criterion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spread: Option<Spread>,
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    losses: Option<LossSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lora: Option<&'a LoraConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ia3: Option<&'a Ia3Config>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bottleneck: Option<&'a BottleneckTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<&'a PrefixConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<&'a PromptConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unipelt: Option<&'a UniPeltConfig>,
}

impl Serialize for MethodConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let idle = self.idle(|_| true);
        let has_effect = |key: &str| idle.iter().all(|(other, _)| *other != key);
        let written = Written {
            name: self.name,
            addition: self.addition,
            // What is without effect was set by someone, and is refused; as are tables.
            most_fisher: self.most_fisher,
            sites: &self.sites,
            mask: self.mask,
            scope: self.scope,
            keep: has_effect("keep").then_some(self.keep),
            every: has_effect("every").then_some(self.every),
            hard_samples: has_effect("hard_samples").then_some(self.hard_samples),
            samples: has_effect("samples").then_some(self.samples),
            criterion: has_effect("criterion").then_some(self.criterion),
            spread: has_effect("spread").then_some(self.spread),
            growth: has_effect("growth").then_some(self.growth),
            losses: has_effect("losses").then_some(self.losses),
            lora: self.lora.as_ref(),
            ia3: self.ia3.as_ref(),
            bottleneck: self.bottleneck.as_ref(),
            prefix: self.prefix.as_ref(),
            prompt: self.prompt.as_ref(),
            unipelt: self.unipelt.as_ref(),
        };
        written.serialize(serializer)
    }
}
