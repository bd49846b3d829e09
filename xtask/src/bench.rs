//! `cargo xtask bench NAME`: fishdip and the PyTorch program beside it, in turn, in one call.

mod decode;
mod end_to_end;
pub(crate) mod peer;
mod plot;
mod programs;
mod scaling;
mod table;
mod train;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum, value_parser};
use serde::Deserialize;

use crate::backends::{Backend, Environment};
use crate::{backends, cargo};

/// What to measure, and how.
#[derive(Args, Debug)]
pub(crate) struct Options {
    name: Benchmark,
    #[command(flatten)]
    backend: Backend,
    /// Models, by name
    #[arg(long, value_delimiter = ',', default_value = "t5-small", value_parser = ["t5-small", "t5-base"])]
    shapes: Vec<String>,
    /// Runs of each program; the median counts
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u64).range(1..))]
    rounds: u64,
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
    /// A Python that has the peer's packages; without it they are installed
    #[arg(long, value_name = "PATH")]
    python: Option<String>,
    /// Rows whose names contain this
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    only: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Benchmark {
    /// A step, a refresh, the update kernel
    Train,
    /// Decoding, plain and constrained
    Decode,
    /// A step over density, length and batch, drawn into docs
    Scaling,
    /// From 140 sentences to an adapter with scores, with the original's program and spaCy; a round is a seed
    EndToEnd,
}

/// What one process measured.
#[derive(Clone, Debug, Deserialize)]
struct Measured {
    seconds: Vec<f64>,
    peak_mib: Option<f64>,
    /// Of what it is compared with in the same process, if so.
    #[serde(default)]
    peer_seconds: Vec<f64>,
    /// How many parameters it trained, if it trained any.
    entries: Option<u64>,
    #[serde(default)]
    score: Score,
    #[serde(default)]
    decoding: Decoding,
}

/// The part of a score that is shown.
#[derive(Clone, Debug, Default, Deserialize)]
struct Score {
    f1: f64,
}

/// What decoding took.
#[derive(Clone, Debug, Default, Deserialize)]
struct Decoding {
    pieces: f64,
    calls: f64,
    drafted: f64,
    accepted: f64,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let rows = match options.name {
        Benchmark::Train => train::rows(root, options)?,
        Benchmark::Decode => decode::rows(root, options)?,
        Benchmark::Scaling => scaling::rows(root, options)?,
        Benchmark::EndToEnd => end_to_end::rows(root, options)?,
    };
    table::print(&rows, options);
    Ok(())
}

/// Builds fishdip and the programs that measure it, and says where they lie.
fn build(root: &Path, backend: &str, environment: &Environment) -> Result<PathBuf> {
    // What `test` builds, so that burn is compiled once for both.
    let all = ["--workspace", "--bins", "--tests"];
    let features = if backend == "flex" {
        "fishdip/flex,fishdip/hub,fishdip/parquet".to_owned()
    } else {
        format!("fishdip/{backend}")
    };
    if !cargo::build(root, &all, &features, environment)? {
        bail!("the measuring program could not be built");
    }
    cargo::built(root)
}

/// Runs a measuring program and reads its last line.
fn measure(command: &mut Command) -> Result<Measured> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("failed to run {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{} failed", command.get_program().display());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().context("a measurement printed nothing")?;
    serde_json::from_str(line).with_context(|| format!("not a measurement: {line}"))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::{Options, median};

    #[derive(clap::Parser)]
    struct Bench {
        #[command(flatten)]
        options: Options,
    }

    fn parse(line: &str) -> Result<Options, clap::Error> {
        let words = ["bench"].into_iter().chain(line.split_whitespace());
        Ok(Bench::try_parse_from(words)?.options)
    }

    #[test]
    fn options_are_read() -> Result<(), clap::Error> {
        let options = parse("train --shapes t5-small,t5-base --rounds 5 --json")?;
        assert_eq!((options.rounds, options.json), (5, true));
        assert_eq!(options.shapes, ["t5-small", "t5-base"]);
        for wrong in ["", "train --rounds 0", "train --shapes t5-huge", "train --fast", "train --only"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        Ok(())
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-12);
    }
}
