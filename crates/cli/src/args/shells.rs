//! What `fishdip completions` and `fishdip man` take.

use clap::Parser;
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Debug, Parser)]
pub(crate) struct CompletionsArgs {
    /// The shell that is to read them.
    pub(crate) shell: Shell,
}

#[derive(Debug, Parser)]
pub(crate) struct ManArgs {
    /// The folder for the pages, such as ~/.local/share/man/man1.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Write over pages of these names that are there.
    #[arg(long)]
    pub(crate) force: bool,
}
