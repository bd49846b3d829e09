//! What can be typed behind `adapter` and `export`.

use clap::{Parser, Subcommand, ValueEnum};
use fishdip_train::{AdapterForm, MergeRule};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum AdapterCommand {
    /// Tell what is in an adapter and where its entries lie; needs no base model.
    Info(InfoArgs),
    /// Compare the entries of two adapters of one base model.
    Diff(DiffArgs),
    /// Make one adapter of several of the same base model and task.
    Merge(MergeArgs),
    /// Keep only the entries that change the base model most.
    Prune(PruneArgs),
    /// Make an adapter of a folder that Python PEFT has written: LoRA or (IA)³.
    Import(ImportArgs),
    /// Make another form of an adapter: values in 16 bits, entries in the place of LoRA or (IA)³, or a folder for Python PEFT.
    Convert(ConvertArgs),
}

#[derive(Debug, Parser)]
pub(crate) struct ConvertArgs {
    /// The adapter folder.
    #[arg(value_name = "DIR")]
    pub(crate) adapter: PathBuf,
    /// The form.
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) to: Form,
    /// The new adapter folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The base model's folder, if it has moved; only `entries` looks at it.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Form {
    /// Replaced values in 16 bits.
    Bf16,
    /// What LoRA or (IA)³ adds as replaced entries, which can be compared, merged and pruned.
    Entries,
    /// A folder with the keys of Python PEFT alone.
    PythonPeft,
}

impl From<Form> for AdapterForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Bf16 => Self::Bf16,
            Form::Entries => Self::Entries,
            Form::PythonPeft => Self::PythonPeft,
        }
    }
}

#[derive(Debug, Parser)]
pub(crate) struct ImportArgs {
    /// The folder of Python PEFT, with `adapter_config.json` and `adapter_model.safetensors`.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The config that says what the folder does not: the base model, the task with its labels, and how outputs are decoded.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Set a key of the config; can be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
    /// The new adapter folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct InfoArgs {
    /// The adapter folder.
    #[arg(value_name = "DIR")]
    pub(crate) adapter: PathBuf,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct DiffArgs {
    /// An adapter folder.
    #[arg(value_name = "A")]
    pub(crate) first: PathBuf,
    /// Another one.
    #[arg(value_name = "B")]
    pub(crate) second: PathBuf,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct MergeArgs {
    /// The adapter folders, two or more.
    #[arg(value_name = "DIR", required = true)]
    pub(crate) adapters: Vec<PathBuf>,
    /// The new adapter folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The value of an entry that several have: the mean of theirs, or that of the last.
    #[arg(long, value_enum, default_value = "mean")]
    pub(crate) how: How,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum How {
    Mean,
    Last,
}

impl From<How> for MergeRule {
    fn from(how: How) -> Self {
        match how {
            How::Mean => Self::Mean,
            How::Last => Self::Last,
        }
    }
}

#[derive(Debug, Parser)]
pub(crate) struct PruneArgs {
    /// The adapter folder.
    #[arg(value_name = "DIR")]
    pub(crate) adapter: PathBuf,
    /// The new adapter folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The share of the entries to keep, above 0 and at most 1: those whose values differ most from the base model's.
    #[arg(long, value_name = "SHARE")]
    pub(crate) keep: f64,
    /// The base model's folder, if it has moved.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct ExportArgs {
    /// The adapter folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) adapter: PathBuf,
    /// As the base model with the adapter merged into it: a plain Hugging Face folder.
    #[arg(long, required = true)]
    #[allow(dead_code, reason = "the only form so far, named so that others can come")]
    pub(crate) merged: bool,
    /// The new folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The base model's folder, if it has moved.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
}
