//! burn backend extensions for training a sparse subset of a model's weights.
//!
//! A weight is a dense tensor that autodiff sees as a constant. The entries being trained are listed as sorted,
//! unique flat positions (`indices`, `[k]`), and their values live beside the weight as a 1-D tensor (`values`, `[k]`).
//! Two things always hold between calls: `weight[indices] == values` bit for bit, and everything else in the weight is
//! untouched.
//!
//! - [`masked_linear`], [`masked_embedding`]: layers that are differentiable in `values` alone, without a dense gradient.
//! - [`linear_cross_entropy`]: the same for the output layer, joined with the loss.
//! - [`legal_cross_entropy`]: the same where each place allows but a few pieces, over their rows alone.
//! - [`squared_linear`], [`cross_entropy_squares`], [`legal_cross_entropy_squares`]: layers that collect the squared gradient of every sample.
//! - [`overlay`]: makes any dense weight differentiable in `values` alone.
//! - [`biased_attention`]: attention that keeps no weights for the backward pass.
//! - [`rms_norm`]: normalization in one pass.
//! - [`product`], and [`thin_product`] of a few rows, for decoding.
//! - [`seeded_dropout`], [`dropped_relu`], [`gated_gelu`]: dropout that keeps no mask, alone and behind the feed-forward layer's functions.
//! - [`masked_update`]: one fused optimizer step (AdamW, Adafactor, SGD) of the values, written through to the dense weight.
//! - [`dense_update`]: the same of a weight that is trained as a whole.
//! - [`on_worker`]: where programs call all of these from.
//! - [`TopK`]: the exact k largest of many score arrays, without joining them.
//!
//! Every operation has a plain reference made of stock tensor operations, used on backends without a kernel of their
//! own and by the tests as the expectation.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]
#![cfg_attr(
    feature = "tch",
    allow(deprecated, reason = "the last burn release with LibTorch, pinned for it, calls it so")
)]

mod backend;
mod biased_attention;
mod biased_softmax;
mod cross_entropy_squares;
mod dense_update;
mod dropout;
mod dropped_relu;
mod gated_gelu;
mod known_gradients;
mod legal_cross_entropy;
mod linear_cross_entropy;
mod masked_embedding;
mod masked_linear;
mod masked_update;
mod overlay;
mod precision;
mod product;
mod rms_norm;
mod squared_linear;
mod stock;
mod thin_product;
mod threads;
mod top_k;
#[cfg(any(feature = "flex", feature = "tch"))]
mod transpose;
#[cfg(any(feature = "flex", feature = "tch"))]
mod uninit;
#[cfg(any(feature = "flex", feature = "tch"))]
mod vector;

pub use biased_attention::{BiasedAttentionOps, biased_attention};
pub use biased_softmax::BiasedSoftmaxOps;
pub use cross_entropy_squares::{CrossEntropySquaresOps, SampleRows, cross_entropy_squares};
pub use dense_update::{
    DenseBuffers, DenseStepped, DenseUpdate, DenseUpdateOps, dense_update, dense_update_reference,
};
pub use dropout::{DropoutOps, seeded_dropout};
pub use dropped_relu::{DroppedReluOps, dropped_relu};
pub use gated_gelu::{GateGradients, GatedGeluOps, gated_gelu};
pub use legal_cross_entropy::{
    LegalCrossEntropyOps, LegalPieces, legal_cross_entropy, legal_cross_entropy_squares,
};
pub use linear_cross_entropy::{
    CrossEntropyOps, LossGradients, OutputGradient, OutputLayout, TrainedOutput, linear_cross_entropy,
    token_losses,
};
pub use masked_embedding::{MaskedEmbeddingOps, masked_embedding};
pub use masked_linear::{EntryCost, MaskedLinearOps, WeightGradient, masked_linear};
pub use masked_update::{
    Buffers, MaskedUpdateOps, Moments, Rule, Step, masked_update, masked_update_reference,
};
pub use overlay::{OverlayOps, overlay};
pub use product::{ProductOps, product};
pub use rms_norm::{NormGradients, RmsNormOps, rms_norm};
pub use squared_linear::{SquaredLinearOps, squared_linear};
pub use thin_product::{ThinProductOps, thin_product};
pub use threads::on_worker;
pub use top_k::{TopK, rescale};

/// Whether the LibTorch of this build can use a CUDA device of this machine.
#[cfg(feature = "tch")]
pub fn libtorch_has_cuda() -> bool {
    tch::Cuda::is_available()
}

/// How many fused updates wrote into the buffers they were given, and how many had to copy first.
pub mod counters {
    pub use crate::masked_update::counters::{Counts, take};
}
