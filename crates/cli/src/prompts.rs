//! `fishdip prompts`

use fishdip_train::tasks::prompts::ShotChoice;
use fishdip_train::{
    DataConfig, OutFile, PromptData, PromptOptions, RunConfig, TaskConfig, TrainingConfig, write_prompts,
};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::args::PromptsArgs;
use crate::exit::Failure;
use crate::view::View;

pub(crate) fn run(args: &PromptsArgs) -> Result<(), Failure> {
    let data = data(args)?;
    let choice = if args.random {
        ShotChoice::Random { seed: args.seed.unwrap_or(data.seed) }
    } else {
        ShotChoice::Nearest
    };
    let labels = args.labels.as_deref().map(|path| OutFile::new(path, args.force)).transpose()?;
    if let Some(labels) = &labels {
        labels.is_none_of(args.config.as_deref())?;
    }
    let options = PromptOptions { shots: args.shots, choice, labels };
    let mut output = BufWriter::new(std::io::stdout().lock());
    let done = write_prompts(&data, &options, &mut output, &mut View::new());
    // What was written before an error is not lost.
    output.flush()?;
    done?;
    Ok(())
}

/// What a config or the options name.
fn data(args: &PromptsArgs) -> Result<PromptData, Failure> {
    let (Some(kind), Some(folder)) = (args.task, &args.data) else {
        let file = args.config.clone().unwrap_or_default();
        let config = RunConfig::load(&file, &args.set)?;
        return Ok(PromptData::from(&config));
    };
    let (dir, train) = training_file(folder, args.train.as_deref())?;
    let options = args.read.options();
    let data = DataConfig {
        eval: args.eval.clone(),
        format: args.format,
        scheme: options.scheme,
        word_column: options.word_column,
        tag_column: options.tag_column,
        text_key: options.text_key,
        annotator: options.annotator,
        mentions: options.mentions,
        ..DataConfig::new(dir, train)
    };
    let task = TaskConfig { schema: args.schema.clone(), ..TaskConfig::new(kind) };
    Ok(PromptData { data, task, seed: TrainingConfig::default().seed })
}

/// The folder of the data, and the training file in it.
fn training_file(data: &Path, train: Option<&Path>) -> Result<(PathBuf, PathBuf), Failure> {
    if let Some(train) = train {
        return Ok((data.to_owned(), train.to_owned()));
    }
    if data.is_dir() {
        let message = format!("name the training file of {} with --train", data.display());
        return Err(Failure::Use(message));
    }
    let file = data.file_name().map(PathBuf::from).unwrap_or_default();
    Ok((data.parent().unwrap_or(Path::new("")).to_owned(), file))
}
