//! What can be typed behind `query`, `label-merge` and `active`.

use clap::{Parser, ValueEnum};
use fishdip_train::OutputFormat;
use fishdip_train::tasks::TaskKind;
use fishdip_train::tasks::read::Format;
use std::path::PathBuf;

use super::predict::TextOr;
use super::{PlaceArgs, ReadArgs};

#[derive(Debug, Parser)]
pub(crate) struct ActiveArgs {
    /// A run config with the table [active].
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub(crate) config: Option<PathBuf>,
    /// Override one key of the config; can be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// The folder, absent or empty [default: the next free runs/NAME-N].
    #[arg(long, value_name = "DIR")]
    pub(crate) run: Option<PathBuf>,
    /// Go on with a simulation that was ended.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "set", "run"])]
    pub(crate) resume: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = fishdip::backend::DEFAULT)]
    pub(crate) backend: String,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct QueryArgs {
    /// The adapter folder of a model that knows the task.
    #[arg(long, value_name = "DIR", required_unless_present = "base", conflicts_with_all = ["base", "task"])]
    pub(crate) adapter: Option<PathBuf>,
    /// To begin without an adapter: a model's folder or name, whose encoder alone is asked.
    #[arg(long, value_name = "MODEL", requires = "task")]
    pub(crate) base: Option<PathBuf>,
    /// With `--base`: the task that the texts are to be labelled for.
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<TaskKind>,
    /// The file of texts to choose from; annotations in it are not looked at.
    #[arg(long, value_name = "FILE")]
    pub(crate) pool: PathBuf,
    /// What the pool looks like: text (one a line), words (the same, cut at blanks alone) or the layout of a data file, such as jsonl, csv or label-studio.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: TextOr,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The file to write: the texts to label, the best first.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Write over the file of --out that is there.
    #[arg(long)]
    pub(crate) force: bool,
    /// Its layout.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "label-studio")]
    pub(crate) output_format: OutputName,
    /// How many texts to choose.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) count: u32,
    /// How they are chosen: random, core-set, k-means, log-probability, entity-margin, disagreement, entropy, margin and others.
    #[arg(long, value_name = "STRATEGY")]
    pub(crate) strategy: String,
    /// Choose by what a word to read is worth, rather than a text.
    #[arg(long)]
    pub(crate) per_word: bool,
    /// Passes with dropout, for mc-dropout, mc-mean-entropy and bald.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub(crate) passes: u32,
    /// The share of activations that such a pass drops.
    #[arg(long, value_name = "P", default_value_t = 0.1)]
    pub(crate) dropout: f64,
    /// What is drawn with.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Texts that are labelled already: they are not asked for, and strategies that look for other texts see them.
    #[arg(long, value_name = "FILE")]
    pub(crate) labelled: Option<PathBuf>,
    /// Texts that models are scored on: they are not asked for.
    #[arg(long, value_name = "FILE")]
    pub(crate) test: Option<PathBuf>,
    /// The layout of `--labelled` and `--test` [default: that of the adapter's training, else auto].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) data_format: Option<Format>,
    /// The base model's folder, if it has moved.
    #[arg(long, value_name = "DIR", conflicts_with = "base")]
    pub(crate) model: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = fishdip::backend::DEFAULT)]
    pub(crate) backend: String,
    /// Print one JSON object instead of a list.
    #[arg(long)]
    pub(crate) json: bool,
}

// Help on a value would have the help of the command be a long one.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OutputName {
    LabelStudio,
    Jsonl,
    Conll,
}

impl From<OutputName> for OutputFormat {
    fn from(name: OutputName) -> Self {
        match name {
            OutputName::LabelStudio => Self::LabelStudio,
            OutputName::Jsonl => Self::Jsonl,
            OutputName::Conll => Self::Conll,
        }
    }
}

#[derive(Debug, Parser)]
pub(crate) struct LabelMergeArgs {
    /// The training file, to which the answers are appended; it is begun where there is none.
    #[arg(long, value_name = "FILE")]
    pub(crate) into: PathBuf,
    /// Its layout: conll, jsonl, json-spans, label-studio or classes.
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub(crate) into_format: Format,
    /// The file that `query` wrote.
    #[arg(long, value_name = "FILE")]
    pub(crate) asked: PathBuf,
    /// What annotators made of it.
    #[arg(long, value_name = "FILE")]
    pub(crate) annotated: PathBuf,
    /// The layout of that.
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// An adapter, whose task and labels the answers are for.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["task", "schema"])]
    pub(crate) adapter: Option<PathBuf>,
    /// The task.
    #[arg(long, value_name = "TASK", required_unless_present = "adapter")]
    pub(crate) task: Option<TaskKind>,
    /// The labels that are allowed: a TOML file, or the name of a data set such as conll03 [default: those of the training file].
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    /// Take what there is where texts have no answer, such as those that annotators skipped.
    #[arg(long)]
    pub(crate) allow_missing: bool,
    /// Print one JSON object instead of a list.
    #[arg(long)]
    pub(crate) json: bool,
}
