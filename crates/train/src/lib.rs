//! Runs: from a config to a trained adapter, its scores and its events.
//!
//! [`train`] is the paper's algorithm on one screen; [`evaluate`] and [`predict`](mod@predict) use the adapter it leaves, and [`calibrate`]
//! makes its scores probabilities. What happens is told to an [`Observer`] as [`Event`]s. This crate never prints, reads the environment or
//! exits.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]
#![recursion_limit = "256"]

mod adapted;
mod base;
mod calibrate;
mod check;
mod config;
mod constrained;
mod data;
mod digits;
mod error;
mod evaluate;
mod event;
mod lost;
mod memory;
mod objective;
pub mod predict;
mod run_folder;
mod schedule;
mod schema_file;
mod training;
mod windows;

pub use adapted::{AdaptedModel, RunInfo};
pub use burn::train::Interrupter;
pub use calibrate::{CalibrationReport, ScoreCalibration, calibrate};
pub use check::{CheckOptions, check_data};
pub use config::{
    CriterionName, DataConfig, DecodeName, EvaluationConfig, GradientName, LongSources, MethodConfig,
    MethodName, ModelConfig, OptimizerConfig, OptimizerName, RankName, RunConfig, Schedule, TaskConfig,
    TrainingConfig,
};
pub use data::{HeldOut, Split, named_split, read_split};
pub use digits::write_json_line;
pub use error::{Access, Error, FailureKind};
pub use evaluate::{Decoding, Evaluation, evaluate, evaluate_examples, evaluate_split};
pub use event::{Event, Observer};
#[cfg(feature = "tch")]
pub use fishdip_peft::libtorch_has_cuda;
pub use fishdip_peft::on_worker;
pub use fishdip_t5::{HubCache, Precision, hub_name};
pub use fishdip_tasks as tasks;
pub use memory::peak_rss_mib;
pub use schema_file::read_schema;
pub use training::{TrainReport, train};
