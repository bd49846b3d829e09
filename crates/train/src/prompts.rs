//! Prompts for language models, made from the data that a run trains on and is scored on.

use fishdip_tasks::Schema;
use fishdip_tasks::prompts::{Prompts, ShotChoice, WrittenPrompts};
use std::io::Write;
use std::path::PathBuf;

use crate::config::{DataConfig, TaskConfig};
use crate::data::RunData;
use crate::event::{Event, Sink};
use crate::warnings::Kind;
use crate::{Error, OutFile, RunConfig};

/// Which data, and which task: of a run with the same ones, the shots are what it trains on, and prompts are made for what it is scored on.
#[derive(Clone, Debug)]
pub struct PromptData {
    /// The files.
    pub data: DataConfig,
    /// The task and its labels.
    pub task: TaskConfig,
    /// What draws the examples of a run.
    pub seed: u64,
}

impl From<&RunConfig> for PromptData {
    fn from(config: &RunConfig) -> Self {
        Self { data: config.data.clone(), task: config.task.clone(), seed: config.training.seed }
    }
}

/// How prompts are made.
#[derive(Clone, Debug)]
pub struct PromptOptions {
    /// How many training examples a prompt shows.
    pub shots: usize,
    /// Which.
    pub choice: ShotChoice,
    /// A file that the labels and their names are written to, as a [schema](crate::read_schema).
    pub labels: Option<OutFile>,
}

/// Writes a prompt for each example that is scored to `output`, a line of JSON each; `sink` is told of what was left out.
pub fn write_prompts(
    data: &PromptData,
    options: &PromptOptions,
    output: &mut impl Write,
    sink: &mut dyn Sink,
) -> Result<WrittenPrompts, Error> {
    data.data.check()?;
    if let Some(file) = &options.labels {
        let of_data = std::iter::once(&data.data.train).chain(&data.data.eval);
        let read: Vec<_> =
            of_data.map(|file| data.data.dir.join(file)).chain(data.task.schema.clone()).collect();
        file.is_none_of(read.iter().map(PathBuf::as_path))?;
    }
    let RunData { task, train, eval, mut warnings, .. } = RunData::read(&data.data, &data.task, data.seed)?;
    let prompts = Prompts::new(&task, &train, options.shots, options.choice)?;
    match &options.labels {
        Some(file) => file.write(labels(task.schema())?.as_bytes())?,
        None if data.task.schema.is_none() && has_names(task.schema()) => {
            let message = "labels have other names in the prompts than in the data; have them written to a file (--labels), which decode \
                           takes as its --schema";
            sink.event(&Event::Note { message: message.to_owned() });
        }
        None => {}
    }
    let written = prompts.write(&eval, output)?;
    let WrittenPrompts { same_text, fewer_shots, dropped, .. } = &written;
    for place in same_text {
        warnings.add(SAME_TEXT, place.clone());
    }
    for place in fewer_shots {
        warnings.add(FEWER_SHOTS, place.clone());
    }
    for place in dropped {
        warnings.add(DROPPED, place.clone());
    }
    warnings.send(sink);
    Ok(written)
}

const SAME_TEXT: Kind = [
    "has the text of training examples, which are no shots of its prompt",
    "have the text of training examples, which are no shots of their prompts",
];

const FEWER_SHOTS: Kind =
    ["has fewer shots, since no others are left", "have fewer shots, since no others are left"];

const DROPPED: Kind = [
    "is a shot whose answer cannot show all of its spans, since they cross",
    "are shots whose answers cannot show all of their spans, since they cross",
];

/// A schema as TOML.
fn labels(schema: &Schema) -> Result<String, Error> {
    toml::to_string(schema).map_err(|error| Error::Config {
        place: "the labels".to_owned(),
        message: format!("failed to write them as TOML: {error}"),
        hint: None,
    })
}

/// Whether a label is not its own name.
fn has_names(schema: &Schema) -> bool {
    let pairs = schema.entities().chain(schema.relations()).chain(schema.classes()).chain(schema.triggers());
    pairs.into_iter().any(|(label, name)| label != name)
}
