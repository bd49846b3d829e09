//! Layers made of [`Weight`]s. They run on the device of their input, with autodiff or without.

use burn::tensor::{Device, Int, Tensor};
use fishdip_kernels::{
    LegalPieces, OutputLayout, TrainedOutput, legal_cross_entropy, linear_cross_entropy, masked_embedding,
    product, rms_norm, thin_product, token_losses,
};

use crate::addition::{Lora, Scaling, Side};
use crate::squared::{OutputGradient, Softmax};
use crate::weight::Usage;
use crate::{Dropout, Weight};

/// `y = x W`, without a bias; `W` is `[in, out]`. With what a method has added to it.
#[derive(Debug)]
pub struct Linear {
    /// `[in, out]`.
    pub weight: Weight,
    /// A low-rank product beside it.
    pub lora: Option<Lora>,
    /// Factors of its input or output.
    pub scaling: Option<Scaling>,
}

impl Linear {
    /// A layer to which nothing is added.
    pub fn new(weight: Weight) -> Self {
        Self { weight, lora: None, scaling: None }
    }

    /// `[batch, length, in]` to `[batch, length, out]`. `dropout` is for what was added.
    pub fn forward(&self, x: Tensor<3>, dropout: &Dropout) -> Tensor<3> {
        let scaled = |x: Tensor<3>, side| match &self.scaling {
            Some(scaling) => scaling.forward(x, side),
            None => x,
        };
        let x = scaled(x, Side::Input);
        let y = match &self.lora {
            Some(lora) => lora.forward(&self.weight, x.clone(), self.weight.multiply(x), dropout),
            None => self.weight.multiply(x),
        };
        scaled(y, Side::Output)
    }

    /// The dense weight `[in, out]` of a layer without additions that does the same.
    pub fn merged(&self) -> Tensor<2> {
        let weight = self.lora.as_ref().map_or_else(|| self.weight.dense(), |lora| lora.merged(&self.weight));
        match &self.scaling {
            Some(scaling) => scaling.merged(weight),
            None => weight,
        }
    }

    /// Takes away what was added.
    pub fn remove_additions(&mut self) {
        (self.lora, self.scaling) = (None, None);
    }

    /// All its weights.
    pub fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        all.push(&self.weight);
        if let Some(lora) = &self.lora {
            lora.weights(all);
        }
        all.extend(self.scaling.as_ref().map(Scaling::weight));
    }

    /// The same.
    pub fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        all.push(&mut self.weight);
        if let Some(lora) = &mut self.lora {
            lora.weights_mut(all);
        }
        all.extend(self.scaling.as_mut().map(Scaling::weight_mut));
    }
}

/// A table of vectors, which can also serve as the output layer.
#[derive(Debug)]
pub struct Embedding {
    /// `[rows, width]`.
    pub weight: Weight,
}

impl Embedding {
    /// The vectors of `ids`: `[batch, length]` to `[batch, length, width]`. `device` tells whether the computation is
    /// differentiated. A batch of one may stand for a batch of equal rows; while squared gradients are collected, every sample then
    /// gets rows of its own.
    pub fn forward(&self, ids: Tensor<2, Int>, device: &Device) -> Tensor<3> {
        let [batch, length] = ids.dims();
        let [_, width] = self.weight.shape();
        let flat = ids.clone().reshape([batch * length]);
        let rows = match self.weight.usage(device) {
            Usage::Constant(table) | Usage::Dense { leaf: table, .. } => table.select(0, flat),
            Usage::Entries { dense, entries, leaf } => {
                masked_embedding(dense, leaf, entries.indices.clone(), flat)
            }
            Usage::Squared { dense, squared } if [1, squared.samples()].contains(&batch) => {
                return squared.rows(dense, ids);
            }
            Usage::Squared { dense, squared } => {
                squared.whole();
                dense.select(0, flat)
            }
        };
        rows.reshape([batch, length, width])
    }

    /// One score a row: `[n, width]` to `[n, rows]`.
    pub fn scores(&self, x: Tensor<2>) -> Tensor<2> {
        let table = self.weight.on(&x.device());
        // `product` is differentiable; decoding, which is not differentiated, has few rows.
        if x.device().is_autodiff() {
            return product(x, table.transpose());
        }
        thin_product(x, table, OutputLayout::Table)
    }
}

/// The positions whose loss is asked for.
#[derive(Clone, Debug)]
pub struct Targets {
    /// The piece that should stand at each position, `[tokens]`.
    pub ids: Tensor<1, Int>,
    /// What the loss of each position is multiplied by, `[tokens]`.
    pub weights: Tensor<1>,
    /// How many positions each sample has.
    pub tokens: Vec<usize>,
    /// The pieces that the softmax of each position is over; absent: all pieces.
    pub legal: Option<LegalPieces>,
}

impl Targets {
    /// The weighted losses of `x` (`[tokens, width]`) under the output layer `dense`.
    fn cross_entropy(
        &self,
        x: Tensor<2>,
        dense: Tensor<2>,
        trained: TrainedOutput,
        layout: OutputLayout,
    ) -> Tensor<1> {
        let weights = self.weights.clone();
        match &self.legal {
            Some(legal) => legal_cross_entropy(x, dense, trained, legal.clone(), weights, layout),
            None => linear_cross_entropy(x, dense, trained, self.ids.clone(), weights, layout),
        }
    }
}

/// A layer whose output are the scores of a vocabulary.
pub trait OutputLayer {
    /// Its weight and how it lies.
    fn layout(&self) -> (&Weight, OutputLayout);

    /// The weighted losses of `x` (`[tokens, width]`), `[tokens]`. Their sum is what may be differentiated.
    fn cross_entropy(&self, x: Tensor<2>, targets: &Targets) -> Tensor<1> {
        let (weight, layout) = self.layout();
        let device = x.device();
        let (dense, trained) = match weight.usage(&device) {
            Usage::Constant(dense) => (dense, TrainedOutput::Nothing),
            Usage::Dense { dense, leaf } => (dense, TrainedOutput::All(leaf)),
            Usage::Entries { dense, entries, leaf } => {
                let (indices, gradient) = (entries.indices.clone(), entries.gradient);
                (dense, TrainedOutput::Entries { values: leaf, indices, gradient })
            }
            Usage::Squared { dense, squared } => {
                // Nothing of this weight is differentiated here: a shared table also gets gradient as an embedding,
                // which has to be added before anything is squared. So what it takes to compute the output layer's part
                // later is kept. It will be that of the plain sum of the losses, which is what a caller must
                // differentiate.
                let (inner, token_weights) = (x.clone().inner(), targets.weights.clone().inner());
                let losses = targets.cross_entropy(x, dense, TrainedOutput::Nothing, layout);
                let tokens = targets.tokens.clone();
                if tokens.len() != squared.samples() {
                    squared.whole();
                    return losses;
                }
                let softmax = match &targets.legal {
                    Some(legal) => Softmax::Legal(legal.clone()),
                    None => {
                        Softmax::All { targets: targets.ids.clone().inner(), losses: losses.clone().inner() }
                    }
                };
                squared.output(OutputGradient { x: inner, softmax, token_weights, tokens, layout });
                return losses;
            }
        };
        targets.cross_entropy(x, dense, trained, layout)
    }

    /// The loss of every position over all pieces, `[tokens]`. `x` (`[tokens, width]`) is on a device without autodiff.
    fn losses(&self, x: Tensor<2>, targets: &Targets) -> Tensor<1> {
        let (weight, layout) = self.layout();
        token_losses(x, weight.dense(), targets.ids.clone(), layout)
    }
}

impl OutputLayer for Embedding {
    fn layout(&self) -> (&Weight, OutputLayout) {
        (&self.weight, OutputLayout::Table)
    }
}

impl OutputLayer for Linear {
    fn layout(&self) -> (&Weight, OutputLayout) {
        (&self.weight, OutputLayout::Linear)
    }
}

/// Scales each vector to unit root mean square, then by a learned factor a feature (arXiv 1910.07467).
#[derive(Debug)]
pub struct RmsNorm {
    /// `[1, width]`.
    pub weight: Weight,
    /// Added to the mean square.
    pub epsilon: f64,
}

impl RmsNorm {
    /// `[batch, length, width]` to the same shape.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, length, width] = x.dims();
        let factors = match self.weight.usage(&x.device()) {
            // A copy of the factors for each sample, so that autodiff itself keeps the samples' gradients apart. The
            // kernel takes factors of as many groups of rows.
            Usage::Squared { dense, squared } if batch == squared.samples() => squared.repeated(dense),
            _ => self.weight.on(&x.device()),
        };
        rms_norm(x.reshape([batch * length, width]), factors, self.epsilon).reshape([batch, length, width])
    }
}
