//! `cargo xtask bench NAME`: fishdip and the PyTorch program beside it, in turn, in one call.

mod decode;
mod peer;
mod plot;
mod programs;
mod scaling;
mod table;
mod train;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::backends::Environment;
use crate::{backends, cargo, fishdip, wrong_use};

/// What to measure, and how.
#[derive(Debug, PartialEq)]
struct Options {
    backend: String,
    /// Models, by name.
    shapes: Vec<String>,
    /// Runs of each program; the median counts.
    rounds: usize,
    json: bool,
    /// A Python that has the peer's packages; without it they are installed.
    python: Option<String>,
    /// Rows whose names contain this.
    only: String,
}

/// What one process measured.
#[derive(Clone, Debug, Deserialize)]
struct Measured {
    seconds: Vec<f64>,
    peak_mib: Option<f64>,
    /// Of what it is compared with in the same process, if so.
    #[serde(default)]
    peer_seconds: Vec<f64>,
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

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    let (name, options) = match parse(arguments) {
        Ok(parsed) => parsed,
        Err(message) => return Ok(wrong_use(&message)),
    };
    if let Some(message) = fishdip::unknown(&cargo::workspace(root)?, &options.backend) {
        return Ok(wrong_use(&message));
    }
    let rows = match name.as_str() {
        "train" => train::rows(root, &options)?,
        "scaling" => scaling::rows(root, &options)?,
        "decode" => decode::rows(root, &options)?,
        other => {
            return Ok(wrong_use(&format!(
                "no benchmark is called `{other}`; there is train, decode, scaling"
            )));
        }
    };
    table::print(&rows, &options);
    Ok(ExitCode::SUCCESS)
}

fn parse(arguments: &[String]) -> Result<(String, Options), String> {
    let mut options = Options {
        backend: "flex".to_owned(),
        shapes: vec!["t5-small".to_owned()],
        rounds: 3,
        json: false,
        python: None,
        only: String::new(),
    };
    let mut name = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().cloned().ok_or(format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--backend" => options.backend = value()?,
            "--shapes" => options.shapes = value()?.split(',').map(str::to_owned).collect(),
            "--rounds" => options.rounds = value()?.parse().map_err(|_| "`--rounds` needs a number")?,
            "--python" => options.python = Some(value()?),
            "--only" => options.only = value()?,
            "--json" => options.json = true,
            word if !word.starts_with('-') && name.is_none() => name = Some(word.to_owned()),
            other => return Err(format!("`bench` does not take `{other}`")),
        }
    }
    let known = |shape: &String| ["t5-small", "t5-base"].contains(&shape.as_str());
    if let Some(unknown) = options.shapes.iter().find(|shape| !known(shape)) {
        return Err(format!("no shape is called `{unknown}`; there is t5-small and t5-base"));
    }
    if options.rounds == 0 {
        return Err("`--rounds` is at least 1".to_owned());
    }
    Ok((name.ok_or("which benchmark? there is train, decode, scaling")?, options))
}

/// Builds fishdip and its programs that measure, and says where the latter lie.
fn build(root: &Path, backend: &str, environment: &Environment) -> Result<std::path::PathBuf> {
    // What `test` builds, so that burn is compiled once for both.
    let all = ["--workspace", "--bins", "--tests", "--examples"];
    let features =
        if backend == "flex" { "fishdip/flex,fishdip/hub".to_owned() } else { format!("fishdip/{backend}") };
    if !cargo::build(root, &all, &features, environment)? {
        bail!("the measuring program could not be built");
    }
    let target = cargo::text(&cargo::workspace(root)?, "target_directory").to_owned();
    Ok(Path::new(&target).join("release/examples"))
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
    use super::{median, parse};

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn options_are_read() -> Result<(), String> {
        let (name, options) = parse(&words("train --shapes t5-small,t5-base --rounds 5 --json"))?;
        assert_eq!((name.as_str(), options.rounds, options.json), ("train", 5, true));
        assert_eq!(options.shapes, ["t5-small", "t5-base"]);
        for wrong in ["", "train --rounds 0", "train --shapes t5-huge", "train --fast", "train --only"] {
            assert!(parse(&words(wrong)).is_err(), "{wrong}");
        }
        Ok(())
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-12);
    }
}
