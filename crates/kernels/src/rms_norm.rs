//! Root mean square normalization (Zhang & Sennrich, arXiv 1910.07467) in one pass, forwards and backwards.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;
mod reference;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, ExtensionType, backend_extension};
use burn::tensor::Tensor;

/// What the backward pass of [`rms_norm`] gives.
#[derive(ExtensionType)]
pub struct NormGradients<B: Backend> {
    /// Of the input, `[tokens, width]`.
    pub x: FloatTensor<B>,
    /// Of the factors, `[groups, width]`.
    pub factors: FloatTensor<B>,
}

/// Backends that can run [`rms_norm`]. `x` and `gradient` are `[tokens, width]`; `factors` are `[groups, width]`, where
/// each group is for as many tokens that follow one another.
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait RmsNormOps: Backend {
    /// `x / √(mean x² + ε) · factors`.
    fn rms_norm(x: FloatTensor<Self>, factors: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self> {
        reference::rms_norm::<Self>(x, factors, epsilon)
    }

    /// The gradients of both from that of the result. With `r = 1 / √(mean x² + ε)`:
    /// `∂x = r (g f − x r² mean(g f x))` and `∂f = Σ_tokens g x r`.
    fn rms_norm_gradients(
        x: FloatTensor<Self>,
        factors: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        epsilon: f64,
    ) -> NormGradients<Self> {
        reference::rms_norm_gradients::<Self>(x, factors, gradient, epsilon)
    }
}

impl<B: RmsNormOps, C: CheckpointStrategy> RmsNormOps for Autodiff<B, C> {
    fn rms_norm(x: FloatTensor<Self>, factors: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct RmsNorm(f64);

        impl<B: RmsNormOps> Backward<B, 2> for RmsNorm {
            type State = (NodeId, FloatTensor<B>);

            fn backward(
                self,
                ops: Ops<Self::State, 2>,
                grads: &mut Gradients,
                checkpoints: &mut Checkpointer,
            ) {
                let [x_node, factors_node] = ops.parents;
                let g = grads.consume::<B>(&ops.node);
                let (x, factors) = ops.state;
                let x: FloatTensor<B> = checkpoints.retrieve_node_output(x);
                let all = B::rms_norm_gradients(x, factors, g, self.0);
                if let Some(node) = x_node {
                    grads.register::<B>(node.id, all.x);
                }
                if let Some(node) = factors_node {
                    grads.register::<B>(node.id, all.factors);
                }
            }
        }

        match RmsNorm(epsilon).prepare::<C>([x.node(), factors.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let (x_node, factors) = (prep.checkpoint(&x), factors.into_primitive());
                let y = B::rms_norm(x.into_primitive(), factors.clone(), epsilon);
                prep.finish((x_node, factors), y)
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::rms_norm(x.into_primitive(), factors.into_primitive(), epsilon))
            }
        }
    }
}

/// `x / √(mean x² + epsilon) · factors`: `x` `[tokens, width]`, `factors` `[groups, width]`, each group for as many tokens that follow one
/// another.
pub fn rms_norm(x: Tensor<2>, factors: Tensor<2>, epsilon: f64) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::rms_norm(x.into_dispatch(), factors.into_dispatch(), epsilon))
}
