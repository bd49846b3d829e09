//! What methods of fine-tuning add to a model: weights of the role [`Added`](crate::Role::Added), and the layers that use them.
//!
//! A model decides where they stand; this module knows what each is. Weights begin so that the model computes what it did before, where the
//! method promises it: LoRA, (IA)³, and bottlenecks but for the small random values that their papers begin with. A prefix, a prompt and `UniPELT`
//! promise nothing of the kind.

mod affine;
mod bottleneck;
mod gate;
mod ia3;
mod initial;
mod lora;
mod prefix;
mod prompt;
mod unipelt;

use serde::{Deserialize, Serialize};

pub use bottleneck::{Activation, Bottleneck, BottleneckConfig, Placement};
pub use gate::Gate;
pub use ia3::{Ia3Config, Scaling, Side};
pub use initial::Initial;
pub use lora::{Lora, LoraConfig};
pub use prefix::{Prefix, PrefixConfig, PrefixEncoder};
pub use prompt::{Prompt, PromptConfig};
pub use unipelt::UniPeltConfig;

/// What is added to a model, with its settings: all that it takes to add it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Addition {
    /// Low-rank products beside linear layers (LoRA, arXiv 2106.09685).
    Lora(LoraConfig),
    /// Factors of keys, values and feed-forward features ((IA)³, arXiv 2205.05638).
    Ia3(Ia3Config),
    /// Bottleneck layers (arXiv 1902.00751, 2005.00052, 2110.04366).
    Bottleneck(BottleneckConfig),
    /// Keys and values in front of those of every attention (prefix tuning, arXiv 2101.00190).
    Prefix(PrefixConfig),
    /// Vectors in front of the embedded source (prompt tuning, arXiv 2104.08691).
    Prompt(PromptConfig),
    /// Prefixes, bottlenecks and low-rank products, each with gates (`UniPELT`, arXiv 2110.07577).
    #[serde(rename = "unipelt")]
    UniPelt(UniPeltConfig),
}

impl Addition {
    /// The method's name, as configs have it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Lora(_) => "lora",
            Self::Ia3(_) => "ia3",
            Self::Bottleneck(config) => config.placement.name(),
            Self::Prefix(_) => "prefix",
            Self::Prompt(_) => "prompt",
            Self::UniPelt(_) => "unipelt",
        }
    }

    /// What is wrong with the names of layers in it, as far as no model is needed to tell.
    pub fn names_amiss(&self) -> Option<String> {
        let (targets, of_inputs): (_, &[String]) = match self {
            Self::Lora(LoraConfig { targets, .. }) | Self::UniPelt(UniPeltConfig { targets, .. }) => {
                (targets, &[])
            }
            Self::Ia3(Ia3Config { targets, feedforward }) => (targets, feedforward),
            Self::Bottleneck(_) | Self::Prefix(_) | Self::Prompt(_) => return None,
        };
        if targets.is_empty() {
            return Some(format!(
                "`method.{}.targets` is empty, so that nothing would be added",
                self.name()
            ));
        }
        let name = of_inputs.iter().find(|name| !targets.contains(name))?;
        Some(format!(
            "`method.ia3.feedforward` has {name:?}, which is not in `method.ia3.targets`; add it there, or take it out"
        ))
    }

    /// Whether it stands in blocks of a model, each by itself, so that it can stand in some of them alone.
    pub fn has_sites(&self) -> bool {
        matches!(self, Self::Lora(_) | Self::Ia3(_) | Self::Bottleneck(_))
    }
}
