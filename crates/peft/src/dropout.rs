//! Dropout of one forward pass.

use std::cell::Cell;

use burn::tensor::{Device, Tensor};
use fishdip_kernels::{biased_attention, dropped_relu, gated_gelu, seeded_dropout};

/// The dropout layers of one forward pass: each use gets random numbers of its own, all derived from one seed. It acts only on an
/// autodiff device.
#[derive(Debug)]
pub struct Dropout {
    rate: f64,
    seed: u64,
    uses: Cell<u64>,
    /// Off where nothing is dropped, whatever the rate of a layer's own.
    is_on: bool,
}

impl Dropout {
    /// Drops entries with probability `rate`, below 1.
    pub fn new(rate: f64, seed: u64) -> Self {
        Self { rate, seed, uses: Cell::new(0), is_on: true }
    }

    /// Drops nothing.
    pub fn none() -> Self {
        Self { is_on: false, ..Self::new(0.0, 0) }
    }

    /// `x`, with some of its entries zero and the others scaled up.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        match self.next(&x.device()) {
            Some(seed) => seeded_dropout(x, self.rate, seed),
            None => x,
        }
    }

    /// [`forward`](Self::forward) with a `rate` of the layer's own.
    pub fn at_rate<const D: usize>(&self, rate: f64, x: Tensor<D>) -> Tensor<D> {
        match self.next_at(rate, &x.device()) {
            Some(seed) => seeded_dropout(x, rate, seed),
            None => x,
        }
    }

    /// [`forward`](Self::forward) of `max(x, 0)`.
    pub fn relu<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        match self.next(&x.device()) {
            Some(seed) => dropped_relu(x, self.rate, seed),
            None => dropped_relu(x, 0.0, 0),
        }
    }

    /// [`forward`](Self::forward) of `gelu(gate) · x`.
    pub fn gated_gelu<const D: usize>(&self, gate: Tensor<D>, x: Tensor<D>) -> Tensor<D> {
        match self.next(&x.device()) {
            Some(seed) => gated_gelu(gate, x, self.rate, seed),
            None => gated_gelu(gate, x, 0.0, 0),
        }
    }

    /// [Attention](biased_attention) with dropout of its weights: `queries` `[batch, heads, queries, width]`, `keys` and `values`
    /// `[batch, heads, keys, width]`, `bias` added to the scores.
    pub fn attention(
        &self,
        queries: Tensor<4>,
        keys: Tensor<4>,
        values: Tensor<4>,
        bias: Tensor<4>,
    ) -> Tensor<4> {
        match self.next(&queries.device()) {
            Some(seed) => biased_attention(queries, keys, values, bias, self.rate, seed),
            None => biased_attention(queries, keys, values, bias, 0.0, 0),
        }
    }

    /// The seed of the next use on `device`, if anything is dropped there.
    fn next(&self, device: &Device) -> Option<u64> {
        self.next_at(self.rate, device)
    }

    fn next_at(&self, rate: f64, device: &Device) -> Option<u64> {
        if !self.is_on || rate == 0.0 || !device.is_autodiff() {
            return None;
        }
        let uses = self.uses.get();
        self.uses.set(uses + 1);
        // SplitMix64's increment: seeds of neighbouring runs and steps do not meet.
        Some(self.seed.wrapping_add(uses.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }
}
