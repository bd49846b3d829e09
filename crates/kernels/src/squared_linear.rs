//! A linear layer whose weight collects the squared gradient of each sample in a batch: its part of the Fisher diagonal.

#[cfg(feature = "flex")]
pub(crate) mod flex;
#[cfg(feature = "tch")]
mod libtorch;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{FloatDType, Shape, Slice, Tensor};

use crate::ProductOps;
use crate::precision::to_f32;
use crate::product::matrix_transpose;

/// Backends that can run a linear layer that collects squared gradients.
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait SquaredLinearOps: ProductOps {
    /// `y = x W`: `x` `[samples · length, in]`, `weight` and `squares` `[in, out]`.
    fn squared_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        squares: FloatTensor<Self>,
        samples: usize,
    ) -> FloatTensor<Self> {
        // Without autodiff there is no gradient to square.
        let _ = (squares, samples);
        Self::product(x, weight)
    }

    /// `Σ_b (x_bᵀ g_b)²` over the samples, `[in, out]`: `x` `[samples · length, in]`, `g` `[samples · length, out]`.
    fn squared_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        samples: usize,
    ) -> FloatTensor<Self> {
        squared_sum::<Self>(&x, &g, samples)
    }
}

/// One sample after the other: the reference.
fn squared_sum<B: ProductOps>(x: &FloatTensor<B>, g: &FloatTensor<B>, samples: usize) -> FloatTensor<B> {
    let length = x.shape()[0].checked_div(samples).unwrap_or(0);
    let mut sum: Option<FloatTensor<B>> = None;
    for sample in 0..samples {
        let rows = [Slice::from(sample * length..(sample + 1) * length)];
        let (x, g) = (B::float_slice(x.clone(), &rows), B::float_slice(g.clone(), &rows));
        let gradient = to_f32::<B>(B::product(matrix_transpose::<B>(x), g));
        // Squared and added in f32: in bf16, with its 8 bits, a sum of many squares soon stops growing.
        let square = B::float_mul(gradient.clone(), gradient);
        sum = Some(match sum {
            Some(sum) => B::float_add(sum, square),
            None => square,
        });
    }
    sum.unwrap_or_else(|| {
        let (rows, columns) = (x.shape()[1], g.shape()[1]);
        B::float_zeros(Shape::from([rows, columns]), &x.device(), FloatDType::F32)
    })
}

impl<B: SquaredLinearOps, C: CheckpointStrategy> SquaredLinearOps for Autodiff<B, C> {
    fn squared_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        squares: FloatTensor<Self>,
        samples: usize,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct SquaredLinear;

        impl<B: SquaredLinearOps> Backward<B, 2> for SquaredLinear {
            type State = (NodeId, FloatTensor<B>, usize);

            fn backward(
                self,
                ops: Ops<Self::State, 2>,
                grads: &mut Gradients,
                checkpoints: &mut Checkpointer,
            ) {
                let [x_node, squares_node] = ops.parents;
                let g = grads.consume::<B>(&ops.node);
                let (x, weight, samples) = ops.state;
                let x: FloatTensor<B> = checkpoints.retrieve_node_output(x);
                if let Some(node) = squares_node {
                    // Not a gradient: what a caller asks this leaf for is the sum of squares.
                    grads.register::<B>(node.id, B::squared_weight_gradient(x, g.clone(), samples));
                }
                if let Some(node) = x_node {
                    grads.register::<B>(node.id, B::product(g, matrix_transpose::<B>(weight)));
                }
            }
        }

        // `squares` has no part in the result. It is a parent only so that the backward pass has a leaf to leave the
        // sum at.
        let weight = weight.into_primitive();
        match SquaredLinear.prepare::<C>([x.node(), squares.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = (prep.checkpoint(&x), weight.clone(), samples);
                prep.finish(state, B::product(x.into_primitive(), weight))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::product(x.into_primitive(), weight)),
        }
    }
}

/// `x` `[samples · length, in]` through `weight` `[in, out]`. After the backward pass the "gradient" of the leaf `squares` `[in, out]` (its
/// values do not matter) is `Σ_b (x_bᵀ g_b)²`, the sum of the samples' squared gradients of the weight.
pub fn squared_linear(x: Tensor<2>, weight: Tensor<2>, squares: Tensor<2>, samples: usize) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::squared_linear(
        x.into_dispatch(),
        weight.into_dispatch(),
        squares.into_dispatch(),
        samples,
    ))
}
