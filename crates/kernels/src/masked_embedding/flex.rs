//! The gradient of a masked embedding on the pure Rust CPU backend, in proportion to the mask and the batch.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;

use super::{MaskedEmbeddingOps, gathered_embedding_gradient};

impl MaskedEmbeddingOps for Flex {
    fn masked_embedding_gradient(
        g: FloatTensor<Self>,
        ids: IntTensor<Self>,
        indices: IntTensor<Self>,
        rows: usize,
    ) -> FloatTensor<Self> {
        if g.dtype() != DType::F32 || ids.dtype() != DType::I32 || indices.dtype() != DType::I32 {
            return gathered_embedding_gradient::<Self>(g, ids, indices, rows);
        }
        let (g, ids, indices) = (g.to_contiguous(), ids.to_contiguous(), indices.to_contiguous());
        let width = g.shape()[1];
        let (g, ids, at): (&[f32], &[i32], &[i32]) = (g.storage(), ids.storage(), indices.storage());
        // The places of each row stand together, in their order.
        let mut places: Vec<(i32, u32)> = ids.iter().enumerate().map(|(i, &id)| (id, i as u32)).collect();
        places.sort_unstable();
        let gradient = at.iter().map(|&index| {
            let (row, column) = (index / width as i32, index as usize % width);
            let first = places.partition_point(|&(id, _)| id < row);
            let own = places[first..].iter().take_while(|&&(id, _)| id == row);
            own.map(|&(_, place)| g[place as usize * width + column]).sum()
        });
        FlexTensor::from_data(TensorData::new(gradient.collect::<Vec<f32>>(), [at.len()]))
    }
}
