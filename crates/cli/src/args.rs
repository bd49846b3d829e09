//! What can be typed.

mod active;
mod adapter;
mod decode;
mod init;
mod predict;
mod pretrain;
mod prompts;
mod report;
mod shells;
mod study;
mod train;

pub(crate) use active::{ActiveArgs, LabelMergeArgs, QueryArgs};
pub(crate) use adapter::{AdapterCommand, ExportArgs};
pub(crate) use decode::Decode;
pub(crate) use init::InitArgs;
pub(crate) use predict::{OutputName, PredictArgs, Threshold};
pub(crate) use pretrain::PretrainArgs;
pub(crate) use prompts::PromptsArgs;
pub(crate) use report::{MaskArgs, ReportArgs};
pub(crate) use shells::{CompletionsArgs, ManArgs};
pub(crate) use study::StudyArgs;
pub(crate) use train::TrainArgs;

use clap::error::{ContextKind, ContextValue};
use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use fishdip_train::tasks::read::{Column, Format, MentionRule, ReadOptions};
use fishdip_train::tasks::tags::TagScheme;
use fishdip_train::tasks::{Mode, Quirks, TaskKind, shortened};
use std::borrow::Cow;
use std::path::PathBuf;

/// Few-label structured prediction: fine-tune 1 % of a T5 model, tag text.
#[derive(Debug, Parser)]
#[command(name = "fishdip", version, long_version = crate::version::long(), arg_required_else_help = true)]
pub(crate) struct Args {
    /// Log phases and how long they take to standard error, with -vv every step; `FISHDIP_LOG` or `RUST_LOG` overrides it.
    #[arg(short, long, action = ArgAction::Count, global = true, display_order = 900)]
    pub(crate) verbose: u8,
    /// The form of the log.
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        global = true,
        display_order = 901
    )]
    pub(crate) log: LogFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// What was typed. What is no command, and a question for help, is answered and ends the program.
    pub(crate) fn read() -> Self {
        Self::try_parse().unwrap_or_else(|error| in_short(error).exit())
    }
}

/// The same error; of what was typed and is long, it shows the beginning.
fn in_short(mut error: clap::Error) -> clap::Error {
    let long = |(kind, value): (ContextKind, &ContextValue)| match value {
        ContextValue::String(text) => match shortened(text) {
            Cow::Owned(short) => Some((kind, short)),
            Cow::Borrowed(_) => None,
        },
        _ => None,
    };
    let long: Vec<(ContextKind, String)> = error.context().filter_map(long).collect();
    for (kind, short) in long {
        error.insert(kind, ContextValue::String(short));
        // It repeats what was typed.
        error.remove(ContextKind::Suggested);
    }
    error
}

// Help on a value would have the help of every command be a long one.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a config for data: what they are is found from the files, and every value says why it is that one.
    Init(InitArgs),
    /// Fine-tune a model and score it.
    Train(TrainArgs),
    /// Train the cells of a study one after the other, and compare them in a table.
    Study(StudyArgs),
    /// Score saved adapters.
    Evaluate(EvaluateArgs),
    /// Make probabilities of an adapter's scores: a temperature for each label, fitted to held-out data and kept in the adapter.
    Calibrate(CalibrateArgs),
    /// Tag text: one JSON line for each line or sentence, or what `--output-format` says.
    Predict(PredictArgs),
    /// Write a page about a run, several runs or a study: curves, scores, sentences, masks, hard samples.
    Report(ReportArgs),
    /// Show where the mask of a run lies and how it moves.
    Mask(MaskArgs),
    /// Train on texts without labels: the model learns to write what is hidden of them, and `train --from` goes on from there.
    Pretrain(PretrainArgs),
    /// Simulate active learning: label a part of the training file in rounds, and train and score after each.
    Active(ActiveArgs),
    /// Choose the texts to label next, and write them for annotators.
    Query(QueryArgs),
    /// Check what annotators made of a query, and append it to the training data.
    LabelMerge(LabelMergeArgs),
    /// Look at adapters, and make others of them.
    #[command(subcommand)]
    Adapter(AdapterCommand),
    /// Write a model for other programs.
    Export(ExportArgs),
    /// Turn examples into source and target texts: JSON lines in, JSON lines out.
    Encode(CodecArgs),
    /// Turn what a model wrote into spans: examples or prompts with an "output" in, JSON lines out.
    Decode(DecodeArgs),
    /// Write few-shot prompts for any language model: JSON lines, which decode scores with the model's output.
    Prompts(PromptsArgs),
    /// Look at data before training.
    #[command(subcommand)]
    Data(DataCommand),
    /// Download a model from the Hugging Face hub, and print its folder.
    Fetch(FetchArgs),
    /// Print what a shell needs to complete commands and options.
    Completions(CompletionsArgs),
    /// Write manual pages, one for each command.
    Man(ManArgs),
}

#[derive(Debug, Parser)]
pub(crate) struct FetchArgs {
    /// The model's name, such as google-t5/t5-base.
    pub(crate) name: String,
    /// Print one JSON object instead of the folder alone.
    #[arg(long)]
    #[cfg_attr(not(feature = "hub"), allow(dead_code, reason = "a build without downloads refuses them"))]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Count labels and lengths, and report what would go wrong.
    Check(CheckArgs),
}

#[derive(Debug, Parser)]
pub(crate) struct CodecArgs {
    /// ner, joint-er, relation-classification, slots, srl, dialogue-state, coref, event-triggers, event-arguments or text-classification.
    #[arg(long, value_name = "TASK")]
    pub(crate) task: TaskKind,
    /// A TOML file of tables such as [entities], each of label = "natural name", or the name of a data set such as conll03 [default: labels as they are].
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    /// fixed: delimiters in the text are escaped; reference: everything as in the original program.
    #[arg(long, value_enum, default_value = "fixed")]
    pub(crate) mode: ModeName,
    /// The input, or - for standard input.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) input: PathBuf,
}

#[derive(Debug, Parser)]
pub(crate) struct DecodeArgs {
    #[command(flatten)]
    pub(crate) codec: CodecArgs,
    /// The prompts or examples that the outputs are of, where they stand apart; they are found by their ids.
    #[arg(long, value_name = "FILE")]
    pub(crate) prompts: Option<PathBuf>,
    /// End with one more line, the score against the examples' own annotations.
    #[arg(long)]
    pub(crate) score: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct CheckArgs {
    /// The task that the data are for.
    #[arg(long, value_name = "TASK")]
    pub(crate) task: TaskKind,
    /// A folder, or one file.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// A file of the folder; can be given again [default: all].
    #[arg(long, value_name = "FILE")]
    pub(crate) split: Vec<PathBuf>,
    /// The layout of the files.
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// A TOML file of tables such as [entities], each of label = "natural name", or the name of a data set such as conll03 [default: labels as they are].
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    /// A model's folder: texts are measured in its pieces.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// The most pieces of a source, as `--model` counts them; a longer one is reported.
    #[arg(long, value_name = "N", default_value_t = 256, requires = "model")]
    pub(crate) max_source_pieces: usize,
    /// The most pieces of a target, as `--model` counts them; a longer one is reported.
    #[arg(long, value_name = "N", default_value_t = 256, requires = "model")]
    pub(crate) max_target_pieces: usize,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a layout leaves open.
#[derive(Debug, Parser)]
pub(crate) struct ReadArgs {
    /// The tag scheme of column files: auto, iob1, iob2, iobes and others.
    #[arg(long, value_name = "SCHEME", default_value = "auto", value_parser = scheme)]
    pub(crate) scheme: TagScheme,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The annotator whose annotations count, where there are several of one text.
    #[arg(long, value_name = "NAME")]
    pub(crate) annotator: Option<String>,
    /// Which occurrence is meant where a mention is told by its text alone: closest or every.
    #[arg(long, value_name = "RULE", default_value = "closest", value_parser = mentions)]
    pub(crate) mentions: MentionRule,
}

impl ReadArgs {
    /// The same as the readers take it.
    pub(crate) fn options(&self) -> ReadOptions {
        let mut options = ReadOptions::new(self.scheme, Quirks::NONE);
        self.place.put_into(&mut options);
        options.annotator.clone_from(&self.annotator);
        options.mentions = self.mentions;
        options
    }
}

/// Where words and tags stand.
#[derive(Debug, Parser)]
pub(crate) struct PlaceArgs {
    /// The column of the words, by its number, from 1, or its name in the header.
    #[arg(long, value_name = "COLUMN", value_parser = column)]
    pub(crate) word_column: Option<Column>,
    /// The column of the tags or classes, in the same way.
    #[arg(long, value_name = "COLUMN", value_parser = column)]
    pub(crate) tag_column: Option<Column>,
    /// The field or column that holds the text, where several could; --text-column is the same.
    #[arg(long, value_name = "KEY", alias = "text-column")]
    pub(crate) text_key: Option<String>,
}

impl PlaceArgs {
    /// Puts what was said into `options`.
    pub(crate) fn put_into(&self, options: &mut ReadOptions) {
        let Self { word_column, tag_column, text_key } = self;
        for (column, to) in [(word_column, &mut options.word_column), (tag_column, &mut options.tag_column)] {
            if column.is_some() {
                to.clone_from(column);
            }
        }
        if text_key.is_some() {
            options.text_key.clone_from(text_key);
        }
    }
}

/// Names are those of configs, so are the messages about others.
fn scheme(name: &str) -> Result<TagScheme, String> {
    serde_json::from_value(shortened(name).into()).map_err(|error| error.to_string())
}

fn mentions(name: &str) -> Result<MentionRule, String> {
    serde_json::from_value(shortened(name).into()).map_err(|error| error.to_string())
}

fn column(name: &str) -> Result<Column, String> {
    name.to_owned().try_into()
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ModeName {
    Fixed,
    Reference,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::Fixed => Self::Fixed,
            ModeName::Reference => Self::Reference,
        }
    }
}

#[derive(Debug, Parser)]
pub(crate) struct EvaluateArgs {
    /// An adapter folder; can be given again.
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) adapter: Vec<PathBuf>,
    /// A folder with data [default: the training's folder].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The layout of the data [default: that of the training].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// The split: train or eval as the adapter's config names them, or a file of the folder.
    #[arg(long, value_name = "SPLIT", default_value = "eval")]
    pub(crate) split: String,
    /// What the model may write [default: as the adapter's config says].
    #[arg(long, value_enum)]
    pub(crate) decode: Option<Decode>,
    /// Write a JSON line for each example with something wrong into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
    /// Write over the file of --errors that is there.
    #[arg(long, requires = "errors")]
    pub(crate) force: bool,
    /// The base model's folder, if it has moved.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = fishdip::backend::DEFAULT)]
    pub(crate) backend: String,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct CalibrateArgs {
    /// The adapter folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) adapter: PathBuf,
    /// A folder with data [default: the training's folder].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The layout of the data [default: that of the training].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// The split: eval as the adapter's config names it, or a file of the folder; not what was trained on.
    #[arg(long, value_name = "SPLIT", default_value = "eval")]
    pub(crate) split: String,
    /// The base model's folder, if it has moved.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_name = "NAME", default_value = fishdip::backend::DEFAULT)]
    pub(crate) backend: String,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}
