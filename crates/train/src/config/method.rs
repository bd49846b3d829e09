//! What is trained: what is added to the model, and which parameters are chosen.

mod idle;
mod length;
mod ranked;
mod repeated;
mod written;

use fishdip_peft::{
    Activation, Addition, BottleneckConfig, Criterion, Ia3Config, LoraConfig, MaskMethod, Placement,
    PrefixConfig, PromptConfig, Samples, Scope, Spread, UniPeltConfig,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::every::{self, Every};
use super::setting::{self, Setting};
use crate::Error;

/// `[method]`: a method adds something to the model or nothing, and trains some parameters or all. `name` is a preset of the two; `addition`, `mask` and
/// `scope` make other pairs. A key that has no effect beside the others is an error.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MethodConfig {
    /// The method.
    pub name: MethodName,
    /// What is added to the model. Absent: what `name` says.
    #[schemars(with = "AdditionName")]
    pub addition: Option<AdditionName>,
    /// What is added goes to so many blocks of encoder and decoder alone: those whose weights have the most Fisher information on the first 64 training
    /// examples (`FLoE`, arXiv 2506.00495), chosen once. Absent: to all. Only with LoRA, (IA)³ and bottleneck layers.
    #[schemars(range(min = 1, max = 65_536))]
    pub most_fisher: Option<usize>,
    /// The blocks that what is added goes to, such as `encoder.block.0`; a run with `most_fisher` writes here which it has chosen. Empty: all blocks.
    pub sites: Vec<String>,
    /// How the trained parameters are chosen. Absent: what `name` says; of a method that adds something, all that it adds.
    #[schemars(with = "MaskMethod")]
    pub mask: Option<MaskMethod>,
    /// Which weights they are chosen from. Absent: those that were added, or the model's own if there are none.
    #[schemars(with = "Scope")]
    pub scope: Option<Scope>,
    /// k: the share of the parameters in scope to train. `"auto"`: more of a small model, and less where there are few examples.
    #[schemars(schema_with = "setting::keep")]
    pub keep: Setting<f64>,
    /// m: choose again after this many steps. `"auto"`: after 50, then after twice as many as the last time if the mask has taken over at least half
    /// of the one before, else after half as many, at least 50.
    #[schemars(schema_with = "every::schema")]
    pub every: Every,
    /// n: how many of the hardest examples the choice is made from.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub hard_samples: usize,
    /// Which hard examples these are.
    pub samples: Samples,
    /// What parameters are ranked by.
    pub criterion: Criterion,
    /// How the chosen parameters are spread over the weights.
    pub spread: Spread,
    /// Let the mask grow to k over this many choices and never drop a parameter, instead of replacing it. 0: replace it.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub growth: usize,
    /// Which losses the examples are ranked by.
    pub losses: LossSource,
    /// Settings of LoRA; only with a method that adds them.
    #[schemars(with = "LoraConfig")]
    pub lora: Option<LoraConfig>,
    /// Settings of (IA)³; only with a method that adds them.
    #[schemars(with = "Ia3Config")]
    pub ia3: Option<Ia3Config>,
    /// Settings of bottleneck layers; only with a method that adds them.
    #[schemars(with = "BottleneckTable")]
    pub bottleneck: Option<BottleneckTable>,
    /// Settings of prefix tuning; only with a method that adds them.
    #[schemars(with = "PrefixConfig")]
    pub prefix: Option<PrefixConfig>,
    /// Settings of prompt tuning; only with a method that adds them.
    #[schemars(with = "PromptConfig")]
    pub prompt: Option<PromptConfig>,
    /// Settings of `UniPELT`; only with a method that adds it.
    #[schemars(with = "UniPeltConfig")]
    pub unipelt: Option<UniPeltConfig>,
}

/// Values of `method.name`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MethodName {
    /// The parameters with the most Fisher information on the hardest examples, chosen again every m steps.
    #[default]
    FishDip,
    /// The same, chosen once.
    Fixed,
    /// The parameters with the most Fisher information on all examples, chosen again every m steps.
    AllSamples,
    /// Parameters drawn uniformly, once.
    Random,
    /// Norms and position biases.
    Norms,
    /// Every parameter: full fine-tuning.
    Full,
    /// Low-rank products beside linear layers.
    Lora,
    /// Factors of keys, values and feed-forward features.
    Ia3,
    /// Bottleneck layers behind self-attention and feed-forward layers.
    Houlsby,
    /// Bottleneck layers behind feed-forward layers.
    Pfeiffer,
    /// Bottleneck layers beside feed-forward layers.
    Parallel,
    /// Keys and values in front of those of every attention.
    Prefix,
    /// Vectors in front of the embedded source.
    Prompt,
    /// Prefixes, bottleneck layers behind feed-forward layers and low-rank products, each with gates.
    #[serde(rename = "unipelt")]
    UniPelt,
}

/// Values of `method.addition`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdditionName {
    /// Nothing.
    None,
    /// Low-rank products beside linear layers.
    Lora,
    /// Factors of keys, values and feed-forward features.
    Ia3,
    /// Bottleneck layers behind self-attention and feed-forward layers.
    Houlsby,
    /// Bottleneck layers behind feed-forward layers.
    Pfeiffer,
    /// Bottleneck layers beside feed-forward layers.
    Parallel,
    /// Keys and values in front of those of every attention.
    Prefix,
    /// Vectors in front of the embedded source.
    Prompt,
    /// Prefixes, bottleneck layers behind feed-forward layers and low-rank products, each with gates.
    #[serde(rename = "unipelt")]
    UniPelt,
}

/// `[method.bottleneck]`: what is absent is as AdapterHub has it for the method.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BottleneckTable {
    /// How many times narrower than the model a bottleneck is. Absent: 16, or 2 of a parallel one.
    #[schemars(range(min = 1, max = 65_536))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reduction: Option<usize>,
    /// What stands between its two layers. Absent: `swish` of Houlsby's, else `relu`.
    #[schemars(with = "Activation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// What its output is multiplied by. Absent: 1, or 4 of a parallel one.
    #[schemars(range(min = 1e-6, max = 1_000_000.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
}

/// Values of `method.losses`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LossSource {
    /// Computed anew with the model as it is.
    Fresh,
    /// Each example's loss in its last training step, which costs nothing; fresh for examples not seen yet.
    Recorded,
}

impl Default for MethodConfig {
    fn default() -> Self {
        Self {
            name: MethodName::FishDip,
            addition: None,
            most_fisher: None,
            sites: Vec::new(),
            mask: None,
            scope: None,
            keep: Setting::Number(Self::USUAL_KEEP),
            every: Every::Steps(50),
            hard_samples: 16,
            samples: Samples::Hardest,
            criterion: Criterion::StepAware,
            spread: Spread::Global,
            growth: 0,
            losses: LossSource::Fresh,
            lora: None,
            ia3: None,
            bottleneck: None,
            prefix: None,
            prompt: None,
            unipelt: None,
        }
    }
}

impl MethodName {
    /// The addition and the mask that it is a preset of.
    fn pair(self) -> (AdditionName, MaskMethod) {
        use AdditionName as Add;
        match self {
            Self::FishDip => (Add::None, MaskMethod::FishDip),
            Self::Fixed => (Add::None, MaskMethod::Fixed),
            Self::AllSamples => (Add::None, MaskMethod::AllSamples),
            Self::Random => (Add::None, MaskMethod::Random),
            Self::Norms => (Add::None, MaskMethod::Norms),
            Self::Full => (Add::None, MaskMethod::Full),
            Self::Lora => (Add::Lora, MaskMethod::Full),
            Self::Ia3 => (Add::Ia3, MaskMethod::Full),
            Self::Houlsby => (Add::Houlsby, MaskMethod::Full),
            Self::Pfeiffer => (Add::Pfeiffer, MaskMethod::Full),
            Self::Parallel => (Add::Parallel, MaskMethod::Full),
            Self::Prefix => (Add::Prefix, MaskMethod::Full),
            Self::Prompt => (Add::Prompt, MaskMethod::Full),
            Self::UniPelt => (Add::UniPelt, MaskMethod::Full),
        }
    }
}

impl AdditionName {
    /// The table that holds its settings.
    fn table(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Lora => Some("lora"),
            Self::Ia3 => Some("ia3"),
            Self::Houlsby | Self::Pfeiffer | Self::Parallel => Some("bottleneck"),
            Self::Prefix => Some("prefix"),
            Self::Prompt => Some("prompt"),
            Self::UniPelt => Some("unipelt"),
        }
    }
}

impl MethodConfig {
    const USUAL_KEEP: f64 = 0.01;

    /// k; of `"auto"` the usual share, as long as the model was not asked.
    pub fn keep(&self) -> f64 {
        self.keep.or(Self::USUAL_KEEP)
    }

    /// The method that trains all of what `addition` adds.
    pub fn of(addition: &Addition) -> Self {
        let name = match addition {
            Addition::Lora(_) => MethodName::Lora,
            Addition::Ia3(_) => MethodName::Ia3,
            Addition::Bottleneck(BottleneckConfig { placement: Placement::Houlsby, .. }) => {
                MethodName::Houlsby
            }
            Addition::Bottleneck(BottleneckConfig { placement: Placement::Pfeiffer, .. }) => {
                MethodName::Pfeiffer
            }
            Addition::Bottleneck(BottleneckConfig { placement: Placement::Parallel, .. }) => {
                MethodName::Parallel
            }
            Addition::Prefix(_) => MethodName::Prefix,
            Addition::Prompt(_) => MethodName::Prompt,
            Addition::UniPelt(_) => MethodName::UniPelt,
        };
        let mut method = Self { name, ..Self::default() };
        method.fill_from(addition.clone());
        method
    }

    /// What is added to the model, with its settings.
    pub fn addition(&self) -> Option<Addition> {
        Some(match self.addition_name() {
            AdditionName::None => return None,
            AdditionName::Lora => Addition::Lora(self.lora.clone().unwrap_or_default()),
            AdditionName::Ia3 => Addition::Ia3(self.ia3.clone().unwrap_or_default()),
            AdditionName::Houlsby => self.bottleneck(Placement::Houlsby),
            AdditionName::Pfeiffer => self.bottleneck(Placement::Pfeiffer),
            AdditionName::Parallel => self.bottleneck(Placement::Parallel),
            AdditionName::Prefix => Addition::Prefix(self.prefix.clone().unwrap_or_default()),
            AdditionName::Prompt => Addition::Prompt(self.prompt.clone().unwrap_or_default()),
            AdditionName::UniPelt => Addition::UniPelt(self.unipelt.clone().unwrap_or_default()),
        })
    }

    /// How the trained parameters are chosen.
    pub fn mask(&self) -> MaskMethod {
        self.mask.unwrap_or(self.name.pair().1)
    }

    /// Which weights they are chosen from.
    pub fn scope(&self) -> Scope {
        let usual = if self.addition_name() == AdditionName::None { Scope::Base } else { Scope::Added };
        self.scope.unwrap_or(usual)
    }

    fn addition_name(&self) -> AdditionName {
        self.addition.unwrap_or(self.name.pair().0)
    }

    fn bottleneck(&self, placement: Placement) -> Addition {
        let usual = placement.usual();
        let BottleneckTable { reduction, activation, scale } = self.bottleneck.clone().unwrap_or_default();
        Addition::Bottleneck(BottleneckConfig {
            placement,
            reduction: reduction.unwrap_or(usual.reduction),
            activation: activation.unwrap_or(usual.activation),
            scale: scale.unwrap_or(usual.scale),
        })
    }

    /// Writes out the settings of what is added.
    pub(super) fn fill(&mut self) {
        if let Some(addition) = self.addition() {
            self.fill_from(addition);
        }
    }

    fn fill_from(&mut self, addition: Addition) {
        match addition {
            Addition::Lora(config) => self.lora = Some(config),
            Addition::Ia3(config) => self.ia3 = Some(config),
            Addition::Prefix(config) => self.prefix = Some(config),
            Addition::Prompt(config) => self.prompt = Some(config),
            Addition::UniPelt(config) => self.unipelt = Some(config),
            Addition::Bottleneck(BottleneckConfig { reduction, activation, scale, .. }) => {
                let (reduction, activation, scale) = (Some(reduction), Some(activation), Some(scale));
                self.bottleneck = Some(BottleneckTable { reduction, activation, scale });
            }
        }
    }

    /// Refuses pairs that make no sense, lists with a name twice, and settings without effect.
    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |message: String| Err(Error::Config { place: "the config".into(), message, hint: None });
        let (usual, addition) = (self.name.pair().0, self.addition_name());
        if usual != AdditionName::None && addition != usual {
            return refuse(
                "`method.name` is a method that adds something, and `method.addition` names another; leave one of them out".to_owned(),
            );
        }
        match (self.scope(), addition) {
            (Scope::Added | Scope::All, AdditionName::None) => {
                return refuse(
                    "`method.scope` takes in what was added to the model, but nothing is; set `method.addition`, or `method.scope` to \"base\"".to_owned(),
                );
            }
            (Scope::Base, other) if other != AdditionName::None => {
                return refuse(
                    "what `method.addition` adds would never be trained; set `method.scope` to \"added\" or \"all\", or add nothing".to_owned(),
                );
            }
            _ => {}
        }
        if self.mask() == MaskMethod::Norms && addition != AdditionName::None {
            return refuse(
                "the mask \"norms\" takes norms and position biases of the model, so that what `method.addition` or `method.name` adds would never be \
                 trained; set `method.mask` to another one, or add nothing".to_owned(),
            );
        }
        if self.growth > 0 && !self.mask().refreshes() {
            return refuse(
                "`method.growth` lets a mask grow whenever it is chosen again, but this one is chosen once; take \"fish-dip\" or \"all-samples\", or \
                 leave it out".to_owned(),
            );
        }
        if self.growth > 0 && self.every == Every::Auto {
            return refuse(
                "`method.every = \"auto\"` waits longer once a mask is stable, and one with `method.growth` never drops a parameter; set \
                 `method.every` to a number, or leave `method.growth` out".to_owned(),
            );
        }
        if let Some(count) =
            self.most_fisher.filter(|&count| !self.sites.is_empty() && count != self.sites.len())
        {
            return refuse(format!(
                "`method.most_fisher` asks for {count} blocks and `method.sites` names {}; take one of the two out",
                self.sites.len()
            ));
        }
        let names = || self.addition().and_then(|addition| repeated::names_amiss(&addition));
        if let Some(message) = self.repeated().or_else(names).or_else(|| self.unranked()) {
            return refuse(message);
        }
        // Other keys are there whether they were set or not.
        let optional = [
            ("lora", self.lora.is_some()),
            ("ia3", self.ia3.is_some()),
            ("bottleneck", self.bottleneck.is_some()),
            ("prefix", self.prefix.is_some()),
            ("prompt", self.prompt.is_some()),
            ("unipelt", self.unipelt.is_some()),
            ("most_fisher", self.most_fisher.is_some()),
            ("sites", !self.sites.is_empty()),
        ];
        let is_set = |key: &str| optional.iter().any(|&(name, is_set)| is_set && name == key);
        self.idle(is_set).pop().map_or(Ok(()), |(_, reason)| refuse(reason))
    }
}
