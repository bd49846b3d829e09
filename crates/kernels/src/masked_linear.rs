//! A linear layer that is differentiable in its input and in the masked values of its weight.

mod cost;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;
#[cfg(any(feature = "flex", feature = "tch"))]
pub(crate) mod sampled;

pub use cost::EntryCost;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Int, Shape, Tensor};

use crate::ProductOps;
use crate::precision::to_f32;
use crate::product::matrix_transpose;

/// How the gradient of the masked values is computed. Both give the same values up to rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightGradient {
    /// The layer's whole dense gradient, gathered at the masked entries and dropped at once.
    Gathered,
    /// The masked entries alone, one dot product each.
    Sampled,
}

impl WeightGradient {
    /// The cheaper one for a weight of this shape (`[in, out]`) with `entries` masked ones, each of which costs `entry` on its own.
    pub fn for_layer([input, output]: [usize; 2], entries: usize, entry: EntryCost) -> Self {
        // Both ways are counted in entries of a dense gradient. Either takes work for each token, so their number drops
        // out. Sampling also lays out the activations of each input and output feature anew, once.
        const LAY_OUT: f64 = 4.0;
        let sampled = entry.0 * entries as f64 + LAY_OUT * (input + output) as f64;
        if sampled < (input * output) as f64 { Self::Sampled } else { Self::Gathered }
    }
}

/// Backends that can run a masked linear layer. Matrices are 2-D: what stands before the features is one dimension of tokens, so that a
/// weight is read once for all of a batch.
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait MaskedLinearOps: ProductOps {
    /// `y = x W` for `x` `[tokens, in]` and `weight` `[in, out]`, whose entries at `indices` (`[k]`, sorted, flat) are
    /// `values` (`[k]`).
    fn masked_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
        gradient: WeightGradient,
    ) -> FloatTensor<Self> {
        // Without autodiff there is no gradient to choose.
        let _ = (values, indices, gradient);
        Self::product(x, weight)
    }

    /// `Σ_t x[t, i] · g[t, j]` for each masked entry (i, j): `x` `[tokens, in]`, `g` `[tokens, out]`, `indices` and the
    /// result `[k]`.
    fn sampled_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        indices: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        gathered_weight_gradient::<Self>(x, g, indices)
    }
}

/// The dense gradient, gathered: the reference. In f32, as what several layers contribute to one weight is added.
pub(crate) fn gathered_weight_gradient<B: ProductOps>(
    x: FloatTensor<B>,
    g: FloatTensor<B>,
    indices: IntTensor<B>,
) -> FloatTensor<B> {
    let dense = B::product(matrix_transpose::<B>(x), g);
    let entries = dense.shape().num_elements();
    to_f32::<B>(B::float_select(B::float_reshape(dense, Shape::from([entries])), 0, indices))
}

impl<B: MaskedLinearOps, C: CheckpointStrategy> MaskedLinearOps for Autodiff<B, C> {
    fn masked_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        values: FloatTensor<Self>,
        indices: IntTensor<Self>,
        gradient: WeightGradient,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct MaskedLinear(WeightGradient);

        impl<B: MaskedLinearOps> Backward<B, 2> for MaskedLinear {
            // The weight is a handle, for ∂x = g Wᵀ. It goes with the graph, so that the optimizer has the only one
            // again and can write in place.
            type State = (NodeId, FloatTensor<B>, IntTensor<B>);

            fn backward(
                self,
                ops: Ops<Self::State, 2>,
                grads: &mut Gradients,
                checkpoints: &mut Checkpointer,
            ) {
                let [x_node, values_node] = ops.parents;
                let g = grads.consume::<B>(&ops.node);
                let (x, weight, indices) = ops.state;
                let x: FloatTensor<B> = checkpoints.retrieve_node_output(x);
                if let Some(node) = values_node {
                    let gradient = match self.0 {
                        WeightGradient::Gathered => gathered_weight_gradient::<B>(x, g.clone(), indices),
                        WeightGradient::Sampled => B::sampled_weight_gradient(x, g.clone(), indices),
                    };
                    grads.register::<B>(node.id, gradient);
                }
                if let Some(node) = x_node {
                    grads.register::<B>(node.id, B::product(g, matrix_transpose::<B>(weight)));
                }
            }
        }

        // The product reads the weight, yet the graph sees it as a constant and has the values as a parent: they are
        // equal where it counts, and only they are to get a gradient.
        let weight = weight.into_primitive();
        match MaskedLinear(gradient).prepare::<C>([x.node(), values.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = (prep.checkpoint(&x), weight.clone(), indices);
                prep.finish(state, B::product(x.into_primitive(), weight))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::product(x.into_primitive(), weight)),
        }
    }
}

/// `x` `[tokens, in]` through `weight` `[in, out]` to `[tokens, out]`, differentiable in `x` and in the masked `values` (`[k]`) at
/// the flat positions `indices` (`[k]`). The caller keeps `weight[indices] == values`.
pub fn masked_linear(
    x: Tensor<2>,
    weight: Tensor<2>,
    values: Tensor<1>,
    indices: Tensor<1, Int>,
    gradient: WeightGradient,
) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::masked_linear(
        x.into_dispatch(),
        weight.into_dispatch(),
        values.into_dispatch(),
        indices.into_dispatch(),
        gradient,
    ))
}
