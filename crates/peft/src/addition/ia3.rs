//! (IA)³: features of keys, values and feed-forward layers multiplied by learned factors (arXiv 2205.05638).

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::Initial;
use crate::{FileLayout, Weight};

/// Settings of (IA)³. Defaults are those of Python PEFT for T5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Ia3Config {
    /// The linear layers that get factors, by the last part of their name.
    pub targets: Vec<String>,
    /// Those of them whose inputs are multiplied; of the others it is the outputs.
    pub feedforward: Vec<String>,
}

impl Default for Ia3Config {
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self { targets: owned(&["k", "v", "wo"]), feedforward: owned(&["wo"]) }
    }
}

/// Which side of a linear layer factors are at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Its input.
    Input,
    /// Its output.
    Output,
}

/// The factors of the input or the output of one linear layer.
#[derive(Debug)]
pub struct Scaling {
    /// `[1, n]`; ones at first.
    factors: Weight,
    side: Side,
}

impl Scaling {
    /// Those of the linear layer `weight`, which begin with no effect.
    pub fn new(weight: &Weight, side: Side, initial: &Initial) -> Self {
        let [input, output] = weight.shape();
        let layer = weight.path().strip_suffix(".weight").unwrap_or(weight.path());
        let length = if side == Side::Input { input } else { output };
        let factors = initial.constant(format!("{layer}.ia3_l"), [1, length], FileLayout::AsIs, 1.0, 1.0);
        Self { factors, side }
    }

    /// `x` (`[batch, length, n]`), multiplied if this is the side of the factors.
    pub(crate) fn forward(&self, x: Tensor<3>, side: Side) -> Tensor<3> {
        if side != self.side {
            return x;
        }
        let factors = self.factors.on(&x.device()).unsqueeze::<3>();
        x * factors
    }

    /// The dense weight `[in, out]` that does the same as `weight` with these.
    pub fn merged(&self, weight: Tensor<2>) -> Tensor<2> {
        let factors = self.factors.dense();
        match self.side {
            Side::Input => weight * factors.transpose(),
            Side::Output => weight * factors,
        }
    }

    pub(crate) fn weight(&self) -> &Weight {
        &self.factors
    }

    pub(crate) fn weight_mut(&mut self) -> &mut Weight {
        &mut self.factors
    }
}
