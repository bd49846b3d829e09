//! What the programs that `cargo xtask bench` measures have in common. Each measures one thing in a process of its own and prints one JSON line.

mod keys;
mod random;

pub use keys::{Failure, Keys};
pub use random::rows;
