//! Prefix tuning: learned keys and values in front of those of every attention (arXiv 2101.00190).

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::Initial;
use super::affine::Affine;
use crate::{FileLayout, Weight};

/// Settings of prefix tuning. Defaults are AdapterHub's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PrefixConfig {
    /// How many keys and values each attention gets.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 65_536)))]
    pub length: usize,
    /// Features of the hidden layer that keys and values are computed by.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 65_536)))]
    pub bottleneck: usize,
}

impl Default for PrefixConfig {
    fn default() -> Self {
        Self { length: 30, bottleneck: 512 }
    }
}

/// Where keys and values come from: a table of vectors and a network of two layers, shared by the attentions of one kind in all blocks. Learned
/// directly they train badly (section 4.3 of the paper).
#[derive(Debug)]
pub struct PrefixEncoder {
    /// `[length, width]`
    table: Weight,
    hidden: Affine,
    /// To keys and values of each block.
    out: Affine,
    blocks: usize,
    heads: usize,
}

/// What one attention sees in front of its own keys and values, `[1, H, length, K]` each.
#[derive(Clone, Debug)]
pub struct Prefix {
    /// Keys.
    pub keys: Tensor<4>,
    /// Values.
    pub values: Tensor<4>,
}

impl PrefixEncoder {
    /// One for attentions of `heads` heads of `d_kv` features in so many `blocks` of a model of `width` features; its weights are called `path.…`.
    pub fn new(
        config: &PrefixConfig,
        path: &str,
        width: usize,
        [blocks, heads, d_kv]: [usize; 3],
        initial: &Initial,
    ) -> Self {
        let &PrefixConfig { length, bottleneck } = config;
        let outputs = blocks * 2 * heads * d_kv;
        Self {
            table: initial.normal(format!("{path}.wte.weight"), [length, width], FileLayout::AsIs, 1.0),
            hidden: Affine::uniform(&format!("{path}.control_trans.0"), [width, bottleneck], initial),
            out: Affine::uniform(&format!("{path}.control_trans.2"), [bottleneck, outputs], initial),
            blocks,
            heads,
        }
    }

    /// The keys and values of each block.
    pub fn forward(&self, device: &Device) -> Vec<Prefix> {
        let table = self.table.on(device).unsqueeze::<3>();
        let of_all = self.out.forward(self.hidden.forward(table).tanh());
        let [_, length, outputs] = of_all.dims();
        let d_kv = outputs / (2 * self.blocks * self.heads);
        // [length, blocks, keys and values, H, K]
        let of_all = of_all.reshape([length, 2 * self.blocks, self.heads, d_kv]).permute([1, 2, 0, 3]);
        let part = |index: usize| of_all.clone().narrow(0, index, 1);
        (0..self.blocks).map(|block| Prefix { keys: part(2 * block), values: part(2 * block + 1) }).collect()
    }

    /// Its weights.
    pub fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        all.push(&self.table);
        for layer in [&self.hidden, &self.out] {
            layer.weights(all);
        }
    }

    /// The same.
    pub fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        all.push(&mut self.table);
        for layer in [&mut self.hidden, &mut self.out] {
            layer.weights_mut(all);
        }
    }
}

impl Prefix {
    /// `keys` and `values` (`[batch, H, length, K]`) behind these, and `bias` (`[1 or batch, H or 1, queries, length]`) with nothing for these: every
    /// query sees all of them, at no distance.
    pub fn before(&self, keys: Tensor<4>, values: Tensor<4>, bias: Tensor<4>) -> [Tensor<4>; 3] {
        let [batch, heads, _, d_kv] = keys.dims();
        let [_, _, length, _] = self.keys.dims();
        let mine = |of: &Tensor<4>| of.clone().expand([batch, heads, length, d_kv]);
        let [rows, bias_heads, queries, _] = bias.dims();
        let seen = Tensor::zeros([rows, bias_heads, queries, length], (&bias.device(), bias.dtype()));
        [
            Tensor::cat(vec![mine(&self.keys), keys], 2),
            Tensor::cat(vec![mine(&self.values), values], 2),
            Tensor::cat(vec![seen, bias], 3),
        ]
    }
}
