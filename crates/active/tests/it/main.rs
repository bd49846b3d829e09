//! The tests of this crate through its public interface, in one binary.
//!
//! What other programs make of the same numbers stands in `golden/goldens.json`, which `golden/goldens.py` writes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod bad_input;
mod curves;
mod golden;
mod hand_worked;
mod insight;
mod ledger;
mod pool;
mod properties;
mod stopping;
mod strategies;
