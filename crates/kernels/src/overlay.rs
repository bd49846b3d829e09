//! A dense weight that is differentiable in its masked values alone.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Int, Shape, Tensor};

use crate::precision::to_f32;

/// Backends that can overlay masked values on a dense weight.
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait OverlayOps: Backend {
    /// Returns `weight` itself, whose entries at `indices` (`[k]`, flat) already are `values` (`[k]`). Under autodiff
    /// the gradient of `values` is the weight's gradient gathered at `indices`.
    fn overlay(
        weight: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        // Without autodiff the weight is all there is.
        let _ = (values, indices);
        weight
    }
}

impl<B: OverlayOps, C: CheckpointStrategy> OverlayOps for Autodiff<B, C> {
    fn overlay(
        weight: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Gather;

        impl<B: Backend> Backward<B, 1> for Gather {
            type State = IntTensor<B>;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                // A computation of which nothing is known used all of the weight, so all of its gradient arrives. It is
                // dropped here, and the masked part is kept.
                let dense = grads.consume::<B>(&ops.node);
                if let [Some(values)] = ops.parents {
                    let length = dense.shape().num_elements();
                    let flat = B::float_reshape(dense, Shape::from([length]));
                    grads.register::<B>(values.id, to_f32::<B>(B::float_select(flat, 0, ops.state)));
                }
            }
        }

        // The result is the weight, and only the values are a parent. That is right because the weight already holds
        // the values at `indices`, and everything else in it is a constant.
        let dense = weight.into_primitive();
        match Gather.prepare::<C>([values.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let state = indices.clone();
                prep.finish(state, B::overlay(dense, values.into_primitive(), indices))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::overlay(dense, values.into_primitive(), indices)),
        }
    }
}

/// `weight` (`[rows, columns]`) as a function of its masked `values` (`[k]`) at the flat positions `indices` (`[k]`).
/// The caller keeps `weight[indices] == values`. Nothing is copied.
pub fn overlay(weight: Tensor<2>, values: Tensor<1>, indices: Tensor<1, Int>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::overlay(
        weight.into_dispatch(),
        values.into_dispatch(),
        indices.into_dispatch(),
    ))
}
