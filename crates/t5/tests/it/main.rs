//! The tests of this crate through its public interface, in one binary, as each takes long to link.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by a panic and says why"
)]

mod constrained;
mod damaged_model;
mod damaged_tokenizer;
mod files;
mod golden;
mod golden_folder;
mod masked_training;
mod nano;
mod tokenizers;
