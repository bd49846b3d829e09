//! What can be typed behind `fishdip train`.

use clap::Parser;
use std::path::PathBuf;

#[derive(Debug, Parser)]
pub(crate) struct TrainArgs {
    /// The run's config.
    #[arg(long, value_name = "FILE", default_value = "configs/quickstart.toml")]
    pub(crate) config: PathBuf,
    /// Override one key of the config; can be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// The run folder, absent or empty; of folds, the folder of their runs [default: the next free runs/NAME-N; of folds, runs/NAME-folds].
    #[arg(long, value_name = "DIR")]
    pub(crate) run: Option<PathBuf>,
    /// Go on with a run that was stopped, killed or out of space: its folder, for the last checkpoint that is whole, or DIR/checkpoints/step-N.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "set", "run", "from"])]
    pub(crate) resume: Option<PathBuf>,
    /// Cross-validation: part the training file into N folds, and score each by a run that trains on the others. The same as `--set data.folds=N`.
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    pub(crate) folds: Option<usize>,
    /// Of a cross-validation, run this fold alone, as a scheduler does, and make no table.
    #[arg(long, value_name = "I", conflicts_with = "resume")]
    pub(crate) fold: Option<usize>,
    /// Begin with this adapter instead of its base model alone; tables of labels that the config leaves out are its own. The same as `--set model.adapter=DIR`.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = fishdip::backend::DEFAULT)]
    pub(crate) backend: String,
    /// Show curves in the terminal while training.
    #[cfg(feature = "tui")]
    #[arg(long)]
    pub(crate) tui: bool,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}
