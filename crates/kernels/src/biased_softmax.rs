//! Attention weights: the softmax of scores and a bias, without a copy of their sum.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;
mod reference;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Shape, Tensor};

/// Backends that can run [`biased_softmax`].
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait BiasedSoftmaxOps: Backend {
    /// `softmax(scores + bias)` over the last of 4 dimensions. `bias` may have one entry where `scores` has many, but for the last.
    fn biased_softmax(scores: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        reference::biased_softmax::<Self>(scores, bias)
    }

    /// The gradient of the scores, `w (g − Σ g w)` over the last dimension, from the weights `w` and their gradient `g`.
    fn softmax_gradient(weights: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        reference::softmax_gradient::<Self>(weights, gradient)
    }
}

impl<B: BiasedSoftmaxOps, C: CheckpointStrategy> BiasedSoftmaxOps for Autodiff<B, C> {
    fn biased_softmax(scores: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct BiasedSoftmax;

        impl<B: BiasedSoftmaxOps> Backward<B, 2> for BiasedSoftmax {
            type State = (FloatTensor<B>, Shape);

            fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [scores, bias] = ops.parents;
                let g = grads.consume::<B>(&ops.node);
                let (weights, shape) = ops.state;
                let g = B::softmax_gradient(weights, g);
                if let Some(node) = bias {
                    grads.register::<B>(node.id, summed_to::<B>(g.clone(), &shape));
                }
                if let Some(node) = scores {
                    grads.register::<B>(node.id, g);
                }
            }
        }

        let shape = bias.shape();
        match BiasedSoftmax.prepare::<C>([scores.node(), bias.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let weights = B::biased_softmax(scores.into_primitive(), bias.into_primitive());
                prep.finish((weights.clone(), shape), weights)
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::biased_softmax(scores.into_primitive(), bias.into_primitive()))
            }
        }
    }
}

/// The sum of `tensor` over the dimensions that have one entry in `shape`.
fn summed_to<B: Backend>(mut tensor: FloatTensor<B>, shape: &Shape) -> FloatTensor<B> {
    for (dim, &length) in shape.iter().enumerate() {
        if length == 1 && tensor.shape()[dim] != 1 {
            tensor = B::float_sum_dim(tensor, dim);
        }
    }
    tensor
}

/// `softmax(scores + bias)` over the last dimension: `scores` `[batch, heads, queries, keys]`; `bias` may have one entry for all of a dimension but
/// the last.
pub fn biased_softmax(scores: Tensor<4>, bias: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::biased_softmax(scores.into_dispatch(), bias.into_dispatch()))
}
