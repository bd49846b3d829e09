//! One run, from config to adapter.

use fishdip_peft::Adaptable;
use fishdip_tasks::Report;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

use crate::data::HeldOut;
use crate::evaluate::tell_unknown_labels;
use crate::event::{EVENTS_VERSION, Event, Sink, Sinks};
use crate::memory::peak_rss_mib;
use crate::prepare::{Prepared, prepare};
use crate::run_folder::{RunFolder, RunPath};
use crate::run_info::RunInfo;
use crate::saved::save_adapter;
use crate::tagger::Scored;
use crate::tensorboard::TensorBoard;
use crate::{Error, RunConfig, Runtime, Tagger, TrainState, fit};

/// What a run came to.
#[derive(Clone, Debug, Serialize)]
pub struct TrainReport {
    /// The run folder.
    pub run: PathBuf,
    /// The adapter folder.
    pub adapter: PathBuf,
    /// The task.
    pub task: &'static str,
    /// How the entries were chosen.
    pub method: crate::MaskMethod,
    /// The seed.
    pub seed: u64,
    /// The part of the training file that was scored, where there was no file for it.
    pub held_out: Option<HeldOut>,
    /// The backend.
    pub backend: String,
    /// Scores of the base model, unless `evaluation.before` is off.
    pub before: Option<Report>,
    /// Scores after training.
    pub after: Report,
    /// Entries of the model.
    pub entries_total: usize,
    /// Entries trained at a time.
    pub entries_trained: usize,
    /// Entries that were in any mask: what the adapter stores.
    pub entries_touched: usize,
    /// Optimizer steps.
    pub steps: usize,
    /// The whole run.
    pub seconds: f64,
    /// Mean of the optimizer steps, refreshes excluded.
    pub seconds_per_step: f64,
    /// Mean of the choices of a mask.
    pub seconds_per_refresh: f64,
    /// Largest resident size of the process, where the system tells it.
    pub peak_rss_mib: Option<f64>,
}

/// Runs `config` and leaves everything in the folder `run`. Nothing is written before config, data and model
/// were found good; from then on what was trained is kept, whatever happens.
#[tracing::instrument(skip_all, fields(run = ?run))]
pub fn train(
    config: &RunConfig,
    run: &RunPath,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<TrainReport, Error> {
    run.check_free()?;
    let Prepared { config, mut tagger, train_examples, examples, eval, held_out, hashes, warnings } =
        prepare(config, runtime)?;
    let config = &config;
    let mut folder = RunFolder::create(run, config)?;
    let (start, run, adapter) = (Instant::now(), folder.path().to_owned(), folder.adapter());
    let mut curves = TensorBoard::create(&run.join("tensorboard"), None)?;
    let sinks = &mut Sinks(vec![&mut folder, &mut curves, sink]);
    sinks.event(&Event::Started {
        version: EVENTS_VERSION,
        run: run.clone(),
        task: tagger.task().name().to_owned(),
        backend: runtime.backend.clone(),
        config_hash: blake3::hash(config.to_toml()?.as_bytes()).to_hex().to_string(),
        base_model_hash: hashes.tensors.clone(),
        train_examples,
        train_windows: examples.len(),
        eval_examples: eval.len(),
        entries_total: tagger.model().entries(),
        steps: config.training.steps,
    });
    if let Some(HeldOut { share, seed, examples, left, .. }) = held_out {
        let file = config.data.dir.join(&config.data.train);
        sinks.event(&Event::HeldOut { file, examples, left, share, seed });
    }
    warnings.send(sinks);
    tell_unknown_labels(tagger.task(), &eval, sinks);

    let score = |tagger: &Tagger, step: usize, sinks: &mut Sinks<'_>| {
        let start = Instant::now();
        let predictions = tagger.predict(&eval, &runtime.interrupter, sinks)?;
        let report = Scored::new(tagger.task(), &eval, predictions).report;
        let seconds = start.elapsed().as_secs_f64();
        sinks.event(&Event::Evaluated { step, report: report.clone(), seconds });
        Ok::<Report, Error>(report)
    };
    let before = if config.evaluation.before { Some(score(&tagger, 0, sinks)?) } else { None };

    let mut state = TrainState::new(config, examples.len());
    let outcome = fit(tagger.model_mut(), &examples, config, runtime, &mut state, sinks);
    let step = state.step;
    let saved = (step > 0 || outcome.is_ok()).then_some(&adapter);
    if let Some(adapter) = saved {
        let info = RunInfo::new(config, tagger.task().schema(), held_out.clone());
        let entries = save_adapter(tagger.model(), &state, config, &hashes, &info, adapter)?;
        sinks.event(&Event::Saved { adapter: adapter.clone(), step, entries });
        sinks.flush()?;
    }
    let report = outcome.and_then(|()| score(&tagger, step, sinks));
    let after = report.map_err(|error| error.with_adapter(step, saved.cloned()))?;
    sinks.flush()?;
    Ok(TrainReport {
        run,
        adapter,
        task: tagger.task().name(),
        method: config.method.name,
        seed: config.training.seed,
        held_out,
        backend: runtime.backend.clone(),
        before,
        after,
        entries_total: tagger.model().entries(),
        entries_trained: state.mask.entries(tagger.model()),
        entries_touched: state.touched.entries(tagger.model()),
        steps: step,
        seconds: start.elapsed().as_secs_f64(),
        seconds_per_step: state.timing.steps / step.max(1) as f64,
        seconds_per_refresh: state.timing.refresh / state.timing.refreshes.max(1) as f64,
        peak_rss_mib: peak_rss_mib(),
    })
}
