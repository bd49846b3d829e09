//! Runs: from a config to a trained adapter, its scores and its events.
//!
//! [`train`] is the paper's algorithm on one screen; [`evaluate`] and [`predict`](mod@predict) use the adapter it leaves, and [`calibrate`]
//! makes its scores probabilities; [`adapter_info`], [`compare_adapters`], [`merge_adapters`], [`prune_adapter`] and [`export_merged`] look at
//! adapters and make others of them; a [`Study`] compares runs; [`draft_config`] writes a config for data. What happens is told to an [`Sink`] as [`Event`]s. This crate never prints,
//! reads the environment or exits.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]
#![recursion_limit = "256"]

mod active;
mod adapted;
mod adapters;
mod annotations;
mod base;
mod calibrate;
mod check;
mod checkpoint;
mod config;
mod continued;
mod data;
mod data_files;
mod digits;
mod error;
mod evaluate;
mod event;
mod example_file;
mod export;
mod fit;
mod init;
mod insight;
mod interrupter;
mod kept;
mod lost;
mod memory;
mod objective;
mod out_file;
pub mod predict;
mod predictions;
mod prepare;
mod prompts;
mod report;
mod round_config;
mod run;
mod run_folder;
mod run_info;
mod run_result;
mod runtime;
mod saved;
mod schedule;
mod self_training;
mod settle;
mod sites;
mod spread;
mod state;
mod study;
mod tagger;
mod tensorboard;
mod texts;
mod trained_on;
mod warnings;
mod windows;
mod word_pieces;
mod wrong;

pub use active::{
    ActiveReport, Chosen, LabelOptions, LabelReport, OutputFormat, QueryModel, QueryOptions, QueryReport,
    Refused, RoundReport, active, merge_labels, query, resume_active,
};
pub use adapted::AdaptedModel;
pub use adapters::{
    AdapterDiff, AdapterForm, AdapterInfo, ConvertReport, EntryCount, ImportReport, KindOverlap, MergeReport,
    OverlapReport, PruneReport, adapter_data, adapter_info, adapter_task, compare_adapters, convert_adapter,
    import_adapter, merge_adapters, prune_adapter,
};
pub use calibrate::{CalibrationReport, calibrate};
pub use check::{CheckOptions, check_data};
pub use config::{
    ActiveConfig, AdapterValues, AdditionName, AverageName, BottleneckTable, CheckpointsConfig, CompatConfig,
    CompatPreset, DataConfig, DecodeName, EpisodeConfig, EvaluationConfig, Every, ExampleOrder, GradientName,
    InsightConfig, LongSources, LossName, LossSource, MethodConfig, MethodName, ModelConfig, OptimizerConfig,
    OptimizerName, PretrainConfig, RunConfig, Schedule, SelfTrainingConfig, Setting, StartMethod, StopName,
    TaskConfig, TrainingConfig, Watch, read_schema,
};
pub use data::{
    Fold, HeldOut, SampleText, Split, TokenizedExample, TrainingExamples, named_split, read_split,
};
pub use digits::write_json_line;
pub use error::{Access, Error, FailureKind, Left};
pub use evaluate::{Evaluation, ScoreSummary, evaluate, evaluate_examples, evaluate_split};
pub use event::{EVENTS_VERSION, Event, Phase, Sink, Sinks, TimedEvent};
pub use export::export_merged;
pub use fishdip_active as strategies;
#[cfg(feature = "tch")]
pub use fishdip_peft::libtorch_has_cuda;
pub use fishdip_peft::{Addition, Criterion, MaskMethod, MergeRule, Samples, Scope, Spread, on_worker};
#[cfg(feature = "hub")]
pub use fishdip_t5::{FetchError, Hub, Patience, Progress, fetch};
pub use fishdip_t5::{HubCache, Precision, hub_name};
pub use fishdip_tasks as tasks;
pub use fit::fit;
pub use init::{
    BaseModel, ConfigDraft, Findings, InitOptions, LabelTable, Lengths, config_text, draft_config,
};
pub use insight::{LearningCounts, Stop, Stops};
pub use interrupter::Interrupter;
pub use kept::is_not_kept;
pub use memory::peak_rss_mib;
pub use out_file::OutFile;
pub use prepare::{Prepared, prepare};
pub use prompts::{PromptData, PromptOptions, write_prompts};
pub use report::{MaskReport, mask_report, write_report};
pub use run::{PretrainReport, TrainReport, pretrain, resume_pretraining};
pub use run_folder::RunPath;
pub use run_info::{RunInfo, ScoreCalibration};
pub use run_result::SelfTrainingRound;
pub use runtime::Runtime;
pub use self_training::{resume, train};
pub use state::{Best, Found, MeanLoss, Smoothest, Timing, TrainState};
pub use study::{
    Cell, CellState, CrossValidation, FoldRow, FoldTable, LearningRow, LearningTable, PickedRow, Study,
    StudyReport, StudyRow, StudyTable,
};
pub use tagger::{Decoding, Prediction, Predictions, Tagger};
pub use texts::TextFile;
pub use wrong::{WrongExample, WrongPair, WrongPart, write_wrong};
