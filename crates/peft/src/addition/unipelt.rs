//! `UniPELT`: a prefix, bottlenecks and low-rank products at once, each with gates that say how much of it a position gets (arXiv 2110.07577).

use serde::{Deserialize, Serialize};

use super::{BottleneckConfig, LoraConfig, Placement, PrefixConfig};

/// Settings of `UniPELT`. Defaults are AdapterHub's. LoRA's `alpha` is none of them: its gate stands in its place (section 3.2 of the paper).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UniPeltConfig {
    /// How many keys and values each attention gets.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 65_536)))]
    pub prefix_length: usize,
    /// Features of the hidden layer that keys and values are computed by.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 65_536)))]
    pub prefix_bottleneck: usize,
    /// How many times narrower than the model the bottlenecks behind feed-forward layers are.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 65_536)))]
    pub reduction: usize,
    /// r: the rank of the low-rank products.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 65_536)))]
    pub rank: usize,
    /// The linear layers that get products, by the last part of their name.
    pub targets: Vec<String>,
}

impl Default for UniPeltConfig {
    fn default() -> Self {
        let targets = LoraConfig::default().targets;
        Self { prefix_length: 10, prefix_bottleneck: 512, reduction: 16, rank: 8, targets }
    }
}

impl UniPeltConfig {
    /// Its prefixes.
    pub fn prefix(&self) -> PrefixConfig {
        PrefixConfig { length: self.prefix_length, bottleneck: self.prefix_bottleneck }
    }

    /// Its bottlenecks.
    pub fn bottleneck(&self) -> BottleneckConfig {
        BottleneckConfig { reduction: self.reduction, ..Placement::Pfeiffer.usual() }
    }

    /// Its low-rank products, which their gates alone scale.
    pub fn lora(&self) -> LoraConfig {
        let (rank, targets) = (self.rank, self.targets.clone());
        LoraConfig { rank, alpha: rank as f64, dropout: 0.0, targets, rank_stabilized: false, dora: false }
    }
}
