//! The gradient of a masked embedding on the pure Rust CPU backend, in proportion to the mask and the batch.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;

use super::{MaskedEmbeddingOps, gathered_embedding_gradient};
use crate::integers::integers;

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
        let width = g.shape()[1];
        let g: &[f32] = g.storage();
        // The places of each row stand together, in their order.
        let mut places: Vec<(u32, u32)> = places.into_iter().zip(0..).collect();
        places.sort_unstable();
        let gradient = at.iter().map(|&index| {
            let (row, column) = (index / width as u32, index as usize % width);
            let first = places.partition_point(|&(id, _)| id < row);
            let own = places[first..].iter().take_while(|&&(id, _)| id == row);
            own.map(|&(_, place)| g[place as usize * width + column]).sum()
        });
        FlexTensor::from_data(TensorData::new(gradient.collect::<Vec<f32>>(), [at.len()]))
    }
}
