//! What can be typed behind `fishdip pretrain`.

use clap::Parser;
use std::path::PathBuf;

use super::predict::TextOr;

#[derive(Debug, Parser)]
pub(crate) struct PretrainArgs {
    /// The run's config.
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub(crate) config: Option<PathBuf>,
    /// The file of texts; annotations in it are not looked at [default: `pretrain.text` of the config].
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(crate) text: Option<PathBuf>,
    /// What the texts look like: text (one a line) or the layout of a data file, such as jsonl, csv or label-studio [default: `pretrain.format` of the config, else text].
    #[arg(long, value_name = "FORMAT", conflicts_with = "resume")]
    pub(crate) format: Option<TextOr>,
    /// The field or column that holds the text, where several could; --text-column is the same.
    #[arg(long, value_name = "KEY", alias = "text-column", conflicts_with = "resume")]
    pub(crate) text_key: Option<String>,
    /// Override one key of the config; can be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// The run folder, absent or empty [default: the next free runs/NAME-N].
    #[arg(long, value_name = "DIR")]
    pub(crate) run: Option<PathBuf>,
    /// Go on with a pretraining that was ended: its folder, or DIR/checkpoints/step-N.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "set", "run", "from"])]
    pub(crate) resume: Option<PathBuf>,
    /// Begin with this adapter instead of its base model alone. The same as `--set model.adapter=DIR`.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = fishdip::backend::DEFAULT)]
    pub(crate) backend: String,
    /// Print one JSON object instead of a summary.
    #[arg(long)]
    pub(crate) json: bool,
}
