//! The tests of the program, in one binary, as each takes long to link.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_collect,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by a panic and says why"
)]

mod active;
mod adapter_verbs;
mod adapters;
mod bad_input;
mod calibrate;
mod checkpoints;
mod continued;
mod data_check;
mod early_stop;
mod episodes;
mod evaluate_several;
mod export;
#[cfg(target_os = "linux")]
mod faults;
#[cfg(feature = "hub")]
mod fetch;
mod folds;
#[cfg(feature = "hub")]
mod hub;
mod init;
mod log;
mod long_sources;
mod methods;
mod one_owner;
mod options;
mod output_formats;
mod predict_files;
mod pretrain;
mod project;
mod prompts;
mod python;
mod query;
mod raw_texts;
mod reasons;
mod recorded;
mod report;
mod ruin;
mod run;
mod scored_part;
mod self_training;
mod shells;
mod stream;
mod study;
mod tensorboard;
mod training_options;
