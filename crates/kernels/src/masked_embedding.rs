//! An embedding that is differentiable in the masked values of its table.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;
#[cfg(any(feature = "flex", feature = "tch"))]
mod sampled;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{FloatDType, IndexingUpdateOp, Int, Shape, Tensor};

use crate::precision::to_f32;

/// Backends that can run a masked embedding.
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait MaskedEmbeddingOps: Backend {
    /// The rows `ids` (`[n]`) of `table` (`[rows, width]`): `[n, width]`. The entries of the table at `indices` (`[k]`, sorted, flat) are
    /// `values` (`[k]`).
    fn masked_embedding(
        table: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
        ids: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        // Without autodiff the table is all there is.
        let _ = (values, indices);
        Self::float_select(table, 0, ids)
    }

    /// The gradient of the masked entries, `[k]`, from that of the output, `g` `[n, width]`, for a table of `rows` rows.
    fn masked_embedding_gradient(
        g: FloatTensor<Self>,
        ids: IntTensor<Self>,
        indices: IntTensor<Self>,
        rows: usize,
    ) -> FloatTensor<Self> {
        gathered_embedding_gradient::<Self>(g, ids, indices, rows)
    }
}

/// By way of the table's dense gradient: the reference.
fn gathered_embedding_gradient<B: Backend>(
    g: FloatTensor<B>,
    ids: IntTensor<B>,
    indices: IntTensor<B>,
    rows: usize,
) -> FloatTensor<B> {
    let width = g.shape()[1];
    let zeros = B::float_zeros(Shape::from([rows, width]), &g.device(), FloatDType::F32);
    // In f32, since a piece that stands often in a batch adds up as many gradients.
    let dense = B::float_select_assign(zeros, 0, ids, to_f32::<B>(g), IndexingUpdateOp::Add);
    B::float_select(B::float_reshape(dense, Shape::from([rows * width])), 0, indices)
}

impl<B: MaskedEmbeddingOps, C: CheckpointStrategy> MaskedEmbeddingOps for Autodiff<B, C> {
    fn masked_embedding(
        table: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
        ids: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct MaskedEmbedding;

        impl<B: MaskedEmbeddingOps> Backward<B, 1> for MaskedEmbedding {
            // No values are kept: a row's gradient depends on where it was read, not on what it holds.
            type State = (IntTensor<B>, IntTensor<B>, usize);

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let g = grads.consume::<B>(&ops.node);
                if let [Some(values)] = ops.parents {
                    let (ids, indices, rows) = ops.state;
                    grads.register::<B>(values.id, B::masked_embedding_gradient(g, ids, indices, rows));
                }
            }
        }

        let table = table.into_primitive();
        let rows = table.shape()[0];
        match MaskedEmbedding.prepare::<C>([values.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                prep.finish((ids.clone(), indices, rows), B::float_select(table, 0, ids))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::float_select(table, 0, ids)),
        }
    }
}

/// The rows `ids` (`[n]`) of `table` (`[rows, width]`), `[n, width]`, differentiable in the masked `values` (`[k]`) at the flat positions
/// `indices` (`[k]`). The caller keeps `table[indices] == values`.
pub fn masked_embedding(
    table: Tensor<2>,
    values: Tensor<1>,
    indices: Tensor<1, Int>,
    ids: Tensor<1, Int>,
) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::masked_embedding(
        table.into_dispatch(),
        values.into_dispatch(),
        indices.into_dispatch(),
        ids.into_dispatch(),
    ))
}
