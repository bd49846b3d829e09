//! Piece ids of several examples, padded to one length.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::model::ids_tensor;

/// Sources and targets of one forward pass. Its device decides whether the pass is differentiated.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[B, S]`.
    pub(crate) source: Tensor<2, Int>,
    /// `[B, S]`: 1 where the source is padding.
    pub(crate) source_padding: Tensor<2>,
    /// `[B, T]`.
    pub(crate) target: Tensor<2, Int>,
    /// `[B, T]`: 1 at the pieces that count in the loss, 0 at padding.
    pub(crate) target_weight: Tensor<2>,
    target_ids: Vec<i32>,
    device: Device,
}

impl Batch {
    /// Pads `sources` and `targets` (same number, none empty; each ends with its end-of-sequence piece) with `pad` to
    /// the longest of each. Without targets, as for generation, pass `&[]`.
    pub fn new(sources: &[&[u32]], targets: &[&[u32]], pad: u32, device: &Device) -> Self {
        let (source, source_padding, s) = padded(sources, pad);
        let (target_ids, padding, t) = padded(targets, pad);
        let weight: Vec<f32> = padding.iter().map(|p| 1.0 - p).collect();
        let float = |values, shape| Tensor::<2>::from_data(TensorData::new(values, shape), device);
        Self {
            source: ids_tensor(source, [sources.len(), s], device),
            source_padding: float(source_padding, [sources.len(), s]),
            target: ids_tensor(target_ids.clone(), [targets.len(), t], device),
            target_weight: float(weight, [targets.len(), t]),
            target_ids,
            device: device.clone(),
        }
    }

    /// Counts padding of the target in the loss, as the original program does.
    #[must_use]
    pub fn with_target_padding_counted(mut self) -> Self {
        self.target_weight = self.target_weight.ones_like();
        self
    }

    /// The device of the pass.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The target shifted right by one, beginning with `start`: `[B, T]`.
    pub(crate) fn decoder_input(&self, start: u32) -> Tensor<2, Int> {
        let [rows, length] = self.target.dims();
        let mut ids = Vec::with_capacity(self.target_ids.len());
        for row in self.target_ids.chunks_exact(length.max(1)) {
            ids.push(start as i32);
            ids.extend_from_slice(&row[..length - 1]);
        }
        ids_tensor(ids, [rows, length], &self.device)
    }
}

/// Rows padded to the longest: the ids, 1 for padding and 0 for the rest, and the length.
fn padded(rows: &[&[u32]], pad: u32) -> (Vec<i32>, Vec<f32>, usize) {
    let length = rows.iter().map(|r| r.len()).max().unwrap_or(0);
    let mut ids = Vec::with_capacity(rows.len() * length);
    let mut padding = Vec::with_capacity(rows.len() * length);
    for row in rows {
        ids.extend(row.iter().map(|&id| id as i32));
        padding.resize(ids.len(), 0.0);
        ids.resize(ids.len() + length - row.len(), pad as i32);
        padding.resize(ids.len(), 1.0);
    }
    (ids, padding, length)
}
