//! Developer commands: `cargo xtask help` lists them. It runs cargo and the built binary and links neither.

// A developer tool talks on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod backends;
mod bench;
mod cargo;
mod ci;
mod fishdip;
mod fixtures;
mod layers;
mod skips;
mod suite;
mod verbs;

use std::process::ExitCode;

use anyhow::Result;

/// Wrong use, as fishdip's own exit code says it.
const WRONG_USE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    run(&arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let Some((verb, rest)) = arguments.split_first() else {
        eprint!("{}", verbs::help());
        return Ok(ExitCode::from(WRONG_USE));
    };
    let root = cargo::root();
    match verb.as_str() {
        "help" | "--help" | "-h" => print!("{}", verbs::help()),
        "bench" => return bench::run(&root, rest),
        "test" => return suite::run(&root, rest),
        "ci" if rest.is_empty() => return ci::run(&root),
        "docs" if rest.is_empty() => return suite::write_docs(&root),
        "doctor" if rest.is_empty() => backends::doctor(&root)?,
        "layers" if rest.is_empty() => layers::run(&root)?,
        "fixtures" if rest.is_empty() => fixtures::run(&root, false)?,
        "fixtures" if rest == ["--check"] => fixtures::run(&root, true)?,
        own if verbs::is_own(own) => {
            return Ok(wrong_use(&format!("`{own}` does not take `{}`", rest.join(" "))));
        }
        verb if verbs::is_fishdip(verb) => return fishdip::run(&root, verb, rest),
        unknown => {
            let nearest = verbs::nearest(unknown);
            return Ok(wrong_use(&format!("no verb is called `{unknown}`; did you mean `{nearest}`?")));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what was wrong with the command line.
fn wrong_use(message: &str) -> ExitCode {
    eprintln!("error: {message}\n`cargo xtask help` lists what there is");
    ExitCode::from(WRONG_USE)
}
