//! `fishdip completions` and `fishdip man`: what shells and `man` show of the command line.

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use fishdip_train::{Access, Error, OutFile};
use std::io::{Result as IoResult, Write};

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
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    add_pages(command, &mut pages).map_err(failed)?;
    let place = |(name, page): (String, Vec<u8>)| Ok((OutFile::new(&args.out.join(name), args.force)?, page));
    // None is written unless all can be.
    let pages = pages.into_iter().map(place).collect::<Result<Vec<_>, Error>>()?;
    for (file, page) in pages {
        file.write(&page)?;
    }
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", shown(&args.out.display().to_string()))?;
    Ok(stdout.flush()?)
}

/// The pages of `command` and of all below it, each with the name of its file.
fn add_pages(command: Command, pages: &mut Vec<(String, Vec<u8>)>) -> IoResult<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        add_pages(below.clone(), pages)?;
    }
    let (page, mut text) = (Man::new(command), Vec::new());
    page.render(&mut text)?;
    pages.push((page.get_filename(), text));
    Ok(())
}
