//! The position-wise feed-forward layer.

use burn::tensor::Tensor;
use fishdip_peft::{Dropout, Linear, Weight};

use crate::{Error, FeedForwardKind, T5Config, weights::WeightLoader};

#[derive(Debug)]
pub(crate) enum FeedForward {
    Relu { wi: Linear, wo: Linear },
    GatedGelu { wi_0: Linear, wi_1: Linear, wo: Linear },
}

impl FeedForward {
    pub(crate) fn load(file: &mut WeightLoader, prefix: &str, config: &T5Config) -> Result<Self, Error> {
        let mut linear = |name, shape| -> Result<Linear, Error> {
            Ok(Linear { weight: file.linear(format!("{prefix}.{name}.weight"), shape)? })
        };
        let (inward, outward) = ([config.d_model, config.d_ff], [config.d_ff, config.d_model]);
        Ok(match config.feed_forward {
            FeedForwardKind::Relu => Self::Relu { wi: linear("wi", inward)?, wo: linear("wo", outward)? },
            FeedForwardKind::GatedGelu => Self::GatedGelu {
                wi_0: linear("wi_0", inward)?,
                wi_1: linear("wi_1", inward)?,
                wo: linear("wo", outward)?,
            },
        })
    }

    pub(crate) fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        match self {
            Self::Relu { wi, wo } => all.extend([&wi.weight, &wo.weight]),
            Self::GatedGelu { wi_0, wi_1, wo } => all.extend([&wi_0.weight, &wi_1.weight, &wo.weight]),
        }
    }

    pub(crate) fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        match self {
            Self::Relu { wi, wo } => all.extend([&mut wi.weight, &mut wo.weight]),
            Self::GatedGelu { wi_0, wi_1, wo } => {
                all.extend([&mut wi_0.weight, &mut wi_1.weight, &mut wo.weight]);
            }
        }
    }

    /// `[B, length, D]` to the same shape.
    pub(crate) fn forward(&self, x: Tensor<3>, dropout: &Dropout) -> Tensor<3> {
        match self {
            Self::Relu { wi, wo } => wo.forward(dropout.relu(wi.forward(x))),
            Self::GatedGelu { wi_0, wi_1, wo } => {
                wo.forward(dropout.gated_gelu(wi_0.forward(x.clone()), wi_1.forward(x)))
            }
        }
    }
}
