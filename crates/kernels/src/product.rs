//! Matrix products.

#[cfg(feature = "flex")]
pub(crate) mod flex;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

/// Backends that can run [`product`].
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait ProductOps: Backend {
    /// `a b` of `a` `[.., m, k]` and `b` `[.., k, n]`, which are alike before: `[.., m, n]`.
    fn product(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(a, b)
    }
}

/// The matrix or matrices on their side.
pub(crate) fn matrix_transpose<B: Backend>(tensor: FloatTensor<B>) -> FloatTensor<B> {
    let rank = tensor.shape().num_dims();
    B::float_swap_dims(tensor, rank - 2, rank - 1)
}

impl<B: ProductOps, C: CheckpointStrategy> ProductOps for Autodiff<B, C> {
    fn product(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Product;

        impl<B: ProductOps> Backward<B, 2> for Product {
            /// Each of the two where the other one is differentiated.
            type State = [Option<NodeId>; 2];

            fn backward(
                self,
                ops: Ops<Self::State, 2>,
                grads: &mut Gradients,
                checkpoints: &mut Checkpointer,
            ) {
                let g = grads.consume::<B>(&ops.node);
                let [a_node, b_node] = ops.parents;
                let [a, b] = ops.state;
                if let (Some(node), Some(b)) = (a_node, b) {
                    let b = checkpoints.retrieve_node_output(b);
                    grads.register::<B>(node.id, B::product(g.clone(), matrix_transpose::<B>(b)));
                }
                if let (Some(node), Some(a)) = (b_node, a) {
                    let a = checkpoints.retrieve_node_output(a);
                    grads.register::<B>(node.id, B::product(matrix_transpose::<B>(a), g));
                }
            }
        }

        let tracked = [a.is_tracked(), b.is_tracked()];
        match Product.prepare::<C>([a.node(), b.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let kept = [tracked[1].then(|| prep.checkpoint(&a)), tracked[0].then(|| prep.checkpoint(&b))];
                prep.finish(kept, B::product(a.into_primitive(), b.into_primitive()))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::product(a.into_primitive(), b.into_primitive())),
        }
    }
}

/// `a b` of `a` `[m, k]` and `b` `[k, n]`: `[m, n]`, differentiable in both.
pub fn product(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::product(a.into_dispatch(), b.into_dispatch()))
}
