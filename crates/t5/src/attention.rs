//! Multi-head attention without scaling, as T5 has it.

use burn::tensor::Tensor;
use fishdip_peft::{Dropout, Gate, Linear, Prefix, Weight};

use crate::{Error, T5Config, weights::WeightLoader};

/// Keys and values of one attention, each `[B, H, length, K]`.
#[derive(Clone, Debug)]
pub(crate) struct KeyValue {
    pub(crate) keys: Tensor<4>,
    pub(crate) values: Tensor<4>,
}

#[derive(Debug)]
pub(crate) struct Attention {
    pub(crate) q: Linear,
    pub(crate) k: Linear,
    pub(crate) v: Linear,
    pub(crate) o: Linear,
    /// How much of a prefix each query sees, where a method has added it.
    pub(crate) prefix_gate: Option<Gate>,
    heads: usize,
    d_kv: usize,
}

impl Attention {
    pub(crate) fn load(file: &mut WeightLoader, prefix: &str, config: &T5Config) -> Result<Self, Error> {
        let inner = config.num_heads * config.d_kv;
        let mut linear = |name, shape| -> Result<Linear, Error> {
            Ok(Linear::new(file.linear(format!("{prefix}.{name}.weight"), shape)?))
        };
        Ok(Self {
            q: linear("q", [config.d_model, inner])?,
            k: linear("k", [config.d_model, inner])?,
            v: linear("v", [config.d_model, inner])?,
            o: linear("o", [inner, config.d_model])?,
            prefix_gate: None,
            heads: config.num_heads,
            d_kv: config.d_kv,
        })
    }

    pub(crate) fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        for linear in [&self.q, &self.k, &self.v, &self.o] {
            linear.weights(all);
        }
        if let Some(gate) = &self.prefix_gate {
            gate.weights(all);
        }
    }

    pub(crate) fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        for linear in [&mut self.q, &mut self.k, &mut self.v, &mut self.o] {
            linear.weights_mut(all);
        }
        if let Some(gate) = &mut self.prefix_gate {
            gate.weights_mut(all);
        }
    }

    pub(crate) fn linears_mut(&mut self) -> [&mut Linear; 4] {
        [&mut self.q, &mut self.k, &mut self.v, &mut self.o]
    }

    /// Keys and values of `x` (`[B, length, D]`).
    pub(crate) fn key_value(&self, x: Tensor<3>, dropout: &Dropout) -> KeyValue {
        let keys = self.split(self.k.forward(x.clone(), dropout));
        KeyValue { keys, values: self.split(self.v.forward(x, dropout)) }
    }

    /// `x` (`[B, T, D]`) attends to `memory`, in front of which stands `prefix`; `bias` (`[1 or B, H or 1, T, length]`) is added to the scores of
    /// the memory and holds the masks.
    pub(crate) fn forward(
        &self,
        x: Tensor<3>,
        memory: KeyValue,
        bias: Tensor<4>,
        prefix: Option<&Prefix>,
        dropout: &Dropout,
    ) -> Tensor<3> {
        let [batch, length, _] = x.dims();
        let queries = self.split(self.q.forward(x.clone(), dropout));
        let KeyValue { keys, values } = memory;
        let context = match prefix {
            Some(prefix) => {
                let gates = self.prefix_gate.as_ref().map(|gate| gate.forward(x));
                prefix.attention(queries, [keys, values, bias], gates, dropout)
            }
            None => dropout.attention(queries, keys, values, bias),
        };
        self.o.forward(context.swap_dims(1, 2).reshape([batch, length, self.heads * self.d_kv]), dropout)
    }

    /// `[B, length, H·K]` to `[B, H, length, K]`.
    fn split(&self, x: Tensor<3>) -> Tensor<4> {
        let [batch, length, _] = x.dims();
        x.reshape([batch, length, self.heads, self.d_kv]).swap_dims(1, 2)
    }
}
