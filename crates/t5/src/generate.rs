//! Greedy decoding with a key-value cache.

use burn::tensor::{Device, Int, Tensor, TensorData, activation};

use fishdip_peft::Dropout;

use crate::attention::KeyValue;
use crate::model::{Encoded, ids_tensor};
use crate::stack::Memory;
use crate::{Batch, T5};

/// One generated sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// Piece ids, without the start and the end of the sequence.
    pub ids: Vec<u32>,
    /// The model's log-probability of each of `ids`.
    pub log_probabilities: Vec<f32>,
    /// Whether the sequence ended by itself rather than at the length limit.
    pub finished: bool,
}

/// What one decoder block remembers.
#[derive(Debug)]
struct LayerCache {
    /// `[B, H, limit, K]`, filled up to the current position: allocated once, written in place.
    own: KeyValue,
    memory: Memory,
}

impl T5 {
    /// The most probable piece at every step, at most `limit` of them (the end of the sequence included), for each
    /// source of `batch`. `keep_going` is asked before every step; `None` is returned once it says no.
    pub fn generate(
        &self,
        batch: &Batch,
        limit: usize,
        keep_going: &dyn Fn() -> bool,
    ) -> Option<Vec<Generated>> {
        let device = batch.device();
        let encoded = self.encode(batch, &Dropout::none());
        let mut cache = self.cache(&encoded, limit, device);
        let [size, _] = batch.source.dims();
        let empty = Generated { ids: Vec::new(), log_probabilities: Vec::new(), finished: false };
        let mut outputs = vec![empty; size];
        // Row r of the cache belongs to outputs[rows[r]].
        let mut rows: Vec<usize> = (0..size).collect();
        let mut last = vec![self.config().decoder_start_token_id as i32; size];

        for position in 0..limit {
            if !keep_going() {
                return None;
            }
            let scores = self.step(&last, position, &mut cache, device);
            let (best, ids) = activation::log_softmax(scores, 1).max_dim_with_indices(1);
            let ids: Vec<i64> = ids.into_data().iter::<i64>().collect();
            let best: Vec<f32> = best.into_data().iter::<f32>().collect();
            let mut alive = Vec::with_capacity(rows.len());
            for (row, (&id, &log_probability)) in ids.iter().zip(&best).enumerate() {
                let output = &mut outputs[rows[row]];
                if output.finished {
                    continue;
                }
                if id == i64::from(self.config().eos_token_id) {
                    output.finished = true;
                } else {
                    output.ids.push(id as u32);
                    output.log_probabilities.push(log_probability);
                    alive.push(row);
                }
            }
            if alive.is_empty() {
                break;
            }
            last = ids.into_iter().map(|id| id as i32).collect();
            // Copying the cache costs about a step: finished rows leave once they are a quarter of it.
            if alive.len() * 4 <= rows.len() * 3 {
                cache = select_rows(cache, &alive, device);
                last = alive.iter().map(|&r| last[r]).collect();
                rows = alive.iter().map(|&r| rows[r]).collect();
            }
        }
        Some(outputs)
    }

    fn cache(&self, encoded: &Encoded, limit: usize, device: &Device) -> Vec<LayerCache> {
        let [batch, _, _] = encoded.hidden.dims();
        let shape = [batch, self.config().num_heads, limit, self.config().d_kv];
        let layer = |cross: &crate::stack::Cross| LayerCache {
            own: KeyValue { keys: Tensor::zeros(shape, device), values: Tensor::zeros(shape, device) },
            memory: Memory {
                source: cross.attention.key_value(encoded.hidden.clone()),
                bias: encoded.bias.clone(),
            },
        };
        self.decoder.blocks.iter().filter_map(|b| b.cross.as_ref()).map(layer).collect()
    }

    /// Scores `[B, V]` of the piece at `position`, given the pieces before it.
    fn step(&self, last: &[i32], position: usize, cache: &mut Vec<LayerCache>, device: &Device) -> Tensor<2> {
        let ids = ids_tensor(last.to_vec(), [last.len(), 1], device);
        let mut x = self.shared.forward(ids, device);
        let bias = self.decoder.position.forward(1, position + 1, position, device);
        let dropout = Dropout::none();
        for (block, layer) in self.decoder.blocks.iter().zip(core::mem::take(cache)) {
            let LayerCache { own, memory } = layer;
            let mut filled = None;
            let keys_values = |attention: &crate::attention::Attention, h: Tensor<3>| {
                let own = write(own, attention.key_value(h), position);
                let seen = KeyValue {
                    keys: own.keys.clone().narrow(2, 0, position + 1),
                    values: own.values.clone().narrow(2, 0, position + 1),
                };
                filled = Some(own);
                seen
            };
            x = block.forward(x, keys_values, bias.clone(), Some(memory.clone()), &dropout);
            cache.extend(filled.map(|own| LayerCache { own, memory }));
        }
        self.scores(self.decoder.final_norm.forward(x))
    }
}

/// Puts the keys and values of one position into the cache, in place: the cache is moved in and out.
fn write(cache: KeyValue, new: KeyValue, position: usize) -> KeyValue {
    let [batch, heads, _, width] = cache.keys.dims();
    let at = [0..batch, 0..heads, position..position + 1, 0..width];
    KeyValue {
        keys: cache.keys.slice_assign(at.clone(), new.keys),
        values: cache.values.slice_assign(at, new.values),
    }
}

fn select_rows(cache: Vec<LayerCache>, rows: &[usize], device: &Device) -> Vec<LayerCache> {
    let ids: Vec<i32> = rows.iter().map(|&r| r as i32).collect();
    let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [rows.len()]), device);
    let pick = |kv: KeyValue| KeyValue {
        keys: kv.keys.select(0, ids.clone()),
        values: kv.values.select(0, ids.clone()),
    };
    let layer = |layer: LayerCache| LayerCache {
        own: pick(layer.own),
        memory: Memory { source: pick(layer.memory.source), bias: layer.memory.bias.select(0, ids.clone()) },
    };
    cache.into_iter().map(layer).collect()
}
