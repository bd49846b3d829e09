//! The rectifier with dropout behind it, which keeps nothing but its result for the backward pass.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;
mod reference;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::DropoutOps;

/// Backends that can run [`dropped_relu`].
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait DroppedReluOps: Backend + DropoutOps {
    /// `dropout(max(x, 0))`.
    fn dropped_relu(x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        reference::dropped_relu::<Self>(x, rate, seed)
    }

    /// The gradient of `x`: that of the result, multiplied by `1 / (1 − rate)` where the result is not zero, else zero.
    fn dropped_relu_gradient(
        y: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        rate: f64,
    ) -> FloatTensor<Self> {
        reference::dropped_relu_gradient::<Self>(y, gradient, rate)
    }
}

impl<B: DroppedReluOps, C: CheckpointStrategy> DroppedReluOps for Autodiff<B, C> {
    fn dropped_relu(x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct DroppedRelu(f64);

        impl<B: DroppedReluOps> Backward<B, 1> for DroppedRelu {
            type State = FloatTensor<B>;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let g = grads.consume::<B>(&ops.node);
                if let [Some(x)] = ops.parents {
                    grads.register::<B>(x.id, B::dropped_relu_gradient(ops.state, g, self.0));
                }
            }
        }

        match DroppedRelu(rate).prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::dropped_relu(x.into_primitive(), rate, seed);
                prep.finish(y.clone(), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::dropped_relu(x.into_primitive(), rate, seed)),
        }
    }
}

/// `max(x, 0)`, each entry dropped with probability `rate` (below 1) and the others multiplied by `1 / (1 − rate)`; which ones, `seed` decides.
pub fn dropped_relu<const D: usize>(x: Tensor<D>, rate: f64, seed: u64) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::dropped_relu(x.into_dispatch(), rate, seed))
}
