//! One run, from config to adapter.

use burn::tensor::Device;
use burn::train::Interrupter;
use fishdip_peft::{
    Adaptable, Adapter, AdapterConfig, EntryCost, MaskedOptimizer, Selection, SparseDelta, SparseMask,
    Weight, WeightGradient, hardest,
};
use fishdip_t5::{Dropout, HubCache, T5, Tokenizer, hub_name};
use fishdip_tasks::{Nesting, Report};
use serde::Serialize;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::adapted::RunInfo;
use crate::base::{Base, Hashes};
use crate::data::{HeldOut, Pieces, Problems, RunData, tokenize};
use crate::evaluate::{Predictor, tell_unknown_labels};
use crate::event::{Event, Observer};
use crate::memory::peak_rss_mib;
use crate::objective::TrainingSet;
use crate::run_folder::{RunFolder, check_free};
use crate::schedule::{Purpose, batch, seed};
use crate::windows::Windows;
use crate::{Error, GradientName, RankName, RunConfig};

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
    pub method: crate::MethodName,
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

/// Runs `config` on `device` (without autodiff; called `backend` in reports) and leaves everything in the folder `run`, which must be absent
/// or empty. A model that is no folder is looked for in `hub`. Nothing is written before config, data and model were found good.
#[tracing::instrument(skip_all, fields(run = %run.display()))]
pub fn train(
    config: &RunConfig,
    run: &Path,
    hub: &HubCache,
    device: &Device,
    backend: &str,
    interrupter: &Interrupter,
    observer: &mut dyn Observer,
) -> Result<TrainReport, Error> {
    check_free(run)?;
    config.check()?;
    let data = RunData::read(config)?;
    let base = hub.model_folder(&config.model.path)?;
    let Base { mut model, tokenizer, hashes, .. } = Base::load(base, config.model.dtype, device, None)?;
    let config = &resolved(config, &data, &tokenizer)?;
    let RunData { task, train, eval, held_out, mut problems, .. } = data;
    let pieces = tokenize(&train, &task, &tokenizer, config, &mut problems)?;
    let windows = Windows { task: &task, tokenizer: &tokenizer, data: &config.data };
    for example in &eval {
        // What is noted is told when they are scored.
        windows.questions(example, &mut Problems::default())?;
    }

    // Names that the tokenizer cannot tell apart are found before anything is written.
    Predictor::new((&model, &tokenizer), &task, device, &config.data, &config.evaluation, interrupter)?;

    let mut folder = RunFolder::create(run, config, observer)?;
    folder.event(&Event::Started {
        run: run.into(),
        task: task.name(),
        backend: backend.into(),
        config_hash: blake3::hash(config.to_toml()?.as_bytes()).to_hex().to_string(),
        base_model_hash: hashes.tensors.clone(),
        train_examples: pieces.len(),
        eval_examples: eval.len(),
        entries_total: model.entries(),
        steps: config.training.steps,
    });
    if let Some(HeldOut { share, seed, examples, left, .. }) = held_out {
        let file = config.data.dir.join(&config.data.train);
        folder.event(&Event::HeldOut { file, examples, left, share, seed });
    }
    problems.tell(&mut folder);
    tell_unknown_labels(&task, &eval, &mut folder);

    let score = |model: &T5, step: usize, folder: &mut RunFolder| {
        let start = Instant::now();
        let (pair, evaluation) = ((model, &tokenizer), &config.evaluation);
        let predictor = Predictor::new(pair, &task, device, &config.data, evaluation, interrupter)?;
        let report = predictor.score(&eval, folder)?.report;
        let seconds = start.elapsed().as_secs_f64();
        folder.event(&Event::Evaluated { step, report: report.clone(), seconds });
        Ok::<Report, Error>(report)
    };
    let before = if config.evaluation.before { Some(score(&model, 0, &mut folder)?) } else { None };

    let mut progress = Progress::default();
    let outcome = optimize(&mut model, &pieces, config, device, interrupter, &mut progress, &mut folder);

    // Whatever happened: what was trained is kept.
    let adapter = if progress.steps > 0 || outcome.is_ok() {
        let info = RunInfo::new(config, task.schema(), held_out.clone());
        Some(save(&model, &progress, config, &hashes, &info, &mut folder)?)
    } else {
        None
    };
    let step = progress.steps;
    let adapter = match outcome {
        Err(Error::Interrupted { .. }) => return Err(Error::Interrupted { step, adapter }),
        Err(Error::Failed { reason, .. }) => return Err(Error::Failed { step, reason, adapter }),
        Err(Error::Peft(e)) => return Err(Error::Failed { step, reason: e.to_string(), adapter }),
        Err(e) => return Err(e),
        Ok(()) => folder.adapter(),
    };
    let after = score(&model, step, &mut folder).map_err(|e| match e {
        Error::Interrupted { .. } => Error::Interrupted { step, adapter: Some(adapter.clone()) },
        e => e,
    })?;
    folder.flush()?;
    Ok(TrainReport {
        run: run.into(),
        adapter,
        task: task.name(),
        method: config.method.name,
        seed: config.training.seed,
        held_out,
        backend: backend.into(),
        before,
        after,
        entries_total: model.entries(),
        entries_trained: progress.mask.entries(),
        entries_touched: progress.touched.entries(),
        steps: step,
        seconds: folder.seconds(),
        seconds_per_step: progress.step_seconds / progress.steps.max(1) as f64,
        seconds_per_refresh: progress.refresh_seconds / progress.refreshes.max(1) as f64,
        peak_rss_mib: peak_rss_mib(),
    })
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

/// How far a training has come.
#[derive(Debug, Default)]
struct Progress {
    steps: usize,
    mask: SparseMask,
    touched: SparseMask,
    refreshes: usize,
    step_seconds: f64,
    refresh_seconds: f64,
}

/// The training loop: the paper's algorithm 1 around an ordinary optimizer step.
#[tracing::instrument(skip_all, fields(method = ?config.method.name, steps = config.training.steps))]
fn optimize(
    model: &mut T5,
    examples: &[Pieces],
    config: &RunConfig,
    device: &Device,
    interrupter: &Interrupter,
    progress: &mut Progress,
    folder: &mut RunFolder,
) -> Result<(), Error> {
    let fish_dip = config.fish_dip();
    let mut optimizer = MaskedOptimizer::new(config.optimizer.masked());
    let autodiff = device.clone().autodiff();
    let crate::TrainingConfig { steps, batch_size, dropout, seed: run_seed, gradient } = config.training;
    let measured = EntryCost::measure(device);
    let cost = match gradient {
        GradientName::ByShape => EntryCost::USUAL,
        GradientName::Measured => measured,
        GradientName::Sampled => EntryCost(0.0),
        GradientName::Gathered => EntryCost(f64::INFINITY),
    };
    folder.event(&Event::EntryCost { measured: measured.0, used: cost.0 });

    // The loss of every example in its last training step.
    let mut recorded: Vec<Option<f32>> = vec![None; examples.len()];

    for step in 0..steps {
        let known = if config.method.rank == RankName::Recorded { recorded.as_slice() } else { &[] };
        let set = TrainingSet { examples, device, batch_size, interrupter, recorded: known, step };
        let start = Instant::now();

        // Which entries: at the start, and again every m steps from the samples that are hard now.
        if step == 0 || (fish_dip.method.refreshes() && step % config.method.every == 0) {
            let selection = tracing::info_span!("refresh", step).in_scope(|| fish_dip.select(model, &set));
            let selection = match selection {
                Err(Error::Peft(error)) => {
                    return Err(progress.undone(step.saturating_sub(1), &mut optimizer, model, &error));
                }
                selection => selection?,
            };
            selection.mask.apply(model, cost);
            optimizer.set_mask(&selection.mask, device);
            progress.refreshed(selection, &recorded, model, start.elapsed().as_secs_f64(), folder);
        }
        if interrupter.should_stop() {
            return Err(Error::Interrupted { step, adapter: None });
        }

        // One step on them: forward, backward to the masked values alone, update.
        let start = Instant::now();
        let dropout = Dropout::new(dropout, seed(run_seed, Purpose::Step, step as u64));
        let chosen = batch(step, examples.len(), batch_size, run_seed);
        let batch = set.batch(&chosen, model.config().pad_token_id, &autodiff);
        for weight in model.weights_mut() {
            weight.watch();
        }
        let losses = model.loss(&batch, &dropout);
        let loss = losses.mean();
        let mut gradients = loss.backward();
        let loss = loss.into_scalar::<f32>();
        if !loss.is_finite() {
            return Err(progress.undone(step.saturating_sub(1), &mut optimizer, model, &NonFiniteLoss(loss)));
        }
        let learning_rate = config.optimizer.schedule.rate(config.optimizer.learning_rate, step, steps);
        let gradient_norm = optimizer.step(model, &mut gradients, learning_rate)?;
        if step + 1 == steps {
            // No later loss tells whether the last step was a good one.
            let batch = set.batch(&chosen, model.config().pad_token_id, device);
            let loss = model.loss(&batch, &Dropout::none()).mean().into_scalar::<f32>();
            if !loss.is_finite() {
                return Err(progress.undone(step, &mut optimizer, model, &NonFiniteLoss(loss)));
            }
        }

        for (&example, loss) in chosen.iter().zip(losses.per_sample()) {
            recorded[example] = Some(loss);
        }
        tracing::debug!(step, loss, gradient_norm, learning_rate, "stepped");
        progress.steps = step + 1;
        let seconds = start.elapsed().as_secs_f64();
        progress.step_seconds += seconds;
        folder.event(&Event::Step { step: step + 1, loss, gradient_norm, learning_rate, seconds });
    }
    Ok(())
}

/// A loss that shows that the step before it ruined the model, or that the model was none.
#[derive(Debug, thiserror::Error)]
#[error("the loss is {}; lower the learning rate or look for damaged input", if .0.is_nan() { "NaN" } else { "infinite" })]
struct NonFiniteLoss(f32);

impl Progress {
    /// Takes the last step back, if there was any, because of what was found after it. Then `steps` were made.
    fn undone(
        &mut self,
        steps: usize,
        optimizer: &mut MaskedOptimizer,
        model: &mut T5,
        reason: &dyn Display,
    ) -> Error {
        optimizer.undo(model);
        self.steps = steps;
        Error::Failed { step: steps, reason: reason.to_string(), adapter: None }
    }

    fn refreshed(
        &mut self,
        selection: Selection,
        recorded: &[Option<f32>],
        model: &T5,
        seconds: f64,
        folder: &mut RunFolder,
    ) {
        let mask = selection.mask;
        let weights = model.weights();
        let gathered = |w: &Weight| w.masked().is_some_and(|m| m.gradient == WeightGradient::Gathered);
        let counts = weights.iter().zip(mask.positions()).filter(|(_, p)| !p.is_empty());
        folder.event(&Event::MaskChosen {
            step: self.steps,
            entries: mask.entries(),
            churn: mask.churn(&self.mask),
            recorded_agreement: agreement(&selection.hard, recorded),
            hard: selection.hard,
            weights: counts.map(|(w, p)| (w.path().to_owned(), p.len())).collect(),
            gathered: weights.iter().filter(|w| gathered(w)).map(|w| w.path().to_owned()).collect(),
            seconds,
        });
        self.touched.extend(&mask);
        self.mask = mask;
        self.refreshes += 1;
        self.refresh_seconds += seconds;
    }
}

/// The share of the samples in `hard` that would also have been chosen by the losses `recorded` while training, once all are known.
fn agreement(hard: &[usize], recorded: &[Option<f32>]) -> Option<f64> {
    let known: Vec<f32> = recorded.iter().copied().collect::<Option<_>>()?;
    let others = hardest(&known, hard.len());
    let both = hard.iter().filter(|sample| others.contains(sample)).count();
    (!hard.is_empty()).then(|| both as f64 / hard.len() as f64)
}

/// Writes the adapter folder.
fn save(
    model: &T5,
    progress: &Progress,
    config: &RunConfig,
    base: &Hashes,
    info: &RunInfo,
    folder: &mut RunFolder,
) -> Result<PathBuf, Error> {
    let delta = SparseDelta::extract(model, &progress.touched);
    let entries = delta.entries();
    let damaged = |e: serde_json::Error| Error::Data(format!("the run cannot be written as JSON: {e}"));
    let path = &config.model.path;
    // A name on the hub means the same elsewhere, a relative path does not.
    let named = hub_name(path).is_some();
    let place = if named { path.clone() } else { std::path::absolute(path).unwrap_or_else(|_| path.clone()) };
    let adapter = Adapter {
        config: AdapterConfig {
            peft_type: "FISH_DIP".into(),
            base_model_name_or_path: place.display().to_string(),
            base_model_hash: base.tensors.clone(),
            base_config_hash: Some(base.config.clone()),
            base_tokenizer_hash: Some(base.tokenizer.clone()),
            entries_total: model.entries(),
            entries_replaced: entries,
            tensors_hash: None,
            config_hash: None,
            run: serde_json::to_value(info).map_err(damaged)?,
        },
        delta,
    };
    let path = folder.adapter();
    adapter.save(&path, &readme(&adapter.config, progress, config)?)?;
    folder.event(&Event::Saved { adapter: path.clone(), step: progress.steps, entries });
    folder.flush()?;
    Ok(path)
}

/// The adapter's model card.
fn readme(adapter: &AdapterConfig, progress: &Progress, config: &RunConfig) -> Result<String, Error> {
    Ok(format!(
        "# fishdip adapter\n\nReplaces {} of the {} entries of `{}`, trained for {} steps.\n\n\
         Use it: `fishdip predict --adapter THIS_FOLDER --input FILE`\n\n## Config\n\n```toml\n{}```\n",
        adapter.entries_replaced,
        adapter.entries_total,
        adapter.base_model_name_or_path,
        progress.steps,
        config.to_toml()?,
    ))
}
