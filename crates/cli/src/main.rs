//! The command line of fishdip. See `fishdip help`.

mod active;
mod adapter;
mod args;
mod calibrate;
mod codec;
mod data;
mod evaluate;
mod exit;
mod export;
#[cfg(feature = "hub")]
mod fetch;
mod folds;
mod hub;
mod init;
mod input;
mod label_merge;
mod loading;
mod log;
mod mask;
mod out_of_memory;
mod pace;
mod predict;
mod pretrain;
mod prompts;
mod query;
mod report;
mod runtime;
mod shells;
mod shown;
mod stop;
mod study;
mod table;
mod train;
#[cfg(feature = "tui")]
mod tui;
mod version;
mod view;

use args::{Args, Command};
use fishdip::allocator;
use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::keep_pages();
    let args = Args::read();
    exit::code(
        log::begin(args.verbose, args.log).and_then(|()| fishdip_train::on_worker(|| run(args.command))),
    )
}

fn run(command: Command) -> Result<(), exit::Failure> {
    match command {
        Command::Init(args) => init::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Study(args) => study::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Mask(args) => mask::run(&args),
        Command::Pretrain(args) => pretrain::run(&args),
        Command::Active(args) => active::run(&args),
        Command::Query(args) => query::run(&args),
        Command::LabelMerge(args) => label_merge::run(&args),
        Command::Adapter(command) => adapter::run(&command),
        Command::Export(args) => export::run(&args),
        Command::Encode(args) => codec::encode(&args),
        Command::Decode(args) => codec::decode(&args),
        Command::Prompts(args) => prompts::run(&args),
        Command::Data(command) => data::run(&command),
        Command::Completions(args) => shells::completions(&args),
        Command::Man(args) => shells::man(&args),
        #[cfg(feature = "hub")]
        Command::Fetch(args) => fetch::run(&args),
        #[cfg(not(feature = "hub"))]
        Command::Fetch(args) => Err(exit::Failure::Use(format!(
            "this build cannot download; `cargo xtask fetch {}` makes one that can",
            args.name
        ))),
    }
}
