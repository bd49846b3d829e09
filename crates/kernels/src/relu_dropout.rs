//! The rectifier and the dropout behind it in one: the result alone tells the backward pass what it needs.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::DropoutOps;

/// Backends that can run [`relu_dropout`].
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait ReluDropoutOps: DropoutOps {
    /// `max(x, 0)` through [`seeded_dropout`](crate::seeded_dropout).
    fn relu_dropout(x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        Self::seeded_dropout(Self::relu(x), rate, seed)
    }

    /// The gradient of `x` from that of the result `y`: an entry that was dropped is as good as one below zero.
    fn relu_dropout_gradient(
        y: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        rate: f64,
    ) -> FloatTensor<Self> {
        masked_gradient::<Self>(y, gradient, rate)
    }
}

/// By stock operations: the reference.
fn masked_gradient<B: Backend>(y: FloatTensor<B>, gradient: FloatTensor<B>, rate: f64) -> FloatTensor<B> {
    B::float_mul_scalar(B::relu_backward(y, gradient), (1.0 / (1.0 - rate)).into())
}

impl<B: ReluDropoutOps, C: CheckpointStrategy> ReluDropoutOps for Autodiff<B, C> {
    fn relu_dropout(x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct ReluDropout(f64);

        impl<B: ReluDropoutOps> Backward<B, 1> for ReluDropout {
            type State = FloatTensor<B>;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let g = grads.consume::<B>(&ops.node);
                if let [Some(x)] = ops.parents {
                    grads.register::<B>(x.id, B::relu_dropout_gradient(ops.state, g, self.0));
                }
            }
        }

        match ReluDropout(rate).prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::relu_dropout(x.into_primitive(), rate, seed);
                prep.finish(y.clone(), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::relu_dropout(x.into_primitive(), rate, seed)),
        }
    }
}

/// `max(x, 0)` with each entry dropped with probability `rate` (below 1) and the others multiplied by `1 / (1 − rate)`; which ones, `seed`
/// decides, as in [`seeded_dropout`](crate::seeded_dropout).
pub fn relu_dropout<const D: usize>(x: Tensor<D>, rate: f64, seed: u64) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::relu_dropout(x.into_dispatch(), rate, seed))
}
