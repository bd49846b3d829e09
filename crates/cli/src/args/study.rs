//! What can be typed behind `fishdip study`.

use clap::Parser;
use std::path::PathBuf;

#[derive(Debug, Parser)]
pub(crate) struct StudyArgs {
    /// The study: a base config, what all cells set, axes of values, seeds.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Set one key of all cells, like [set] in the study; can be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Show the cells and how far each has come, and run none.
    #[arg(long)]
    pub(crate) list: bool,
    /// Run this cell alone, as a scheduler does, and make no table.
    #[arg(long, value_name = "NAME", conflicts_with = "list")]
    pub(crate) cell: Option<String>,
    /// The folder of the cells and the table [default: runs/NAME].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = fishdip::backend::DEFAULT)]
    pub(crate) backend: String,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}
