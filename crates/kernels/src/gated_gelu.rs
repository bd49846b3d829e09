//! The gate of T5 1.1's feed-forward layer with dropout behind it, which keeps nothing but its two inputs for the backward pass.

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

use crate::DropoutOps;
use crate::dropout::dropped;

/// √(2/π), of the approximation by a hyperbolic tangent (Hendrycks & Gimpel, arXiv 1606.08415):
/// `gelu(a) = a (1 + tanh(√(2/π) (a + 0.044715 a³))) / 2`.
const SCALE: f32 = 0.797_884_6;
/// What the cube is multiplied by.
const CUBE: f32 = 0.044_715;

/// What the backward pass of [`gated_gelu`] gives.
#[derive(ExtensionType)]
pub struct GateGradients<B: Backend> {
    /// Of the gate.
    pub gate: FloatTensor<B>,
    /// Of what is gated.
    pub x: FloatTensor<B>,
}

/// Backends that can run [`gated_gelu`].
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait GatedGeluOps: Backend + DropoutOps {
    /// `dropout(gelu(gate) · x)`; both are of one shape.
    fn gated_gelu(gate: FloatTensor<Self>, x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        reference::gated_gelu::<Self>(gate, x, rate, seed)
    }

    /// The gradients of both from that of the result before dropout: `g x gelu'(gate)` and `g gelu(gate)`.
    fn gated_gelu_gradients(
        gate: FloatTensor<Self>,
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> GateGradients<Self> {
        reference::gated_gelu_gradients::<Self>(gate, x, gradient)
    }
}

impl<B: GatedGeluOps, C: CheckpointStrategy> GatedGeluOps for Autodiff<B, C> {
    fn gated_gelu(gate: FloatTensor<Self>, x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct GatedGelu {
            rate: f64,
            seed: u64,
        }

        impl<B: GatedGeluOps> Backward<B, 2> for GatedGelu {
            type State = [NodeId; 2];

            fn backward(
                self,
                ops: Ops<Self::State, 2>,
                grads: &mut Gradients,
                checkpoints: &mut Checkpointer,
            ) {
                let Self { rate, seed } = self;
                let [gate_node, x_node] = ops.parents;
                let g = grads.consume::<B>(&ops.node);
                // Dropout is its own backward pass.
                let g = dropped::<B>(g, rate, seed);
                let [gate, x]: [FloatTensor<B>; 2] =
                    ops.state.map(|node| checkpoints.retrieve_node_output(node));
                let all = B::gated_gelu_gradients(gate, x, g);
                if let Some(node) = gate_node {
                    grads.register::<B>(node.id, all.gate);
                }
                if let Some(node) = x_node {
                    grads.register::<B>(node.id, all.x);
                }
            }
        }

        match (GatedGelu { rate, seed }).prepare::<C>([gate.node(), x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = [prep.checkpoint(&gate), prep.checkpoint(&x)];
                prep.finish(state, B::gated_gelu(gate.into_primitive(), x.into_primitive(), rate, seed))
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::gated_gelu(gate.into_primitive(), x.into_primitive(), rate, seed))
            }
        }
    }
}

/// `gelu(gate) · x` in its approximation by a hyperbolic tangent, each entry dropped with probability `rate` (below 1) and the others
/// multiplied by `1 / (1 − rate)`; which ones, `seed` decides. Both are of one shape.
pub fn gated_gelu<const D: usize>(gate: Tensor<D>, x: Tensor<D>, rate: f64, seed: u64) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::gated_gelu(gate.into_dispatch(), x.into_dispatch(), rate, seed))
}
