//! What `fishdip init` takes.

use clap::Parser;
use fishdip_train::tasks::TaskKind;
use fishdip_train::tasks::read::Format;
use std::path::PathBuf;

use super::ReadArgs;

#[derive(Debug, Parser)]
pub(crate) struct InitArgs {
    /// A folder with data, or the training file; names such as train, dev and test tell what each file is for.
    pub(crate) data: PathBuf,
    /// The task [default: the one that the data are annotated for].
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<TaskKind>,
    /// The config to write, or - for standard output [default: the data's name with .toml].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    pub(crate) force: bool,
    /// The layout of the files.
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// The base model: a folder, or a name on the hub [default: the bundled one if it is here, else google-t5/t5-base].
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}
