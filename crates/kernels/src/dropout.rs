//! Dropout whose mask is a function of a seed, so that no mask is kept for the backward pass.

#[cfg(any(feature = "flex", feature = "tch"))]
pub(crate) mod counted;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "tch")]
mod libtorch;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Distribution, Tensor};

/// Backends that can drop entries at random.
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "tch"),
    Autodiff
)]
pub trait DropoutOps: Backend {
    /// Sets each entry of `x` to zero with probability `rate` (below 1) and multiplies the others by `1 / (1 − rate)`. The same
    /// `seed` and shape drop the same entries, so that the operation is its own backward pass.
    fn seeded_dropout(x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        bernoulli_dropout::<Self>(x, rate, seed)
    }
}

/// [`DropoutOps::seeded_dropout`], which a rate of zero does not need.
pub(crate) fn dropped<B: DropoutOps>(x: FloatTensor<B>, rate: f64, seed: u64) -> FloatTensor<B> {
    if rate == 0.0 { x } else { B::seeded_dropout(x, rate, seed) }
}

/// By the backend's own random numbers: the reference.
fn bernoulli_dropout<B: Backend>(x: FloatTensor<B>, rate: f64, seed: u64) -> FloatTensor<B> {
    let device = x.device();
    B::seed(&device, seed);
    let keep = Distribution::Bernoulli(1.0 - rate);
    let mask = B::float_random(x.shape(), keep, &device, x.dtype().into());
    B::float_mul_scalar(B::float_mul(x, mask), (1.0 / (1.0 - rate)).into())
}

impl<B: DropoutOps, C: CheckpointStrategy> DropoutOps for Autodiff<B, C> {
    fn seeded_dropout(x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct SeededDropout;

        impl<B: DropoutOps> Backward<B, 1> for SeededDropout {
            type State = (f64, u64);

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let g = grads.consume::<B>(&ops.node);
                if let [Some(x)] = ops.parents {
                    let (rate, seed) = ops.state;
                    grads.register::<B>(x.id, B::seeded_dropout(g, rate, seed));
                }
            }
        }

        match SeededDropout.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                prep.finish((rate, seed), B::seeded_dropout(x.into_primitive(), rate, seed))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::seeded_dropout(x.into_primitive(), rate, seed)),
        }
    }
}

/// `x` with each entry dropped with probability `rate` (below 1) and the others multiplied by `1 / (1 − rate)`; which ones, `seed` decides.
pub fn seeded_dropout<const D: usize>(x: Tensor<D>, rate: f64, seed: u64) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::seeded_dropout(x.into_dispatch(), rate, seed))
}
