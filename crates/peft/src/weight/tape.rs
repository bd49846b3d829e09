//! What a graph watches of a weight for one step.

use burn::tensor::{DType, Device, Gradients, Tensor};

use super::{State, Weight, WeightEntries};
use crate::squared::SquaredGradients;

/// What the next forward pass is differentiable in. It ends with the step, while what is trained stays.
#[derive(Debug, Default)]
pub(super) enum Tape {
    /// Nothing: the weight is a constant.
    #[default]
    Off,
    /// Every entry; the leaf.
    Dense(Tensor<2>),
    /// The values of the trained entries; the leaf, `[k]`.
    Entries(Tensor<1>),
    /// Every entry, each sample of a batch for itself and squared.
    Squared(SquaredGradients),
}

/// How a layer uses a weight in one forward pass.
pub(crate) enum Usage<'a> {
    /// As it is.
    Constant(Tensor<2>),
    /// Differentiated in every entry: the same values as a constant and as the `leaf`.
    Dense { dense: Tensor<2>, leaf: Tensor<2> },
    /// Differentiated in the values of some entries, the `leaf`.
    Entries { dense: Tensor<2>, entries: &'a WeightEntries, leaf: Tensor<1> },
    /// Its squared gradients are collected.
    Squared { dense: Tensor<2>, squared: &'a SquaredGradients },
}

impl Weight {
    /// Starts a step: the next forward pass is differentiable in what is trained.
    pub fn watch(&mut self) {
        *self.tape = match &*self.state {
            State::Nothing => Tape::Off,
            State::All => return self.watch_dense(),
            State::Entries(entries) => {
                // A leaf is another handle to the values, not a copy of them.
                Tape::Entries(Tensor::from_inner(entries.values.clone()).require_grad())
            }
        };
    }

    /// The gradient of what is trained in f32 after a backward pass, flat: `[k]`, or `[rows · columns]` if that is everything. Zero where the
    /// loss does not reach it, `None` if nothing is watched. Ends the step that [`Weight::watch`] began.
    pub fn take_gradient(&mut self, gradients: &mut Gradients) -> Option<Tensor<1>> {
        let gradient = match core::mem::take(&mut *self.tape) {
            Tape::Entries(leaf) => {
                // Zeros and not nothing: the moments and ages of entries that a batch does not reach move on with those
                // of all others.
                let zeros = || Tensor::zeros_like(&leaf.clone().inner());
                leaf.grad_remove(gradients).unwrap_or_else(zeros)
            }
            Tape::Dense(leaf) => {
                let gradient = leaf.grad_remove(gradients).unwrap_or_else(|| self.dense.zeros_like());
                gradient.reshape([self.entries()])
            }
            Tape::Off | Tape::Squared(_) => return None,
        };
        Some(gradient.cast(DType::F32))
    }

    /// Makes the next forward pass differentiable in every entry, whatever is trained.
    pub fn watch_dense(&mut self) {
        *self.tape = Tape::Dense(Tensor::from_inner(self.dense.clone()).require_grad());
    }

    /// The dense gradient after a backward pass, `None` where the loss does not reach the weight. Ends what [`Weight::watch_dense`] began.
    pub fn take_dense_gradient(&mut self, gradients: &mut Gradients) -> Option<Tensor<2>> {
        match core::mem::take(&mut *self.tape) {
            Tape::Dense(leaf) => leaf.grad_remove(gradients),
            _ => None,
        }
    }

    /// Makes the next forward pass collect the squared gradient of each of its `samples`, whatever is trained.
    pub fn watch_squared(&mut self, samples: usize) {
        *self.tape = Tape::Squared(SquaredGradients::new(samples));
    }

    /// Whether [`Weight::take_squared`] can give the squared gradients of each sample after the forward pass that was just made. If not, every
    /// sample has to be differentiated on its own.
    pub fn separates_samples(&self) -> bool {
        match &*self.tape {
            Tape::Squared(squared) => squared.separable(),
            _ => true,
        }
    }

    /// The squared gradients of the last backward pass, summed over its samples: `[rows · columns]`. `None` where the loss
    /// does not reach the weight. Ends what [`Weight::watch_squared`] began.
    pub fn take_squared(&mut self, gradients: &mut Gradients) -> Option<Tensor<1>> {
        match core::mem::take(&mut *self.tape) {
            Tape::Squared(squared) => squared.finish(&self.dense, gradients),
            _ => None,
        }
    }

    /// Ends whatever is watched, without its gradient.
    pub fn unwatch(&mut self) {
        *self.tape = Tape::Off;
    }

    /// How a layer on `device` uses the weight.
    pub(crate) fn usage(&self, device: &Device) -> Usage<'_> {
        if !device.is_autodiff() {
            // Without autodiff nothing can be watched, whatever is on the tape: the same model can decode between two
            // passes.
            return Usage::Constant(self.dense.clone());
        }
        let dense = Tensor::from_inner(self.dense.clone());
        match (&*self.tape, &*self.state) {
            (Tape::Dense(leaf), _) => Usage::Dense { dense, leaf: leaf.clone() },
            (Tape::Entries(leaf), State::Entries(entries)) => {
                Usage::Entries { dense, entries, leaf: leaf.clone() }
            }
            (Tape::Squared(squared), _) => Usage::Squared { dense, squared },
            // Leaves of entries without trained entries do not occur: whatever changes what is trained clears the tape
            // too.
            (Tape::Off | Tape::Entries(_), _) => Usage::Constant(dense),
        }
    }
}
