//! A linear layer that is differentiable in its input and in the masked values of its weight.

#[cfg(feature = "flex")]
mod flex;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Int, Shape, Tensor};

/// How the gradient of the masked values is computed. Both give the same values up to rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightGradient {
    /// The layer's whole dense gradient, gathered at the masked entries and dropped at once.
    Gathered,
    /// The masked entries alone, one dot product each.
    Sampled,
}

/// Backends that can run a masked linear layer.
#[backend_extension(Flex: cfg(feature = "flex"), Autodiff)]
pub trait MaskedLinearOps: Backend {
    /// `y = x W` for `x` `[batch, length, in]` and `weight` `[in, out]`, whose entries at `indices` (`[k]`, sorted, flat) are
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
        Self::linear(x, weight, None)
    }

    /// `Σ_t x[t, i] · g[t, j]` for each masked entry (i, j): `x` `[batch, length, in]`, `g` `[batch, length, out]`, `indices` and the
    /// result `[k]`.
    fn sampled_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        indices: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        gathered_weight_gradient::<Self>(x, g, indices)
    }
}

/// The dense gradient, gathered: the reference.
fn gathered_weight_gradient<B: Backend>(
    x: FloatTensor<B>,
    g: FloatTensor<B>,
    indices: IntTensor<B>,
) -> FloatTensor<B> {
    let dense = B::linear_weight_backward(x, g);
    let entries = dense.shape().num_elements();
    B::float_select(B::float_reshape(dense, Shape::from([entries])), 0, indices)
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
                    grads.register::<B>(node.id, B::linear_x_backward(weight, g));
                }
            }
        }

        let weight = weight.into_primitive();
        match MaskedLinear(gradient).prepare::<C>([x.node(), values.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = (prep.checkpoint(&x), weight.clone(), indices);
                prep.finish(state, B::linear(x.into_primitive(), weight, None))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::linear(x.into_primitive(), weight, None)),
        }
    }
}

/// `x` `[batch, length, in]` through `weight` `[in, out]` to `[batch, length, out]`, differentiable in `x` and in the masked `values` (`[k]`) at
/// the flat positions `indices` (`[k]`). The caller keeps `weight[indices] == values`.
pub fn masked_linear(
    x: Tensor<3>,
    weight: Tensor<2>,
    values: Tensor<1>,
    indices: Tensor<1, Int>,
    gradient: WeightGradient,
) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::masked_linear(
        x.into_dispatch(),
        weight.into_dispatch(),
        values.into_dispatch(),
        indices.into_dispatch(),
        gradient,
    ))
}
