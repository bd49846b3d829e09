//! The tests of this crate through its public interface, in one binary, as each takes long to link.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic and says why")]

mod adapter;
mod average;
mod dense_adafactor;
mod fisher;
mod mask;
mod masked_adamw;
mod prune;
mod toy;
mod training_state;
