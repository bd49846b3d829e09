//! What `fishdip predict` takes.

use clap::{Parser, ValueEnum};
use fishdip_train::predict::InputFormat;
use std::path::PathBuf;

use super::PlaceArgs;

#[derive(Debug, Parser)]
pub(crate) struct PredictArgs {
    /// The adapter folder; can be given again, with --out.
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) adapter: Vec<PathBuf>,
    /// The input, or - for standard input; can be given again. A line may have 4 MiB.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) input: Vec<PathBuf>,
    /// What the input looks like: text (one a line), words (the same, cut at blanks alone) or the layout of a data file, such as conll, jsonl or label-studio.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: TextOr,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// What the output looks like; brat is a folder, see --out.
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "jsonl")]
    pub(crate) output_format: OutputName,
    /// The folder of --output-format brat, or the outputs of several adapters, each called as its folder or run; it must not exist.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Leave out spans less probable than P, and the relations and clusters that they are in; LABEL=P is for spans of one label; can be given again [default: 0].
    #[arg(long, value_name = "P", value_parser = threshold)]
    pub(crate) threshold: Vec<Threshold>,
    /// The base model's folder, if it has moved.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = fishdip::backend::DEFAULT)]
    pub(crate) backend: String,
}

/// `text`, `words`, or the name of a format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextOr(pub(crate) InputFormat);

impl std::str::FromStr for TextOr {
    type Err = fishdip_train::tasks::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(Self(match name {
            "text" => InputFormat::Text,
            "words" => InputFormat::Words,
            name => InputFormat::Data(name.parse()?),
        }))
    }
}

// Help on a value would have the help of the command be a long one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputName {
    Jsonl,
    Conll,
    LabelStudio,
    Brat,
    Csv,
}

/// The least probability of spans, or of those of a label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Threshold {
    pub(crate) label: Option<String>,
    pub(crate) least: f64,
}

fn threshold(text: &str) -> Result<Threshold, String> {
    // A label may hold the sign itself.
    let (label, number) = match text.rsplit_once('=') {
        Some((label, number)) => (Some(label.to_owned()), number),
        None => (None, text),
    };
    match number.parse() {
        Ok(least) if (0.0..=1.0).contains(&least) => Ok(Threshold { label, least }),
        _ => Err("a probability from 0 to 1 is expected, or LABEL= and one".to_owned()),
    }
}
