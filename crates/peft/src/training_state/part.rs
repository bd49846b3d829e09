//! A tensor of the file, whose bytes are made when they are written.

use burn::tensor::Tensor;
use safetensors::View;
use safetensors::tensor::Dtype;
use std::borrow::Cow;

pub(super) struct Part {
    content: Content,
    shape: [usize; 1],
}

enum Content {
    Bytes(Vec<u8>),
    Numbers(Vec<f32>),
    /// Still on the device.
    Values(Tensor<1>),
}

impl Part {
    /// Positions.
    pub(super) fn bytes(bytes: Vec<u8>) -> Self {
        Self { shape: [bytes.len()], content: Content::Bytes(bytes) }
    }

    pub(super) fn values(values: Tensor<1>) -> Self {
        Self { shape: values.dims(), content: Content::Values(values) }
    }

    pub(super) fn numbers(numbers: &[f32]) -> Self {
        Self { shape: [numbers.len()], content: Content::Numbers(numbers.to_vec()) }
    }
}

impl View for Part {
    fn dtype(&self) -> Dtype {
        match self.content {
            Content::Bytes(_) => Dtype::U8,
            Content::Numbers(_) | Content::Values(_) => Dtype::F32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let bytes =
            |numbers: &mut dyn Iterator<Item = f32>| numbers.flat_map(f32::to_le_bytes).collect::<Vec<u8>>();
        match &self.content {
            Content::Bytes(bytes) => Cow::Borrowed(bytes),
            Content::Numbers(numbers) => Cow::Owned(bytes(&mut numbers.iter().copied())),
            // A cast to f32 is exact, whatever the model computes in.
            Content::Values(values) => Cow::Owned(bytes(&mut values.clone().into_data().iter::<f32>())),
        }
    }

    fn data_len(&self) -> usize {
        let width = if self.dtype() == Dtype::U8 { 1 } else { 4 };
        self.shape[0] * width
    }
}
