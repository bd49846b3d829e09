//! Attention that keeps no weights for the backward pass: they are computed again from queries and keys, so that memory grows with the
//! length of the texts and not with its square (as in `FlashAttention`, arXiv 2205.14135).

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Shape, Tensor};

use crate::dropout::dropped;
use crate::precision::cast;
use crate::product::matrix_transpose;
use crate::{BiasedSoftmaxOps, DropoutOps, ProductOps};

/// Backends that can run [`biased_attention`].
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait BiasedAttentionOps: BiasedSoftmaxOps + DropoutOps + ProductOps {
    /// `dropout(softmax(q kᵀ + bias)) v`: `queries` `[batch, heads, queries, width]`, `keys` and `values` `[batch, heads, keys, width]`;
    /// `bias` may have one entry for all of a dimension but the last. `rate` and `seed` are those of the dropout.
    fn biased_attention(
        queries: FloatTensor<Self>,
        keys: FloatTensor<Self>,
        values: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        rate: f64,
        seed: u64,
    ) -> FloatTensor<Self> {
        let weights = weights::<Self>(queries, keys, bias);
        Self::product(dropped::<Self>(weights, rate, seed), values)
    }
}

/// `softmax(q kᵀ + bias)`.
fn weights<B: BiasedAttentionOps>(
    queries: FloatTensor<B>,
    keys: FloatTensor<B>,
    bias: FloatTensor<B>,
) -> FloatTensor<B> {
    B::biased_softmax(B::product(queries, matrix_transpose::<B>(keys)), bias)
}

impl<B: BiasedAttentionOps, C: CheckpointStrategy> BiasedAttentionOps for Autodiff<B, C> {
    fn biased_attention(
        queries: FloatTensor<Self>,
        keys: FloatTensor<Self>,
        values: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        rate: f64,
        seed: u64,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct BiasedAttention {
            rate: f64,
            seed: u64,
        }

        impl<B: BiasedAttentionOps> Backward<B, 4> for BiasedAttention {
            type State = ([NodeId; 3], FloatTensor<B>);

            fn backward(
                self,
                ops: Ops<Self::State, 4>,
                grads: &mut Gradients,
                checkpoints: &mut Checkpointer,
            ) {
                let Self { rate, seed } = self;
                let [q_node, k_node, v_node, bias_node] = ops.parents;
                let g = grads.consume::<B>(&ops.node);
                let (inputs, bias) = ops.state;
                let [queries, keys, values]: [FloatTensor<B>; 3] =
                    inputs.map(|node| checkpoints.retrieve_node_output(node));
                let (of_bias, bias_dtype) = (bias.shape(), bias.dtype());
                // With w = softmax(s), s = q kᵀ + bias, the dropout d and y = d(w) v:
                // ∂v = d(w)ᵀ g, ∂w = d(g vᵀ), ∂s = w (∂w − Σ ∂w w), ∂q = ∂s k, ∂k = ∂sᵀ q, ∂bias = ∂s.
                let weights = weights::<B>(queries.clone(), keys.clone(), bias);
                if let Some(node) = v_node {
                    let dropped = dropped::<B>(weights.clone(), rate, seed);
                    grads.register::<B>(node.id, B::product(matrix_transpose::<B>(dropped), g.clone()));
                }
                if q_node.is_none() && k_node.is_none() && bias_node.is_none() {
                    return;
                }
                // Dropout multiplies each weight by 0 or 1 / (1 − rate), as the seed alone decides: its backward pass
                // is the same multiplication.
                let g = B::product(g, matrix_transpose::<B>(values));
                let g = B::softmax_gradient(weights, dropped::<B>(g, rate, seed));
                if let Some(node) = bias_node {
                    let g = cast::<B>(g.clone(), bias_dtype);
                    grads.register::<B>(node.id, summed_to::<B>(g, &of_bias));
                }
                if let Some(node) = k_node {
                    let g = matrix_transpose::<B>(g.clone());
                    grads.register::<B>(node.id, B::product(g, queries));
                }
                if let Some(node) = q_node {
                    grads.register::<B>(node.id, B::product(g, keys));
                }
            }
        }

        let parents = [queries.node(), keys.node(), values.node(), bias.node()];
        match (BiasedAttention { rate, seed }).prepare::<C>(parents).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let inputs = [prep.checkpoint(&queries), prep.checkpoint(&keys), prep.checkpoint(&values)];
                let [queries, keys, values, bias] =
                    [queries, keys, values, bias].map(FloatTensor::<Self>::into_primitive);
                let y = B::biased_attention(queries, keys, values, bias.clone(), rate, seed);
                prep.finish((inputs, bias), y)
            }
            OpsKind::UnTracked(prep) => {
                let [queries, keys, values, bias] =
                    [queries, keys, values, bias].map(FloatTensor::<Self>::into_primitive);
                prep.finish(B::biased_attention(queries, keys, values, bias, rate, seed))
            }
        }
    }
}

/// The sum of `tensor` over the dimensions that have one entry in `shape`.
fn summed_to<B: Backend>(mut tensor: FloatTensor<B>, shape: &Shape) -> FloatTensor<B> {
    for (dim, &length) in shape.iter().enumerate() {
        // One number that stood for many in the forward pass gets the sum of their gradients.
        if length == 1 && tensor.shape()[dim] != 1 {
            tensor = B::float_sum_dim(tensor, dim);
        }
    }
    tensor
}

/// `dropout(softmax(q kᵀ + bias)) v`, `[batch, heads, queries, width]`: `queries` of that shape, `keys` and `values` `[batch, heads, keys, width]`;
/// `bias` `[batch, heads, queries, keys]`, where each but the last may be 1. Scores are not scaled. Each weight is dropped with probability
/// `rate` (below 1); which ones, `seed` decides.
pub fn biased_attention(
    queries: Tensor<4>,
    keys: Tensor<4>,
    values: Tensor<4>,
    bias: Tensor<4>,
    rate: f64,
    seed: u64,
) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::biased_attention(
        queries.into_dispatch(),
        keys.into_dispatch(),
        values.into_dispatch(),
        bias.into_dispatch(),
        rate,
        seed,
    ))
}
