//! Active learning from plain numbers: which examples to label next, and when to stop.
//!
//! A model tells probabilities, vectors or scores of the examples that are not labelled yet ([`Candidates`]), a
//! [`Strategy`] chooses some of them, a [`Ledger`] writes down that they are asked for and what their labels are. How
//! much that spares is read off [`Curve`]s, and when to stop is up to [`stopping`].
//!
//! | to | see |
//! |---|---|
//! | know what is labelled, also after a crash | [`Ledger`], [`Pool`] |
//! | choose what to ask for | [`strategy`], [`Candidates`] |
//! | choose the first examples, without a model | `random`, `stratified`, `core-set`, `k-means` of [`strategy`] |
//! | stop | [`stopping`] |
//! | compare strategies over seeds | [`Curve`], [`interval`] |
//! | see which examples a model keeps forgetting | [`Forgetting`], [`Cartography`] |
//! | see which layers a training changed | [`cka`] |
//! | see how smooth a layer's vectors are | [`smoothness`] |
//!
//! No model, tensor library or task is needed: numbers arrive as slices. Numbers that are not finite, or not of the
//! size that was said, are errors that name the row. The same arguments give the same result, whatever the processor and the number of threads.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod candidates;
mod cartography;
pub mod cka;
mod curve;
mod distance;
mod draw;
mod error;
mod forgetting;
pub mod interval;
mod ledger;
mod logistic;
mod matrix;
mod pool;
mod seeding;
pub mod smoothness;
pub mod stopping;
pub mod strategy;

pub use candidates::{Candidates, Ordered};
pub use cartography::{Cartography, Region, pvi};
pub use curve::Curve;
pub use draw::round_seed;
pub use error::{Error, Result};
pub use forgetting::{Forgetting, Learning};
pub use ledger::{Header, Ledger, Torn};
pub use matrix::Matrix;
pub use pool::{Asked, Pool, State, Stopped};
pub use strategy::Strategy;

/// The example of the README is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
