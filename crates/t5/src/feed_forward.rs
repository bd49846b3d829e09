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
            Ok(Linear::new(file.linear(format!("{prefix}.{name}.weight"), shape)?))
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
            Self::Relu { wi, wo } => [wi, wo].into_iter().for_each(|linear| linear.weights(all)),
            Self::GatedGelu { wi_0, wi_1, wo } => {
                for linear in [wi_0, wi_1, wo] {
                    linear.weights(all);
                }
            }
        }
    }

    pub(crate) fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        for linear in self.linears_mut() {
            linear.weights_mut(all);
        }
    }

    pub(crate) fn linears_mut(&mut self) -> Vec<&mut Linear> {
        match self {
            Self::Relu { wi, wo } => vec![wi, wo],
            Self::GatedGelu { wi_0, wi_1, wo } => vec![wi_0, wi_1, wo],
        }
    }

    /// `[B, length, D]` to the same shape.
    pub(crate) fn forward(&self, x: Tensor<3>, dropout: &Dropout) -> Tensor<3> {
        match self {
            Self::Relu { wi, wo } => wo.forward(dropout.relu(wi.forward(x, dropout)), dropout),
            Self::GatedGelu { wi_0, wi_1, wo } => {
                let gate = wi_0.forward(x.clone(), dropout);
                wo.forward(dropout.gated_gelu(gate, wi_1.forward(x, dropout)), dropout)
            }
        }
    }
}
