//! Bottleneck layers: a small two-layer network beside or behind a layer of the model.
//!
//! Where they stand is AdapterHub's: with x what a layer of the model begins with, F(x) what it adds to it and A the bottleneck,
//! Houlsby's makes x + F(x) + A(F(x)) behind self-attention and feed-forward layer (arXiv 1902.00751), Pfeiffer's x + F(x) + A(x + F(x)) behind the
//! feed-forward layer alone (arXiv 2005.00052), and the parallel one x + F(x) + A(x) beside it (arXiv 2110.04366).

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, silu};
use serde::{Deserialize, Serialize};

use super::affine::Affine;
use super::{Gate, Initial};
use crate::Weight;

/// Settings of bottleneck layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BottleneckConfig {
    /// Where they stand.
    pub placement: Placement,
    /// How many times narrower they are than the model.
    pub reduction: usize,
    /// What stands between the two layers.
    pub activation: Activation,
    /// What their output is multiplied by.
    pub scale: f64,
}

/// Where bottlenecks stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// Behind self-attention and feed-forward layers, of their output.
    Houlsby,
    /// Behind feed-forward layers, of the sum that goes on.
    Pfeiffer,
    /// Beside feed-forward layers.
    Parallel,
}

/// What stands between the two layers of a bottleneck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// x · sigmoid(x), also called `SiLU`
    Swish,
}

impl Placement {
    /// The method's name, as configs have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Houlsby => "houlsby",
            Self::Pfeiffer => "pfeiffer",
            Self::Parallel => "parallel",
        }
    }

    /// AdapterHub's defaults for it.
    pub fn usual(self) -> BottleneckConfig {
        let (reduction, activation, scale) = match self {
            Self::Houlsby => (16, Activation::Swish, 1.0),
            Self::Pfeiffer => (16, Activation::Relu, 1.0),
            Self::Parallel => (2, Activation::Relu, 4.0),
        };
        BottleneckConfig { placement: self, reduction, activation, scale }
    }
}

/// One bottleneck: `A(x) = scale · (act(x D + d) U + u)`, with a gate g times `g(x)`.
#[derive(Debug)]
pub struct Bottleneck {
    down: Affine,
    up: Affine,
    gate: Option<Gate>,
    activation: Activation,
    scale: f64,
    placement: Placement,
}

impl Bottleneck {
    /// One of `width` features, whose weights are called `path.down.weight` and so on.
    pub fn new(config: &BottleneckConfig, path: &str, width: usize, initial: &Initial) -> Self {
        let inner = (width / config.reduction).max(1);
        let (down, up) = if config.placement == Placement::Parallel {
            // As the parallel adapter's paper begins LoRA and its own: the second layer with zeros.
            let down = Affine::uniform(&format!("{path}.down"), [width, inner], initial);
            (down, Affine::zeros(&format!("{path}.up"), [inner, width], initial))
        } else {
            // As BERT begins: small, so that the sum hardly changes.
            let of = |part: &str, shape| Affine::normal(&format!("{path}.{part}"), shape, initial);
            (of("down", [width, inner]), of("up", [inner, width]))
        };
        let BottleneckConfig { activation, scale, placement, .. } = *config;
        Self { down, up, gate: None, activation, scale, placement }
    }

    /// The same with a gate; `path`, `width` and `initial` are those of the bottleneck.
    #[must_use]
    pub fn gated(self, path: &str, width: usize, initial: &Initial) -> Self {
        Self { gate: Some(Gate::new(&format!("{path}.gate"), width, initial)), ..self }
    }

    /// What a layer of the model makes of `x`: the layer's own output is `own`, all `[batch, length, width]`.
    pub fn behind(&self, x: Tensor<3>, own: Tensor<3>) -> Tensor<3> {
        let sum = x.clone() + own.clone();
        let added = match self.placement {
            Placement::Houlsby => self.forward(own),
            Placement::Pfeiffer => self.forward(sum.clone()),
            Placement::Parallel => self.forward(x),
        };
        sum + added
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let gate = self.gate.as_ref().map(|gate| gate.forward(x.clone()));
        let inner = self.down.forward(x);
        let inner = match self.activation {
            Activation::Relu => relu(inner),
            Activation::Swish => silu(inner),
        };
        let output = self.up.forward(inner) * self.scale;
        match gate {
            Some(gate) => output * gate,
            None => output,
        }
    }

    /// Its weights.
    pub fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        for layer in [&self.down, &self.up] {
            layer.weights(all);
        }
        if let Some(gate) = &self.gate {
            gate.weights(all);
        }
    }

    /// The same.
    pub fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        for layer in [&mut self.down, &mut self.up] {
            layer.weights_mut(all);
        }
        if let Some(gate) = &mut self.gate {
            gate.weights_mut(all);
        }
    }
}
