//! The tests of this crate through its public interface, in one binary, as each takes long to link.

#![cfg(any(feature = "flex", feature = "tch", feature = "wgpu"))]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by a panic and says why")]

mod biased_attention;
mod dense_update;
mod device;
mod layers;
mod legal_cross_entropy;
mod masked_linear;
mod masked_update;
mod output_layer;
mod product;
mod rms_norm;
mod squares;
mod tensors;
mod thin_product;
mod top_k;
