//! The tests of this crate through its public interface, in one binary, as each takes long to link.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by a panic and says why"
)]

mod additions;
mod constrained;
mod damaged_model;
mod damaged_tokenizer;
#[cfg(feature = "hub")]
mod fetch;
mod files;
mod golden;
mod golden_additions;
mod golden_folder;
mod golden_followed;
mod golden_legal;
#[cfg(feature = "hub")]
mod hostile_hub;
#[cfg(feature = "hub")]
mod hub_server;
mod masked_training;
mod nano;
mod tokenizers;
mod transformers;
