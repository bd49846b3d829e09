//! What can be typed.

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Few-label structured prediction: fine-tune 1 % of a T5 model, tag text.
#[derive(Debug, Parser)]
#[command(name = "fishdip", version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Fine-tune a model and score it.
    Train(TrainArgs),
    /// Score saved adapters.
    Evaluate(EvaluateArgs),
    /// Tag text: one JSON line for each line or sentence.
    Predict(PredictArgs),
}

#[derive(Debug, Parser)]
pub(crate) struct TrainArgs {
    /// The run's config.
    #[arg(long, value_name = "FILE", default_value = "configs/quickstart.toml")]
    pub(crate) config: PathBuf,
    /// Override one key of the config; can be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// The run folder, absent or empty [default: the next free runs/NAME-N].
    #[arg(long, value_name = "DIR")]
    pub(crate) run: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = crate::backend::DEFAULT)]
    pub(crate) backend: String,
    /// Show curves in the terminal while training.
    #[cfg(feature = "tui")]
    #[arg(long)]
    pub(crate) tui: bool,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct EvaluateArgs {
    /// An adapter folder; can be given again.
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) adapter: Vec<PathBuf>,
    /// A folder with data in the layout of the training [default: the training's folder].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The split: train or eval as the adapter's config names them, or a file of the folder.
    #[arg(long, value_name = "SPLIT", default_value = "eval")]
    pub(crate) split: String,
    /// The base model's folder, if it has moved.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = crate::backend::DEFAULT)]
    pub(crate) backend: String,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct PredictArgs {
    /// The adapter folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) adapter: PathBuf,
    /// The input, or - for standard input.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) input: PathBuf,
    /// What the input looks like.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// Leave out spans less probable than this.
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    pub(crate) threshold: f64,
    /// The base model's folder, if it has moved.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = crate::backend::DEFAULT)]
    pub(crate) backend: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// One text a line.
    Text,
    /// CoNLL columns.
    Conll,
}
