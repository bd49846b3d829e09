//! `fishdip completions` and `fishdip man`: what shells and `man` show of the command line.

use clap::CommandFactory;
use fishdip_train::{Access, Error};
use std::io::Write;

use crate::args::{Args, CompletionsArgs, ManArgs};
use crate::exit::Failure;
use crate::shown::shown;

pub(crate) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    // It would panic where standard output is gone.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "fishdip", &mut script);
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&script)?;
    Ok(stdout.flush()?)
}

pub(crate) fn man(args: &ManArgs) -> Result<(), Failure> {
    let failed = |source| Error::Io { action: Access::Create, path: args.out.clone(), source };
    std::fs::create_dir_all(&args.out).map_err(failed)?;
    clap_mangen::generate_to(Args::command(), &args.out).map_err(failed)?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", shown(&args.out.display().to_string()))?;
    Ok(stdout.flush()?)
}
