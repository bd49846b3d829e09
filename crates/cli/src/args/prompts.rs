//! What can be typed behind `fishdip prompts`.

use clap::Parser;
use fishdip_train::tasks::TaskKind;
use fishdip_train::tasks::read::Format;
use std::path::PathBuf;

use super::ReadArgs;

/// What a config says as well.
const OF_DATA: [&str; 12] = [
    "task",
    "data",
    "train",
    "eval",
    "format",
    "scheme",
    "word_column",
    "tag_column",
    "text_key",
    "annotator",
    "mentions",
    "schema",
];

#[derive(Debug, Parser)]
pub(crate) struct PromptsArgs {
    /// A run's config, whose data, task and labels are taken.
    #[arg(long, value_name = "FILE", conflicts_with_all = OF_DATA, required_unless_present_all = ["task", "data"])]
    pub(crate) config: Option<PathBuf>,
    /// Override one key of the config; can be given again.
    #[arg(long, value_name = "KEY=VALUE", requires = "config")]
    pub(crate) set: Vec<String>,
    /// Without a config: the task.
    #[arg(long, value_name = "TASK", requires = "data")]
    pub(crate) task: Option<TaskKind>,
    /// Without a config: the folder of the data, or the training file.
    #[arg(long, value_name = "DIR", requires = "task")]
    pub(crate) data: Option<PathBuf>,
    /// The file of the folder that shots are from.
    #[arg(long, value_name = "FILE", requires = "data")]
    pub(crate) train: Option<PathBuf>,
    /// The file of the folder that prompts are made for [default: a fifth of the training file, held out as train does].
    #[arg(long, value_name = "FILE", requires = "data")]
    pub(crate) eval: Option<PathBuf>,
    /// The layout of the files.
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// A TOML file of tables such as [entities], each of label = "natural name", or the name of a data set such as conll03 [default: labels of the
    /// training file, in small letters].
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    /// How many training examples a prompt shows.
    #[arg(long, value_name = "K", default_value_t = 5)]
    pub(crate) shots: usize,
    /// Show the training examples whose texts are most like the one that is asked for (BM25), the most similar last; this is the default.
    #[arg(long, conflicts_with = "random")]
    pub(crate) nearest: bool,
    /// Show the same training examples in every prompt, drawn with the seed.
    #[arg(long)]
    pub(crate) random: bool,
    /// What draws them [default: training.seed of the config, or 1].
    #[arg(long, value_name = "N", requires = "random")]
    pub(crate) seed: Option<u64>,
    /// Write the labels and their names to this file, which decode takes as its --schema.
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// Write over the file of --labels that is there.
    #[arg(long, requires = "labels")]
    pub(crate) force: bool,
}
