//! What a run needs before its first step.

use fishdip_peft::Mask;
use fishdip_tasks::read::Format;
use fishdip_tasks::{Example, Nesting};

use crate::base::Base;
use crate::checkpoint::Identity;
use crate::continued::Continued;
use crate::data::{
    Corruption, HeldOut, RunData, SampleText, SwappedExamples, Tokenized, tell_unlabelled, tell_untrained,
    tokenize,
};
use crate::event::{Event, Phase, Sink};
use crate::insight::Subjects;
use crate::settle::settle;
use crate::sites;
use crate::warnings::Warnings;
use crate::windows::Windows;
use crate::{Error, RunConfig, Runtime, Tagger, TokenizedExample};
use fishdip_t5::{T5, Tokenizer};
use std::sync::Arc;

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
    /// The same with other mentions in every epoch, if the config asks for it.
    pub(crate) swapped: Option<SwappedExamples>,
    /// What is hidden of them in every epoch, in a pretraining.
    pub(crate) corruption: Option<Corruption>,
    /// What is scored.
    pub eval: Vec<Example>,
    /// The part of the training file that is scored, where there is no file for it.
    pub held_out: Option<HeldOut>,
    /// The entries that an adapter has replaced which the run begins with.
    pub(crate) touched: Mask,
    /// The texts of each of `examples`, and where it comes from.
    pub(crate) texts: Vec<SampleText>,
    /// What is looked into beside the scores.
    pub(crate) subjects: Subjects,
    pub(crate) identity: Identity,
    pub(crate) warnings: Warnings,
}

/// Reads and checks everything that `config` names; `sink` is told how far it has come.
pub fn prepare(config: &RunConfig, runtime: &Runtime, sink: &mut dyn Sink) -> Result<Prepared, Error> {
    config.check()?;
    loaded(sink, 0);
    let continued = Continued::load(config)?;
    let task = continued.as_ref().map_or_else(|| config.task.clone(), |from| from.task(&config.task));
    let note = continued.as_ref().and_then(|from| from.note(&config.task));
    let config = RunConfig { task, ..config.clone() };
    let data = RunData::read(&config.data, &config.task, config.training.seed)?;
    loaded(sink, 1);
    let Base { mut model, tokenizer, hashes, .. } =
        Base::of(&config, runtime, continued.as_ref().map(Continued::config))?;
    loaded(sink, 2);
    let mut config = resolved(&config, &data, &tokenizer)?;
    let RunData { task, train, eval, held_out, mut warnings, .. } = data;
    if let Some(note) = note {
        warnings.add_message(note);
    }
    tell_unlabelled(&eval, &mut warnings);
    tell_untrained(&task, &train, &eval, &mut warnings);
    let tokenizer = Arc::new(tokenizer);
    let tokenized = tokenize(&train, &task, &tokenizer, &config, &mut warnings)?;
    let subjects = Subjects::new(&config, &task, &tokenizer, (&train, &tokenized), &eval, &mut warnings)?;
    let Tokenized { mut examples, texts, inputs, .. } = tokenized;
    if config.compat.counted_padding {
        let (length, pad) = (config.data.max_target_pieces, model.config().pad_token_id);
        for example in &mut examples {
            example.pad_target(length, pad);
        }
    }
    if let Some(count) = config.method.most_fisher.filter(|_| config.method.sites.is_empty()) {
        let known = continued.as_ref().map(Continued::sites).filter(|sites| !sites.is_empty());
        config.method.sites = match known {
            Some(sites) => sites.to_vec(),
            None => sites::most_fisher(&mut model, &examples, (&config, runtime), count, sink)?,
        };
    }
    let touched = adapt(&mut model, &config, continued.as_ref())?;
    // Before anything is scored, which may take long.
    settle(&mut config, &examples, &model, sink)?;
    let swapped = SwappedExamples::new(&examples, inputs, &task, &tokenizer, &config, &mut warnings)?;
    let windows = Windows { task: &task, tokenizer: &tokenizer, data: &config.data };
    for example in &eval {
        // What is to be warned of is told when they are scored.
        windows.prediction_inputs(example, &mut Warnings::default())?;
    }
    let tagger = Tagger::new(model, tokenizer, task, &runtime.device, &config.data, &config.evaluation)?;
    let train_examples = train.len();
    let identity = Identity {
        config: blake3::hash(config.to_toml()?.as_bytes()).to_hex().to_string(),
        base: hashes,
        adapter: continued.as_ref().map(Continued::hash),
        data: hash_of_data(&examples, &eval)?,
    };
    loaded(sink, 3);
    Ok(Prepared {
        config,
        tagger,
        train_examples,
        examples,
        swapped,
        corruption: None,
        eval,
        held_out,
        touched,
        texts,
        subjects,
        identity,
        warnings,
    })
}

/// Tells that `done` of what is loaded is there.
pub(crate) fn loaded(sink: &mut dyn Sink, done: usize) {
    sink.event(&Event::Progress { phase: Phase::Loading, done, total: 3 });
}

/// Adds to the base model `model` what a run of `config` begins with, and tells which of its entries are not those of the base model.
pub(crate) fn adapt(
    model: &mut T5,
    config: &RunConfig,
    continued: Option<&Continued>,
) -> Result<Mask, Error> {
    if let Some(addition) = config.method.addition() {
        model.add_at(&addition, &config.method.sites, config.training.seed)?;
    }
    Ok(continued.map(|from| from.apply(model)).transpose()?.unwrap_or_default())
}

/// The model that a run of the resolved `config` begins with, which has the adapter `continued` in it if there is one.
pub(crate) fn base_of(
    config: &RunConfig,
    continued: Option<&Continued>,
    runtime: &Runtime,
) -> Result<T5, Error> {
    let mut model = Base::of(config, runtime, continued.map(Continued::config))?.model;
    adapt(&mut model, config, continued)?;
    Ok(model)
}

/// The hash of what is trained on and scored.
pub(crate) fn hash_of_data(train: &[TokenizedExample], eval: &[Example]) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    for sequence in train.iter().flat_map(|example| [&example.source, &example.target]) {
        // Each with its length, so that no two lists of sequences read the same.
        hasher.update(&(sequence.len() as u64).to_le_bytes());
        for piece in sequence {
            hasher.update(&piece.to_le_bytes());
        }
    }
    hash_examples(&mut hasher, eval)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Adds `examples` to what `hasher` has seen.
pub(crate) fn hash_examples(hasher: &mut blake3::Hasher, examples: &[Example]) -> Result<(), Error> {
    for example in examples {
        let text = serde_json::to_vec(example);
        hasher.update(
            &text.map_err(|e| Error::Data(format!("failed to write {} as JSON: {e}", example.place())))?,
        );
    }
    Ok(())
}

/// `config` with what data and model have decided in `kept`, the config that a run keeps: of that run it is the same.
pub(crate) fn resolved_as(config: &RunConfig, kept: &RunConfig) -> RunConfig {
    let mut resolved = config.clone();
    if config.model.adapter.is_some() {
        // Labels that it leaves out are those of the adapter.
        resolved.task = kept.task.clone();
    }
    resolved.task.nesting = config.task.nesting.or(kept.task.nesting);
    if config.data.format == Format::Auto {
        resolved.data.format = kept.data.format;
    }
    if config.data.max_source_pieces == 0 {
        resolved.data.max_source_pieces = kept.data.max_source_pieces;
    }
    resolved.method.keep = config.method.keep.or_kept(kept.method.keep);
    resolved.training.steps = config.training.steps.or_kept(kept.training.steps);
    resolved.optimizer.learning_rate = config.optimizer.learning_rate.or_kept(kept.optimizer.learning_rate);
    if config.method.most_fisher.is_some() && config.method.sites.is_empty() {
        resolved.method.sites.clone_from(&kept.method.sites);
    }
    resolved
}

/// The config with what it leaves to the data and the model.
pub(crate) fn resolved(
    config: &RunConfig,
    data: &RunData,
    tokenizer: &Tokenizer,
) -> Result<RunConfig, Error> {
    let mut resolved = config.clone();
    resolved.data.format = data.format;
    resolved.task.nesting = Some(data.task.nesting() == Nesting::Nested);
    if config.data.max_source_pieces == 0 {
        let windows = Windows { task: &data.task, tokenizer, data: &config.data };
        resolved.data.max_source_pieces = windows.usual_limit(&data.train, &data.eval)?;
    }
    resolved.method.check_length(resolved.data.max_source_pieces)?;
    Ok(resolved)
}
