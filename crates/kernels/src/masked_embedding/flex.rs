//! The gradient of a masked embedding on the pure Rust CPU backend.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;

use super::sampled::sampled;
use super::{MaskedEmbeddingOps, gathered_embedding_gradient};
use crate::backend::flex::integers;

impl MaskedEmbeddingOps for Flex {
    fn masked_embedding_gradient(
        g: FloatTensor<Self>,
        ids: IntTensor<Self>,
        indices: IntTensor<Self>,
        rows: usize,
    ) -> FloatTensor<Self> {
        let (Some(places), Some(at), DType::F32) = (integers(&ids), integers(&indices), g.dtype()) else {
            return gathered_embedding_gradient::<Self>(g, ids, indices, rows);
        };
        let g = g.to_contiguous();
        let gradient = sampled(g.storage(), g.shape()[1], places, &at);
        FlexTensor::from_data(TensorData::new(gradient, [at.len()]))
    }
}
