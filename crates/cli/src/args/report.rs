//! What can be typed behind `fishdip report` and `fishdip mask`.

use clap::Parser;
use std::path::PathBuf;

#[derive(Debug, Parser)]
pub(crate) struct ReportArgs {
    /// A run folder; several are compared. Or one study folder.
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// The file [default: report.html in the first folder].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write over the file of --out that is there.
    // An earlier page in the first folder is written over in any case, so that nothing is wrong without --out.
    #[arg(long)]
    pub(crate) force: bool,
    /// Print one JSON object instead of the file's name alone.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct MaskArgs {
    /// The run folder.
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// Draw the share of each layer and kind of weight into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Write over the file of --svg that is there.
    #[arg(long, requires = "svg")]
    pub(crate) force: bool,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}
