//! Dropout of one forward pass.

use std::cell::Cell;

use burn::tensor::{Tensor, activation};
use fishdip_kernels::{relu_dropout, seeded_dropout};

/// The dropout layers of one forward pass: each use gets random numbers of its own, all derived from one seed. It acts only on an
/// autodiff device.
#[derive(Debug)]
pub struct Dropout {
    rate: f64,
    seed: u64,
    uses: Cell<u64>,
}

impl Dropout {
    /// Drops entries with probability `rate`, below 1.
    pub fn new(rate: f64, seed: u64) -> Self {
        Self { rate, seed, uses: Cell::new(0) }
    }

    /// Drops nothing.
    pub fn none() -> Self {
        Self::new(0.0, 0)
    }

    /// `x`, with some of its entries zero and the others scaled up.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        match self.next_seed(&x) {
            Some(seed) => seeded_dropout(x, self.rate, seed),
            None => x,
        }
    }

    /// The same of `max(x, 0)`.
    pub fn relu<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        match self.next_seed(&x) {
            Some(seed) => relu_dropout(x, self.rate, seed),
            None => activation::relu(x),
        }
    }

    /// The seed of the next use; `None` where nothing is dropped.
    fn next_seed<const D: usize>(&self, x: &Tensor<D>) -> Option<u64> {
        if self.rate == 0.0 || !x.device().is_autodiff() {
            return None;
        }
        let uses = self.uses.get();
        self.uses.set(uses + 1);
        // SplitMix64's increment: seeds of neighbouring runs and steps do not meet.
        Some(self.seed.wrapping_add(uses.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }
}
