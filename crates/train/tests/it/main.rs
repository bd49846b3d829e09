//! The tests of this crate through its public interface, in one binary, as each takes long to link.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by a panic and says why"
)]

#[cfg(any(feature = "tch", feature = "wgpu"))]
mod backends;
mod config_page;
mod insight;
mod questions;
mod reference;
mod stopped_cells;
