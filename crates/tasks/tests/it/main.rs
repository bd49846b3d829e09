//! The tests of this crate through its public interface, in one binary, as each takes long to link.
//!
//! Those on real corpora find them by `FISHDIP_DATA`, and are skipped, with the reason, where it is not set.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by a panic and says why"
)]

mod annotation_tools;
mod any_bytes;
mod check;
mod class_only;
mod columns;
mod conll2003;
mod constraint;
mod constraint_corpora;
mod contradictions;
mod coref_scorer;
mod corpora;
mod encoding;
mod formats;
mod interchange;
mod label_studio;
mod labels;
mod messages;
mod naming;
mod ner_scores;
mod original_data;
mod raw_corpora;
mod reference;
mod roundtrip;
mod support;
mod texts;
mod windows;
