//! LoRA: a product of two thin matrices beside a linear layer (arXiv 2106.09685).

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::initial::{bound, rms_of_uniform};
use super::{Gate, Initial};
use crate::{Dropout, FileLayout, Weight};

/// Settings of LoRA. Names and defaults are those of AdapterHub's `adapters` and of Python PEFT.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LoraConfig {
    /// r: columns of the first factor and rows of the second.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 65_536)))]
    pub rank: usize,
    /// The product is multiplied by alpha / rank.
    #[cfg_attr(feature = "schema", schemars(range(min = 1e-6, max = 1_000_000.0)))]
    pub alpha: f64,
    /// Dropout of the input of the product, in training.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 0.9)))]
    pub dropout: f64,
    /// The linear layers that get one, by the last part of their name: `q`, `k`, `v`, `o` of every attention, `wi`, `wo` of every feed-forward layer
    /// (`wi_0`, `wi_1` of a gated one).
    pub targets: Vec<String>,
    /// Multiply by alpha / √rank instead, so that large ranks learn as fast as small ones (arXiv 2312.03732).
    pub rank_stabilized: bool,
    /// Learn the length of each output feature's weights apart from their direction (`DoRA`, arXiv 2402.09353).
    pub dora: bool,
}

impl Default for LoraConfig {
    fn default() -> Self {
        let targets = vec!["q".to_owned(), "v".to_owned()];
        Self { rank: 8, alpha: 8.0, dropout: 0.0, targets, rank_stabilized: false, dora: false }
    }
}

impl LoraConfig {
    /// What the product is multiplied by.
    pub fn scale(&self) -> f64 {
        let rank = self.rank as f64;
        self.alpha / if self.rank_stabilized { rank.sqrt() } else { rank }
    }
}

/// What is added to one linear layer `y = x W`: `y = x W + scale · dropout(x) A B`. With magnitudes m, every column of the sum
/// `W + scale · A B` is brought to the length that m says. With a gate g, the product is multiplied by `g(x)`.
#[derive(Debug)]
pub struct Lora {
    /// A, `[in, rank]`.
    a: Weight,
    /// B, `[rank, out]`; zeros at first.
    b: Weight,
    /// m, `[1, out]`.
    magnitude: Option<Weight>,
    gate: Option<Gate>,
    scale: f64,
    dropout: f64,
}

impl Lora {
    /// That of the linear layer `weight`, which begins with no effect.
    pub fn new(config: &LoraConfig, weight: &Weight, initial: &Initial) -> Self {
        let [input, output] = weight.shape();
        let layer = weight.path().strip_suffix(".weight").unwrap_or(weight.path());
        let (name, rank) = (|part: &str| format!("{layer}.{part}"), config.rank);
        let transposed = FileLayout::Transposed;
        let a = initial.uniform(name("lora_A.weight"), [input, rank], transposed, bound(input));
        // B begins with zeros, so that nothing changes at first, and is stepped as if it had the scale of A.
        let rms = rms_of_uniform(bound(input));
        let b = initial.constant(name("lora_B.weight"), [rank, output], transposed, 0.0, rms);
        let magnitude = config.dora.then(|| {
            let lengths = column_lengths(weight.dense());
            Weight::added(name("lora_magnitude_vector"), lengths, FileLayout::AsIs)
        });
        Self { a, b, magnitude, gate: None, scale: config.scale(), dropout: config.dropout }
    }

    /// The same with a gate.
    #[must_use]
    pub fn gated(self, weight: &Weight, initial: &Initial) -> Self {
        let [input, _] = weight.shape();
        let layer = weight.path().strip_suffix(".weight").unwrap_or(weight.path());
        Self { gate: Some(Gate::new(&format!("{layer}.lora_gate"), input, initial)), ..self }
    }

    /// What the layer `weight` and this make of `x` (`[batch, length, in]`), of which the layer alone made `y`.
    pub(crate) fn forward(
        &self,
        weight: &Weight,
        x: Tensor<3>,
        y: Tensor<3>,
        dropout: &Dropout,
    ) -> Tensor<3> {
        let gate = self.gate.as_ref().map(|gate| gate.forward(x.clone()));
        let x = dropout.at_rate(self.dropout, x);
        let mut product = self.b.multiply(self.a.multiply(x)) * self.scale;
        if let Some(gate) = gate {
            product = product * gate;
        }
        let Some(magnitude) = &self.magnitude else { return y + product };
        let device = y.device();
        let lengths = self.lengths(weight, &device);
        let factors = (magnitude.on(&device) / lengths).unsqueeze::<3>();
        (y + product) * factors
    }

    /// The dense weight `[in, out]` that does the same alone, where there is no gate: what a gate makes of an input, no weight can.
    pub fn merged(&self, weight: &Weight) -> Tensor<2> {
        let sum = self.sum(weight);
        match &self.magnitude {
            None => sum,
            Some(magnitude) => {
                let lengths = column_lengths(sum.clone());
                sum * (magnitude.dense() / lengths)
            }
        }
    }

    fn sum(&self, weight: &Weight) -> Tensor<2> {
        weight.dense() + self.a.dense().matmul(self.b.dense()) * self.scale
    }

    /// The lengths of the columns of the sum, `[1, out]`. They count as constants in a backward pass, as the paper has it (section 4.3).
    fn lengths(&self, weight: &Weight, device: &Device) -> Tensor<2> {
        let lengths = column_lengths(self.sum(weight));
        if device.is_autodiff() { Tensor::from_inner(lengths) } else { lengths }
    }

    pub(crate) fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        all.extend([&self.a, &self.b].into_iter().chain(&self.magnitude));
        if let Some(gate) = &self.gate {
            gate.weights(all);
        }
    }

    pub(crate) fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        all.extend([&mut self.a, &mut self.b].into_iter().chain(&mut self.magnitude));
        if let Some(gate) = &mut self.gate {
            gate.weights_mut(all);
        }
    }
}

/// The Euclidean length of each column of `[in, out]`: `[1, out]`.
fn column_lengths(weight: Tensor<2>) -> Tensor<2> {
    weight.square().sum_dim(0).sqrt()
}
