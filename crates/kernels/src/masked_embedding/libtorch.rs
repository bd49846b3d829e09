//! The gradient of a masked embedding on LibTorch: on the processor by the same kernel as in pure Rust.

use burn::backend::LibTorch;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_tch::TchTensor;
use tch::Tensor;

use super::sampled::sampled;
use super::{MaskedEmbeddingOps, gathered_embedding_gradient};
use crate::backend::libtorch::{floats, integers, within_reach};

impl MaskedEmbeddingOps for LibTorch {
    fn masked_embedding_gradient(
        g: FloatTensor<Self>,
        ids: IntTensor<Self>,
        indices: IntTensor<Self>,
        rows: usize,
    ) -> FloatTensor<Self> {
        if !within_reach(&[&g]) {
            return gathered_embedding_gradient::<Self>(g, ids, indices, rows);
        }
        let (g, width) = (floats(&g.tensor), g.tensor.size()[1] as usize);
        let gradient = sampled(&g, width, integers(&ids.tensor), &integers(&indices.tensor));
        TchTensor::new(Tensor::from_slice(&gradient))
    }
}
