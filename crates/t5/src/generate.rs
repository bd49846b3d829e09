//! Greedy decoding with a key-value cache, free or constrained.

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

/// What an output may hold, piece by piece.
pub trait Constraint {
    /// Puts the ids that can follow into `ids`, at least one unless the output is [`done`](Self::done).
    fn legal(&self, ids: &mut Vec<u32>);

    /// Writes `id`, which is legal.
    fn advance(&mut self, id: u32);

    /// Whether the output has ended.
    fn done(&self) -> bool;
}

/// What one decoder block remembers.
#[derive(Debug)]
struct LayerCache {
    /// `[B, H, limit, K]`, filled up to the current position: allocated once, written in place.
    own: KeyValue,
    memory: Memory,
}

/// Chooses the next piece of each row from the decoder's output `[rows, 1, D]`: notes it in the outputs, `rows[r]` being the one of row
/// r, and gives the ids.
type Choose<'a> = dyn FnMut(Tensor<3>, &[usize], &mut [Generated]) -> Vec<i32> + 'a;

impl T5 {
    /// The most probable piece at every step, at most `limit` of them (the end of the sequence included), for each
    /// source of `batch`. `keep_going` is asked before every step; `None` is returned once it says no.
    pub fn generate(
        &self,
        batch: &Batch,
        limit: usize,
        keep_going: &dyn Fn() -> bool,
    ) -> Option<Vec<Generated>> {
        let end = i64::from(self.config().eos_token_id);
        self.decode(batch, limit, keep_going, &mut |hidden, rows, outputs| {
            let (best, ids) = activation::log_softmax(self.scores(hidden), 1).max_dim_with_indices(1);
            let ids: Vec<i64> = ids.into_data().iter::<i64>().collect();
            let best: Vec<f32> = best.into_data().iter::<f32>().collect();
            for ((&row, &id), log_probability) in rows.iter().zip(&ids).zip(best) {
                let output = &mut outputs[row];
                output.finished |= id == end;
                if !output.finished {
                    output.ids.push(id as u32);
                    output.log_probabilities.push(log_probability);
                }
            }
            ids.into_iter().map(|id| id as i32).collect()
        })
    }

    /// The most probable of the pieces that its constraint allows at every step, at most `limit` of them (the end of the sequence
    /// included), for each source of `batch`. Log-probabilities are over what is allowed. `keep_going` is as for [`generate`](Self::generate).
    pub fn generate_constrained<C: Constraint>(
        &self,
        batch: &Batch,
        limit: usize,
        constraints: &mut [C],
        keep_going: &dyn Fn() -> bool,
    ) -> Option<Vec<Generated>> {
        let (end, pad) = (self.config().eos_token_id, self.config().pad_token_id as i32);
        let mut legal: Vec<Vec<u32>> = vec![Vec::new(); constraints.len()];
        self.decode(batch, limit, keep_going, &mut |hidden, rows, outputs| {
            for &row in rows {
                legal[row].clear();
                if !outputs[row].finished {
                    constraints[row].legal(&mut legal[row]);
                }
            }
            // Only where there is a choice does the output layer count, and only its rows for what can be chosen.
            let mut asked: Vec<u32> =
                rows.iter().map(|&row| &legal[row]).filter(|ids| ids.len() > 1).flatten().copied().collect();
            asked.sort_unstable();
            asked.dedup();
            let scores: Vec<f32> = if asked.is_empty() {
                Vec::new()
            } else {
                self.scores_of(hidden, &asked).into_data().iter::<f32>().collect()
            };
            let choose = |(at, &row): (usize, &usize)| {
                let output = &mut outputs[row];
                let row_scores = scores.get(at * asked.len()..(at + 1) * asked.len()).unwrap_or_default();
                let Some((id, log_probability)) = best_of(&legal[row], &asked, row_scores) else {
                    output.finished = true;
                    return pad;
                };
                constraints[row].advance(id);
                output.finished = constraints[row].done();
                if !(output.finished && id == end) {
                    output.ids.push(id);
                    output.log_probabilities.push(log_probability);
                }
                id as i32
            };
            rows.iter().enumerate().map(choose).collect()
        })
    }

    fn decode(
        &self,
        batch: &Batch,
        limit: usize,
        keep_going: &dyn Fn() -> bool,
        choose: &mut Choose<'_>,
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
            let hidden = self.step(&last, position, &mut cache, device);
            last = choose(hidden, &rows, &mut outputs);
            let alive: Vec<usize> = (0..rows.len()).filter(|&row| !outputs[rows[row]].finished).collect();
            if alive.is_empty() {
                break;
            }
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

    /// The decoder's output `[B, 1, D]` at `position`, given the pieces before it.
    fn step(&self, last: &[i32], position: usize, cache: &mut Vec<LayerCache>, device: &Device) -> Tensor<3> {
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
        self.decoder.final_norm.forward(x)
    }
}

/// The id of the best score among `legal`, the first of equals, and its log-probability among them; `scores` are those of the ids `asked`,
/// sorted. Nothing if nothing is legal.
fn best_of(legal: &[u32], asked: &[u32], scores: &[f32]) -> Option<(u32, f32)> {
    if let [only] = legal {
        return Some((*only, 0.0));
    }
    let score = |id: &u32| asked.binary_search(id).ok().and_then(|at| scores.get(at).copied());
    let scored: Vec<(u32, f32)> = legal.iter().filter_map(|id| Some((*id, score(id)?))).collect();
    let &(id, best) = scored.iter().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let sum: f32 = scored.iter().map(|(_, score)| (score - best).exp()).sum();
    Some((id, -sum.ln()))
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
