//! The command line of fishdip. See `fishdip help`.

mod args;
mod calibrate;
mod codec;
mod data;
mod evaluate;
mod exit;
#[cfg(feature = "hub")]
mod fetch;
mod hub;
mod input;
mod out_of_memory;
mod predict;
mod runtime;
mod shown;
mod stop;
mod table;
mod train;
#[cfg(feature = "tui")]
mod tui;
mod view;

use args::{Args, Command};
use fishdip::allocator;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// The variable that says which events are logged.
const LOG: &str = "FISHDIP_LOG";

fn main() -> ExitCode {
    allocator::keep_pages();
    let args = Args::read();
    exit::code(log().and_then(|()| fishdip_train::on_worker(|| run(args.command))))
}

/// Writes what `FISHDIP_LOG` asks for to standard error, as far as anyone reads it.
fn log() -> Result<(), exit::Failure> {
    let asked = std::env::var_os(LOG).unwrap_or_default();
    let filter = EnvFilter::builder().parse(asked.to_string_lossy()).map_err(|error| {
        exit::Failure::Use(format!(
            "{LOG} is no filter of events such as `info` or `fishdip_train=debug`: {error}"
        ))
    })?;
    let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours && std::io::stderr().is_terminal())
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .init();
    Ok(())
}

fn run(command: Command) -> Result<(), exit::Failure> {
    match command {
        Command::Train(args) => train::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Encode(args) => codec::encode(&args),
        Command::Decode(args) => codec::decode(&args),
        Command::Data(command) => data::run(&command),
        #[cfg(feature = "hub")]
        Command::Fetch(args) => fetch::run(&args),
        #[cfg(not(feature = "hub"))]
        Command::Fetch(args) => Err(exit::Failure::Use(format!(
            "this build cannot download; `cargo xtask fetch {}` makes one that can",
            args.name
        ))),
    }
}
