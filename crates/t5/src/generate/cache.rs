//! The decoder run a few pieces at a time, on what it remembers of the pieces before.

use burn::tensor::{Device, Int, Tensor, TensorData};

use fishdip_peft::Dropout;

use crate::attention::{Attention, KeyValue};
use crate::batch::ids_tensor;
use crate::model::{Encoded, MASKED};
use crate::position::PositionBias;
use crate::stack::{Cross, Memory, StackPrefixes};
use crate::{Batch, T5};

/// What one decoder block remembers.
#[derive(Debug)]
struct LayerCache {
    /// `[rows, H, capacity, K]`: allocated once, written in place.
    own: KeyValue,
    /// Of the sources. Neighbouring rows share one where there are more rows than sources.
    memory: Memory,
}

/// A decoder in the middle of several sequences, which need not be equally long.
#[derive(Debug)]
pub(super) struct Cache<'a> {
    model: &'a T5,
    device: Device,
    layers: Vec<LayerCache>,
    /// How many pieces of each row are remembered.
    filled: Vec<usize>,
    biases: Biases,
    /// The same at every piece.
    prefixes: StackPrefixes,
}

/// The position biases of the decoder's self-attention, on the host.
#[derive(Debug)]
struct Biases {
    capacity: usize,
    /// `[H, capacity]`: that of the farthest key first, of the query's own position last.
    by_distance: Vec<f32>,
}

impl<'a> Cache<'a> {
    /// An empty memory for `rows` sequences of at most `capacity` pieces a source; `rows` of them share a source.
    pub(super) fn new(model: &'a T5, batch: &Batch, rows: usize, capacity: usize) -> Self {
        let device = batch.device().clone();
        let encoded: Encoded = model.encode(batch, &Dropout::none(), None);
        let [sources, _, _] = encoded.hidden.dims();
        let config = model.config();
        let shape = [sources * rows, config.num_heads, capacity, config.d_kv];
        // Zeros and not memory as it is: a key that is hidden gets the weight 0, but 0 times a NaN among the values
        // would still be NaN.
        let zeros = || Tensor::zeros(shape, (&device, encoded.hidden.dtype()));
        let layer = |cross: &Cross| LayerCache {
            own: KeyValue { keys: zeros(), values: zeros() },
            memory: Memory {
                source: cross.attention.key_value(encoded.hidden.clone(), &Dropout::none()),
                bias: encoded.bias.clone(),
            },
        };
        let layers = model.decoder.blocks.iter().filter_map(|b| b.cross.as_ref()).map(layer).collect();
        let biases = Biases::new(&model.decoder.position, config.num_heads, capacity);
        let prefixes = model.decoder.prefixes(&device);
        Self { model, layers, filled: vec![0; sources * rows], biases, prefixes, device }
    }

    /// Gives each row its next `pieces`, as many for each: the decoder's output at their positions, `[rows, pieces, D]`.
    pub(super) fn feed(&mut self, pieces: Vec<i32>) -> Tensor<3> {
        let rows = self.filled.len();
        let count = pieces.len() / rows;
        let model = self.model;
        let mut x = model.shared.forward(ids_tensor(pieces, [rows, count], &self.device), &self.device);
        // Every row is shown as many keys as the longest has; what lies behind a shorter row, the bias hides.
        let length = self.filled.iter().max().map_or(0, |most| most + count);
        let bias = self.biases.tensor(&self.filled, count, length, &self.device);
        let dropout = Dropout::none();
        for (index, (block, layer)) in model.decoder.blocks.iter().zip(&mut self.layers).enumerate() {
            let LayerCache { own, memory } = layer;
            let filled = &self.filled;
            let keys_values = |attention: &Attention, h: Tensor<3>| {
                let new = attention.key_value(h, &dropout);
                let seen = |all: &mut Tensor<4>, new| {
                    // The handle below goes with this block, so that the next write is in place again.
                    write(all, new, filled);
                    all.clone().narrow(2, 0, length)
                };
                KeyValue { keys: seen(&mut own.keys, new.keys), values: seen(&mut own.values, new.values) }
            };
            let prefixes = self.prefixes.of_block(index);
            x = block.forward(x, keys_values, bias.clone(), Some(memory.clone()), prefixes, &dropout);
        }
        for filled in &mut self.filled {
            *filled += count;
        }
        model.decoder.final_norm.forward(x)
    }

    /// Forgets the last `count` pieces of `row`.
    pub(super) fn forget(&mut self, row: usize, count: usize) {
        // The keys stay where they are: the bias hides them until the pieces that come instead are written over them.
        self.filled[row] -= count;
    }

    /// Row r becomes what row `rows[r]` was. A source goes where the first of its rows goes.
    pub(super) fn select(&mut self, rows: &[usize]) {
        let shared = self.filled.len() / self.layers.first().map_or(1, |l| l.memory.bias.dims()[0]);
        // The rows of a source always move together, so the first of them tells where it goes.
        let sources: Vec<usize> = rows.iter().step_by(shared).map(|row| row / shared).collect();
        let unmoved = sources.iter().copied().eq(0..self.filled.len() / shared);
        let (ids, sources) = (self.ids(rows), self.ids(&sources));
        for LayerCache { own, memory } in &mut self.layers {
            for tensor in [&mut own.keys, &mut own.values] {
                *tensor = taken(tensor).select(0, ids.clone());
            }
            if !unmoved {
                for tensor in [&mut memory.source.keys, &mut memory.source.values, &mut memory.bias] {
                    *tensor = taken(tensor).select(0, sources.clone());
                }
            }
        }
        self.filled = rows.iter().map(|&row| self.filled[row]).collect();
    }

    fn ids(&self, rows: &[usize]) -> Tensor<1, Int> {
        let ids: Vec<i32> = rows.iter().map(|&r| r as i32).collect();
        Tensor::from_data(TensorData::new(ids, [rows.len()]), &self.device)
    }
}

impl Biases {
    fn new(position: &PositionBias, heads: usize, capacity: usize) -> Self {
        let table: Vec<f32> = position.table.weight.dense().into_data().iter::<f32>().collect();
        let at =
            |head: usize, distance: usize| table[position.bucket(-(distance as i64)) as usize * heads + head];
        let by_distance =
            (0..heads).flat_map(|head| (0..capacity).rev().map(move |d| (head, d))).map(|(h, d)| at(h, d));
        Self { capacity, by_distance: by_distance.collect() }
    }

    /// `[1 or rows, H, count, length]` for `count` new positions of each row behind its `filled` ones; what is later is hidden.
    fn tensor(&self, filled: &[usize], count: usize, length: usize, device: &Device) -> Tensor<4> {
        let heads = self.by_distance.len() / self.capacity;
        let same = filled.iter().all(|first| *first == filled[0]);
        // Rows of one length share their biases.
        let rows = if same { 1 } else { filled.len() };
        let mut bias = Vec::with_capacity(rows * heads * count * length);
        for first in &filled[..rows] {
            for distances in self.by_distance.chunks_exact(self.capacity) {
                for position in *first..first + count {
                    // The keys 0 to `position` are at the distances `position` to 0, the last `position + 1` biases of
                    // the head. All later keys are hidden: those to come, and what other rows or forgotten pieces have
                    // there.
                    bias.extend_from_slice(&distances[self.capacity - 1 - position..]);
                    bias.resize(bias.len() + length - 1 - position, MASKED);
                }
            }
        }
        Tensor::from_data(TensorData::new(bias, [rows, heads, count, length]), device)
    }
}

/// Puts the keys or values of new positions (`[rows, H, count, K]`) behind the `filled` ones of each row, in place: no other owner
/// is left.
fn write(all: &mut Tensor<4>, new: Tensor<4>, filled: &[usize]) {
    let [rows, heads, count, width] = new.dims();
    let at = |rows, first| [rows, 0..heads, first..first + count, 0..width];
    let mut written = taken(all);
    if filled.iter().all(|first| *first == filled[0]) {
        written = written.slice_assign(at(0..rows, filled[0]), new);
    } else {
        for (row, &first) in filled.iter().enumerate() {
            written = written.slice_assign(at(row..row + 1, first), new.clone().narrow(0, row, 1));
        }
    }
    *all = written;
}

/// The tensor itself, so that it can be written in place.
fn taken(tensor: &mut Tensor<4>) -> Tensor<4> {
    let nothing = Tensor::empty([0, 0, 0, 0], &tensor.device());
    core::mem::replace(tensor, nothing)
}
