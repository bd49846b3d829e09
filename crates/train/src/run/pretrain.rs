//! Pretraining on the texts of a task without labels: the same run, over span corruption, with the loss of texts that are held out as its score.

mod texts;

use std::path::{Path, PathBuf};

use fishdip_peft::Adaptable;
use serde::Serialize;

use super::{Begun, Ended, Run};
use crate::config::{InsightConfig, LossName, PretrainConfig, Setting, Watch};
use crate::event::{Event, Sink};
use crate::memory::peak_rss_mib;
use crate::objective::mean_loss;
use crate::prepare::Prepared;
use crate::run_folder::RunPath;
use crate::run_result::RESULT;
use crate::{Error, MethodName, RunConfig, Runtime, TokenizedExample, TrainState};

/// What a pretraining came to.
#[derive(Clone, Debug, Serialize)]
pub struct PretrainReport {
    /// The run folder.
    pub run: PathBuf,
    /// The adapter folder.
    pub adapter: PathBuf,
    /// The base model.
    pub model: PathBuf,
    /// The task whose texts they are.
    pub task: &'static str,
    /// The method.
    pub method: MethodName,
    /// The seed.
    pub seed: u64,
    /// The backend.
    pub backend: String,
    /// The loss of the texts that are held out, after the last step: the mean over the pieces that are to be written.
    pub loss: Option<f64>,
    /// The same before the first step.
    pub loss_before: Option<f64>,
    /// Texts that were learned.
    pub texts: usize,
    /// Blocks of these texts, each of which is an example.
    pub blocks: usize,
    /// Blocks of the texts that are held out.
    pub held_out: usize,
    /// Optimizer steps.
    pub steps: usize,
    /// Entries of the model, with those that the method adds.
    pub entries_total: usize,
    /// Entries trained at a time.
    pub entries_trained: usize,
    /// The whole run, without the time between its parts if it was ended and went on.
    pub seconds: f64,
    /// Mean of the optimizer steps, refreshes excluded.
    pub seconds_per_step: f64,
    /// Largest resident size of the process, where the system tells it.
    pub peak_rss_mib: Option<f64>,
}

/// Trains the model of `config` to write what is hidden of the texts that `[pretrain]` names, and leaves everything in the folder `run`. Nothing is
/// written before config, texts and model were found good.
#[tracing::instrument(skip_all, fields(run = ?run))]
pub fn pretrain(
    config: &RunConfig,
    run: &RunPath,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<PretrainReport, Error> {
    run.check_free()?;
    let ready = texts::prepare(&of_texts(config)?, runtime, sink)?;
    let mut run = Run::create(ready.prepared, run, runtime, sink)?;
    let state = run.begin()?;
    go(run, (state, None), &ready.held_out)
}

/// Goes on with the pretraining in the folder `run`, or from its checkpoint if `run` is that, as [`resume`](crate::resume) does.
#[tracing::instrument(skip_all, fields(run = ?run))]
pub fn resume_pretraining(
    run: &Path,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<PretrainReport, Error> {
    let (begun, folder, config) = Begun::reopen(run)?;
    if config.pretrain.is_none() || config.active.is_some() {
        let reason =
            "it is no pretraining; `fishdip train --resume` or `fishdip active --resume` goes on with it";
        return Err(Error::NoRun { path: begun.run.to_owned(), reason: reason.to_owned() });
    }
    let checkpoint = begun.checkpoint(sink)?;
    let ready = texts::prepare(&config, runtime, sink)?;
    let mut run = Run::open(ready.prepared, folder, runtime, sink);
    let begun = run.go_on(checkpoint.as_ref())?;
    go(run, begun, &ready.held_out)
}

/// The config with what a pretraining makes of it: keys that are about labels and scores have no part in it.
fn of_texts(config: &RunConfig) -> Result<RunConfig, Error> {
    let refuse = |message: &str| {
        let (place, message) = ("the config".to_owned(), message.to_owned());
        Err(Error::Config { place, message, hint: None })
    };
    if config.active.is_some() {
        return refuse(
            "the config has the table [active], which pretrains with `active.pretrain_steps`; use that key and `fishdip active`, or take the table out",
        );
    }
    let Some(PretrainConfig { text: Some(_), .. }) = &config.pretrain else {
        return refuse("there is no text to pretrain on; name a file with --text or `pretrain.text`");
    };
    match config.training.steps {
        Setting::Number(0) => {
            return refuse("`training.steps` is 0, so that nothing would be learned; raise it");
        }
        Setting::Auto => {
            return refuse(
                "`training.steps` is \"auto\", a rule for labelled examples, of which a pretraining has none; name a number",
            );
        }
        Setting::Number(_) => {}
    }
    let mut config = config.clone();
    config.self_training = None;
    config.insight = InsightConfig::default();
    config.data.mention_swap = 0.0;
    config.data.max_source_pieces = config.data.source_limit();
    config.training.loss = LossName::All;
    config.compat.counted_padding = false;
    config.evaluation.before = false;
    config.evaluation.every = 0;
    if config.training.watch != Watch::Loss {
        (config.training.watch, config.training.patience) = (Watch::Score, 0);
    }
    config.check()?;
    Ok(config)
}

/// Takes `run` from `state`, of which there is a checkpoint if it is that of the step `last`, to its end.
fn go(
    mut run: Run<'_>,
    (mut state, last): (TrainState, Option<usize>),
    held_out: &Vec<TokenizedExample>,
) -> Result<PretrainReport, Error> {
    if state.step == 0 && state.found.held_out_loss.is_none() && !held_out.is_empty() {
        let Run { prepared, runtime, recorder } = &mut run;
        let Prepared { config, tagger, .. } = prepared;
        let loss = mean_loss(tagger.model(), held_out, (&config.training, 0), runtime, recorder)?;
        recorder.event(&Event::HeldOutLoss { step: 0, loss, texts: held_out.len() });
        state.found.held_out_loss = Some(loss as f32);
    }
    let (texts, blocks) = (run.prepared.train_examples, run.prepared.examples.len());
    run.finish(state, last, |ended| told(ended, (texts, blocks), held_out))
}

/// The loss after the training, and the report, which is the last that is written.
fn told(
    ended: Ended<'_, '_, '_>,
    (texts, blocks): (usize, usize),
    held_out: &Vec<TokenizedExample>,
) -> Result<PretrainReport, Error> {
    let Ended { course, tagger, state, recorder, steps, run, adapter, .. } = ended;
    let (config, runtime) = (course.config, course.runtime);
    let mut loss = None;
    if !held_out.is_empty() {
        let after = mean_loss(tagger.model(), held_out, (&config.training, steps), runtime, recorder)?;
        recorder.event(&Event::HeldOutLoss { step: steps, loss: after, texts: held_out.len() });
        loss = Some(after);
    }
    recorder.flush()?;
    let report = PretrainReport {
        run,
        adapter,
        model: config.model.path.clone(),
        task: config.task.name.name(),
        method: config.method.name,
        seed: config.training.seed,
        backend: runtime.backend.clone(),
        loss,
        loss_before: state.found.held_out_loss.map(f64::from),
        texts,
        blocks,
        held_out: held_out.len(),
        steps,
        entries_total: tagger.model().entries_with_added(),
        entries_trained: state.mask.entries(tagger.model()),
        seconds: recorder.folder.seconds(),
        seconds_per_step: state.timing.steps / steps.max(1) as f64,
        peak_rss_mib: peak_rss_mib(),
    };
    recorder.folder.write_json(RESULT, &report)?;
    Ok(report)
}
