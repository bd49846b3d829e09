//! What a run needs before its first step.

use fishdip_tasks::{Example, Nesting};

use crate::base::{Base, Hashes};
use crate::data::{HeldOut, RunData, tokenize};
use crate::warnings::Warnings;
use crate::windows::Windows;
use crate::{Error, RunConfig, Runtime, Tagger, TokenizedExample};
use fishdip_t5::Tokenizer;

/// Data and model of a run, found good. Nothing is written yet.
#[derive(Debug)]
pub struct Prepared {
    /// The config with what it leaves to the data and the model.
    pub config: RunConfig,
    /// The base model, ready to be scored and, through it, trained.
    pub tagger: Tagger,
    /// How many examples are trained on.
    pub train_examples: usize,
    /// What is trained on: each window of a longer example is one.
    pub examples: Vec<TokenizedExample>,
    /// What is scored.
    pub eval: Vec<Example>,
    /// The part of the training file that is scored, where there is no file for it.
    pub held_out: Option<HeldOut>,
    pub(crate) hashes: Hashes,
    pub(crate) warnings: Warnings,
}

/// Reads and checks everything that `config` names.
pub fn prepare(config: &RunConfig, runtime: &Runtime) -> Result<Prepared, Error> {
    config.check()?;
    let data = RunData::read(config)?;
    let base = runtime.hub.model_folder(&config.model.path)?;
    let Base { model, tokenizer, hashes, .. } = Base::load(base, config.model.dtype, &runtime.device, None)?;
    let config = resolved(config, &data, &tokenizer)?;
    let RunData { task, train, eval, held_out, mut warnings, .. } = data;
    let examples = tokenize(&train, &task, &tokenizer, &config, &mut warnings)?;
    let windows = Windows { task: &task, tokenizer: &tokenizer, data: &config.data };
    for example in &eval {
        // What is to be warned of is told when they are scored.
        windows.prediction_inputs(example, &mut Warnings::default())?;
    }
    let tagger = Tagger::new(model, tokenizer, task, &runtime.device, &config.data, &config.evaluation)?;
    let train_examples = train.len();
    Ok(Prepared { config, tagger, train_examples, examples, eval, held_out, hashes, warnings })
}

/// The config with what it leaves to the data and the model.
fn resolved(config: &RunConfig, data: &RunData, tokenizer: &Tokenizer) -> Result<RunConfig, Error> {
    let mut resolved = config.clone();
    resolved.data.format = data.format;
    resolved.task.nesting = Some(data.task.nesting() == Nesting::Nested);
    if config.data.max_source_pieces == 0 {
        let windows = Windows { task: &data.task, tokenizer, data: &config.data };
        resolved.data.max_source_pieces = windows.usual_limit(&data.train, &data.eval)?;
    }
    Ok(resolved)
}
