//! Relative position biases (arXiv 1910.10683, section 2.1; buckets as in the original program).

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use fishdip_peft::Embedding;

use crate::T5Config;

/// The bias of each head for each distance between a query and a key.
#[derive(Debug)]
pub(crate) struct PositionBias {
    /// `[buckets, H]`.
    pub(crate) table: Embedding,
    pub(crate) bidirectional: bool,
    pub(crate) buckets: usize,
    pub(crate) max_distance: usize,
}

impl PositionBias {
    pub(crate) fn new(table: Embedding, bidirectional: bool, config: &T5Config) -> Self {
        Self {
            table,
            bidirectional,
            buckets: config.relative_attention_num_buckets,
            max_distance: config.relative_attention_max_distance,
        }
    }

    /// `[1, H, length, length]` (a batch of samples while squared gradients are collected), in f32 as the masks that it is added to.
    pub(crate) fn forward(&self, length: usize, device: &Device) -> Tensor<4> {
        let mut ids = Vec::with_capacity(length * length);
        for query in 0..length {
            ids.extend((0..length).map(|key| self.bucket(key as i64 - query as i64)));
        }
        let ids = TensorData::new(ids, [1, length * length]);
        let bias = self.table.forward(Tensor::<2, Int>::from_data(ids, device), device);
        let [batch, _, heads] = bias.dims();
        bias.reshape([batch, length, length, heads]).permute([0, 3, 1, 2]).cast(DType::F32)
    }

    /// The bucket of `distance` = key − query: exact for near keys, logarithmic up to `max_distance`.
    pub(crate) fn bucket(&self, distance: i64) -> i32 {
        let mut buckets = self.buckets as i64;
        let mut first = 0;
        let distance = if self.bidirectional {
            buckets /= 2;
            if distance > 0 {
                first = buckets;
            }
            distance.abs()
        } else {
            (-distance).max(0)
        };
        let exact = buckets / 2;
        if distance < exact {
            return (first + distance) as i32;
        }
        // In f32, as PyTorch computes it: the rounding decides the bucket at the borders.
        let ratio = (distance as f32 / exact as f32).ln() / (self.max_distance as f32 / exact as f32).ln()
            * (buckets - exact) as f32;
        (first + (exact + ratio as i64).min(buckets - 1)) as i32
    }
}
