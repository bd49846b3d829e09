//! What a run looks into beside its scores: which examples a training learns and forgets, and what it does to the layers.
//!
//! `prepare` decides what is looked at (`subjects`, `targets`). On the way, events tell how the model takes each target and how smooth its
//! layers are; in the end, `written` makes files of these events and compares the layers of the base and of the trained model (`layers`). So a
//! run that was ended and went on has the same files. `dynamics` and `profile` are what the files hold, also for those who read them.

mod dynamics;
mod layers;
mod pictures;
mod profile;
mod stops;
mod subjects;
mod targets;
mod written;

#[cfg(test)]
pub(crate) use dynamics::LearnedExample;
pub use dynamics::LearningCounts;
pub(crate) use dynamics::{DYNAMICS, Dynamics};
pub(crate) use layers::{CKA, SMOOTHNESS};
pub(crate) use pictures::{cka, dynamics, smoothness};
pub(crate) use stops::stops;
pub use stops::{Stop, Stops};
pub(crate) use subjects::Subjects;
pub(crate) use targets::{Taken, key};
pub(crate) use written::{events, write};
