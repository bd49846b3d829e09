//! What the program shares with those that measure it: its backends by name, and its allocator.

pub mod allocator;
pub mod backend;
