//! Developer commands: `cargo xtask help` lists them. It runs cargo and the built binary and links neither.

// A developer tool talks on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod backends;
mod bench;
mod book;
mod browser;
mod cargo;
mod ci;
mod deny;
mod fishdip;
mod fixtures;
mod guide;
mod layers;
mod pretrain;
mod program;
mod python;
mod results;
mod skips;
mod studies;
mod suite;
mod verbs;
mod wheel;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use verbs::{Arguments, Fishdip, Verb};

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let Arguments { verb } = Arguments::parse_from(&words);
    run(verb, &words[1..]).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Does what `verb` says, the first of these `words`.
fn run(verb: Verb, words: &[OsString]) -> Result<ExitCode> {
    let root = cargo::root();
    match verb {
        Verb::Test { backend } => return suite::run(&root, &backend.name),
        Verb::Ci => return ci::run(&root),
        Verb::Docs => return suite::write_docs(&root),
        Verb::Fishdip(verb) => {
            let stage = if matches!(verb, Fishdip::Pretrain(_)) { pretrain::stage(words)? } else { None };
            return match stage {
                Some(stage) => pretrain::run(&root, stage, &words[2..]),
                None => fishdip::run(&root, &verb, words),
            };
        }
        Verb::Bench(options) => bench::run(&root, &options)?,
        Verb::Results(options) => return results::run(&root, &options),
        Verb::Layers => layers::run(&root)?,
        Verb::Fixtures { check } => fixtures::run(&root, check)?,
        Verb::Doctor => backends::doctor(),
    }
    Ok(ExitCode::SUCCESS)
}
