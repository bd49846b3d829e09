//! Prefix tuning: learned keys and values in front of those of every attention (arXiv 2101.00190).

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::Initial;
use super::affine::Affine;
use crate::{Dropout, FileLayout, Weight};

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
    /// What `queries` (`[batch, H, queries, K]`) see of these and of `keys` and `values` (`[batch, H, length, K]`) behind them; `bias` (`[1 or
    /// batch, H or 1, queries, length]`) is that of the latter. With `gates` (`[batch, queries, 1]`), keys and values of the prefix are multiplied by
    /// the gate of the query that looks at them.
    pub fn attention(
        &self,
        queries: Tensor<4>,
        [keys, values, bias]: [Tensor<4>; 3],
        gates: Option<Tensor<3>>,
        dropout: &Dropout,
    ) -> Tensor<4> {
        let Some(gates) = gates else {
            let [keys, values, bias] = self.before(keys, values, bias);
            return dropout.attention(queries, keys, values, bias);
        };
        // A query q with the gate g: q · (g k) = (g q) · k, and g multiplies all that is seen of the prefix's values. One attention does it, with
        // vectors twice as wide, of which prefix and memory have a half each.
        let [_, _, _, d_kv] = keys.dims();
        let gates = gates.unsqueeze_dim::<4>(1);
        let left = |x: Tensor<4>| Tensor::cat(vec![x.clone(), x.zeros_like()], 3);
        let right = |x: Tensor<4>| Tensor::cat(vec![x.zeros_like(), x], 3);
        let wide = Self { keys: left(self.keys.clone()), values: left(self.values.clone()) };
        let [keys, values, bias] = wide.before(right(keys), right(values), bias);
        let queries = Tensor::cat(vec![queries.clone() * gates.clone(), queries], 3);
        let seen = dropout.attention(queries, keys, values, bias);
        seen.clone().narrow(3, 0, d_kv) * gates + seen.narrow(3, d_kv, d_kv)
    }

    /// `keys` and `values` (`[batch, H, length, K]`) behind these, and `bias` (`[1 or batch, H or 1, queries, length]`) with nothing for these: every
    /// query sees all of them, at no distance.
    fn before(&self, keys: Tensor<4>, values: Tensor<4>, bias: Tensor<4>) -> [Tensor<4>; 3] {
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
