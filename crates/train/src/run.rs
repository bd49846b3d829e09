// Longer than 400 lines: a run, its report, and what it leaves where it fails are one course of events.
//! One run, from config to adapter, or from where it was ended.

mod course;
mod pretrain;

use fishdip_peft::Adaptable;
use fishdip_tasks::Report;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::checkpoint::{Checkpoint, Checkpoints, step_of};
use crate::config::Watch;
use crate::continued::Continued;
use crate::data::{CorruptedTexts, HeldOut, TrainingExamples};
use crate::data_files::DataFiles;
use crate::evaluate::tell_unknown_labels;
use crate::event::{EVENTS_VERSION, Event, Sink};
use crate::insight::{self, Stops, Subjects};
use crate::memory::peak_rss_mib;
use crate::predictions::{self, SAMPLES};
use crate::prepare::{Prepared, base_of, prepare};
use crate::run_folder::{RunFolder, RunPath};
use crate::run_info::RunInfo;
use crate::run_result::{self, NAN_REPORT, NanReport, SelfTrainingRound};
use crate::saved::save_adapter;
use crate::tensorboard::TensorBoard;
use crate::{Error, Found, Left, RunConfig, Runtime, Tagger, TrainState};
use course::{Answers, Course, Scores};
pub use pretrain::{PretrainReport, pretrain, resume_pretraining};

/// By how much less a model scores than before, where a training is told to have made it worse; less may be chance.
const CLEARLY_WORSE: f64 = 0.01;

/// What a run came to.
#[derive(Clone, Debug, Serialize)]
pub struct TrainReport {
    /// The run folder.
    pub run: PathBuf,
    /// The adapter folder.
    pub adapter: PathBuf,
    /// The task.
    pub task: &'static str,
    /// The method.
    pub method: crate::MethodName,
    /// The seed.
    pub seed: u64,
    /// The part of the training file that was scored, where there was no file for it.
    pub held_out: Option<HeldOut>,
    /// The backend.
    pub backend: String,
    /// Scores of the base model, unless `evaluation.before` is off.
    pub before: Option<Report>,
    /// Scores of the adapter.
    pub after: Report,
    /// Entries of the model, with those that the method adds.
    pub entries_total: usize,
    /// Entries trained at a time.
    pub entries_trained: usize,
    /// Entries that were in any mask: what the adapter stores.
    pub entries_touched: usize,
    /// Optimizer steps.
    pub steps: usize,
    /// The steps that the adapter has: with `evaluation.every` those of the best scores, with `training.watch = "smoothness"` those of the smoothest
    /// layers, else all.
    pub best_step: usize,
    /// The steps that other ways to stop would have kept, where the training was watched by smoothness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops: Option<Stops>,
    /// The whole run, without the time between its parts if it was ended and went on.
    pub seconds: f64,
    /// Mean of the optimizer steps, refreshes excluded.
    pub seconds_per_step: f64,
    /// Mean of the choices of a mask.
    pub seconds_per_refresh: f64,
    /// Largest resident size of the process, where the system tells it.
    pub peak_rss_mib: Option<f64>,
    /// The trainings, where there are several because the model learns from what it finds itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub self_training: Vec<SelfTrainingRound>,
}

/// Writes events into the run folder and hands them on.
struct Recorder<'a> {
    folder: RunFolder,
    /// Once it is known from which step it goes on.
    curves: Option<TensorBoard>,
    sink: &'a mut dyn Sink,
}

impl Sink for Recorder<'_> {
    fn event(&mut self, event: &Event) {
        self.folder.event(event);
        if let Some(curves) = &mut self.curves {
            curves.event(event);
        }
        self.sink.event(event);
    }

    fn flush(&mut self) -> Result<(), Error> {
        let curves = self.curves.as_mut().map_or(Ok(()), TensorBoard::flush);
        let (folder, sink) = (self.folder.flush(), self.sink.flush());
        folder.and(curves).and(sink)
    }
}

/// Runs `config` and leaves everything in the folder `run`. Nothing is written before config, data and model
/// were found good; from then on what was trained is kept, whatever happens.
#[tracing::instrument(skip_all, fields(run = ?run))]
pub(crate) fn train(
    config: &RunConfig,
    run: &RunPath,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<TrainReport, Error> {
    let others = [(config.active.is_some(), "active"), (config.pretrain.is_some(), "pretrain")];
    if let Some((_, name)) = others.into_iter().find(|(is_there, _)| *is_there) {
        let message = format!(
            "the config has the table [{name}], which `fishdip {name}` runs; use that command, or take the table out"
        );
        return Err(Error::Config { place: "the config".to_owned(), message, hint: None });
    }
    run.check_free()?;
    let prepared = prepare(config, runtime, sink)?;
    let mut run = Run::create(prepared, run, runtime, sink)?;
    let state = run.begin()?;
    run.finish(state, None, scored)
}

/// Goes on with the run in the folder `run`, from its last whole checkpoint, or from the start if there is none. `run` may be the folder of a
/// checkpoint as well: then it has to be that one. What the run writes is what it would have written without an interruption.
#[tracing::instrument(skip_all, fields(run = ?run))]
pub(crate) fn resume(run: &Path, runtime: &Runtime, sink: &mut dyn Sink) -> Result<TrainReport, Error> {
    let (begun, folder, config) = Begun::reopen(run)?;
    let reason = match (&config.active, &config.pretrain) {
        (Some(_), _) => "it simulates active learning; `fishdip active --resume` goes on with it",
        (None, Some(_)) => "it is a pretraining; `fishdip pretrain --resume` goes on with it",
        (None, None) => {
            let checkpoint = begun.checkpoint(sink)?;
            let prepared = prepare(&config, runtime, sink)?;
            let mut run = Run::open(prepared, folder, runtime, sink);
            let (state, last) = run.go_on(checkpoint.as_ref())?;
            return run.finish(state, last, scored);
        }
    };
    Err(Error::NoRun { path: begun.run.to_owned(), reason: reason.to_owned() })
}

/// What a run is asked to go on from.
struct Begun<'a> {
    /// Its folder.
    run: &'a Path,
    /// The folder of the checkpoint that it has to be, if it has to be one.
    checkpoint: Option<&'a Path>,
}

impl<'a> Begun<'a> {
    /// `path` is the folder of a run, or of one of its checkpoints.
    fn reopen(path: &'a Path) -> Result<(Self, RunFolder, RunConfig), Error> {
        let asked = step_of(path).and_then(|_| path.parent()?.parent());
        let begun = Self { run: asked.unwrap_or(path), checkpoint: asked.map(|_| path) };
        let (folder, config) = RunFolder::reopen(begun.run)?;
        Ok((begun, folder, config))
    }

    /// The checkpoint, if there is any. What is wrong with them is told before data and model are loaded.
    fn checkpoint(&self, sink: &mut dyn Sink) -> Result<Option<Checkpoint>, Error> {
        let checkpoints = Checkpoints::of(self.run);
        checkpoints.sweep();
        match self.checkpoint {
            Some(checkpoint) => Checkpoint::read(checkpoint).map(Some),
            None => checkpoints.newest(sink),
        }
    }
}

/// A run whose data and model are loaded.
struct Run<'a> {
    prepared: Prepared,
    runtime: &'a Runtime,
    recorder: Recorder<'a>,
}

/// A training that has come to its last step, with its adapter saved. The model is that of the adapter.
struct Ended<'e, 'c, 'r> {
    course: &'e mut Course<'c>,
    tagger: &'e Tagger,
    state: &'e TrainState,
    recorder: &'e mut Recorder<'r>,
    held_out: Option<HeldOut>,
    /// Steps that were made; those of the adapter are fewer where the best scores came before.
    steps: usize,
    run: PathBuf,
    adapter: PathBuf,
}

impl<'a> Run<'a> {
    /// A new one in the folder `run`.
    fn create(
        prepared: Prepared,
        run: &RunPath,
        runtime: &'a Runtime,
        sink: &'a mut dyn Sink,
    ) -> Result<Self, Error> {
        let folder = RunFolder::create(run, &prepared.config)?;
        DataFiles::keep(&folder, &prepared.config)?;
        Checkpoints::of(folder.path()).probe(&prepared.config, prepared.tagger.model())?;
        Ok(Self::open(prepared, folder, runtime, sink))
    }

    /// That in `folder`.
    fn open(prepared: Prepared, folder: RunFolder, runtime: &'a Runtime, sink: &'a mut dyn Sink) -> Self {
        Self { prepared, runtime, recorder: Recorder { folder, curves: None, sink } }
    }

    /// The state before the first step.
    fn begin(&mut self) -> Result<TrainState, Error> {
        self.recorder.curves = Some(TensorBoard::create(&self.recorder.folder.curves(), None)?);
        self.tell_start(true);
        let mut state = TrainState::new(&self.prepared.config, self.prepared.examples.len());
        state.touched = self.prepared.touched.clone();
        Ok(state)
    }

    /// The state of `checkpoint` and its step; without one, that before the first step.
    fn go_on(&mut self, checkpoint: Option<&Checkpoint>) -> Result<(TrainState, Option<usize>), Error> {
        let Some(checkpoint) = checkpoint else {
            self.recorder.folder.begin_anew()?;
            return Ok((self.begin()?, None));
        };
        let refused = |reason| Error::Checkpoint { path: checkpoint.folder.clone(), reason, is_newer: false };
        let changed = DataFiles::default().changed(self.recorder.folder.path())?;
        checkpoint.manifest.check_identity(&self.prepared.identity, &changed).map_err(refused)?;
        let model = self.prepared.tagger.model_mut();
        let state = checkpoint.restore(model, &self.prepared.config)?;
        // What came later is of a course that is left here, or damaged: it must not count as the newest.
        Checkpoints::of(self.recorder.folder.path()).forget_after(state.step)?;
        self.recorder.folder.go_back(checkpoint.manifest.events, checkpoint.manifest.seconds)?;
        let resumed_at = Some(state.step as u64);
        self.recorder.curves = Some(TensorBoard::create(&self.recorder.folder.curves(), resumed_at)?);
        self.tell_start(false);
        let (run, steps) = (self.recorder.folder.path().to_owned(), self.prepared.config.training.steps());
        let entries = state.mask.entries(self.prepared.tagger.model());
        self.recorder.event(&Event::Resumed { run, step: state.step, steps, entries });
        let (then, now) = (&checkpoint.manifest.backend, &self.runtime.backend);
        if then != now {
            let message =
                format!("the run began on the backend {then}; on {now} it comes to other last bits");
            self.recorder.sink.event(&Event::Warning { message });
        }
        let last = Some(state.step);
        Ok((state, last))
    }

    /// Tells what is known before the first step. The file of a run that goes on has these events already; who looks on has not.
    fn tell_start(&mut self, is_new: bool) {
        let warnings = std::mem::take(&mut self.prepared.warnings);
        let run = self.recorder.folder.path().to_owned();
        let sink: &mut dyn Sink = if is_new { &mut self.recorder } else { &mut *self.recorder.sink };
        let Prepared { config, tagger, identity, train_examples, examples, eval, held_out, .. } =
            &self.prepared;
        sink.event(&Event::Started {
            version: EVENTS_VERSION,
            run,
            task: tagger.task().name().to_owned(),
            backend: self.runtime.backend.clone(),
            config_hash: identity.config.clone(),
            base_model_hash: identity.base.tensors.clone(),
            train_examples: *train_examples,
            train_windows: examples.len(),
            eval_examples: eval.len(),
            entries_total: tagger.model().entries_with_added(),
            steps: config.training.steps(),
        });
        if let Some(HeldOut { share, seed, examples, left, episode: None, .. }) = held_out {
            let (file, share, seed) = (config.data.dir.join(&config.data.train), *share, *seed);
            sink.event(&Event::HeldOut { file, examples: *examples, left: *left, share, seed });
        }
        if let Some(HeldOut { seed, examples, left, episode: Some(size), .. }) = held_out {
            let relations: Vec<&str> = tagger.task().schema().relations().map(|(_, name)| name).collect();
            let message = format!(
                "an episode of {} relations, drawn with seed {seed}: {}; {left} examples are trained on and {examples} are scored",
                size.ways,
                relations.join(", ")
            );
            sink.event(&Event::Note { message });
        }
        warnings.send(sink);
        tell_unknown_labels(tagger.task(), eval, sink);
    }

    /// Goes from `state`, of which there is a checkpoint if it is that of the step `last`, to the adapter, and to what `end` makes of it.
    fn finish<R>(
        self,
        mut state: TrainState,
        last: Option<usize>,
        end: impl FnOnce(Ended<'_, '_, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let Self { prepared, runtime, mut recorder } = self;
        let Prepared {
            config,
            mut tagger,
            examples,
            swapped,
            corruption,
            eval,
            held_out,
            texts,
            subjects,
            identity,
            ..
        } = prepared;
        let is_pretraining = corruption.is_some();
        let (run, adapter) = (recorder.folder.path().to_owned(), recorder.folder.adapter());
        recorder.folder.write_json_lines(SAMPLES, &texts).map_err(|error| {
            let checkpoint = last.map(|step| (run.clone(), step));
            error.with_left(state.step, Left { adapter: None, checkpoint, is_pretraining })
        })?;
        let mut course = Course {
            config: &config,
            runtime,
            eval: &eval,
            identity: &identity,
            subjects: &subjects,
            checkpoints: Checkpoints::of(&run),
            last,
            at: Instant::now(),
            answers: None,
            failed: Vec::new(),
        };
        let corrupted = corruption.as_ref().map(|corruption| CorruptedTexts { texts: &examples, corruption });
        let seen: &dyn TrainingExamples = match (&swapped, &corrupted) {
            (Some(swapped), _) => swapped,
            (_, Some(corrupted)) => corrupted,
            _ => &examples,
        };
        let outcome = course.run(&mut tagger, seen, &mut state, &mut recorder);
        let steps = state.step;
        let left = |course: &Course<'_>, adapter: Option<&PathBuf>| Left {
            adapter: adapter.cloned(),
            checkpoint: course.last.map(|step| (run.clone(), step)),
            is_pretraining,
        };
        let info = RunInfo::new(&config, tagger.task().schema(), held_out.clone());
        if let Err(error) = outcome {
            let _ = course.give_saved(&mut tagger, &state);
            let error = error.with_left(steps, Left::default());
            if matches!(error, Error::Failed { .. }) {
                let examples = course.failed.iter().map(|&i| texts[i].at.clone()).collect();
                let report = NanReport { step: steps, reason: error.to_string(), examples };
                // The failure itself is what is to be told.
                let _ = recorder.folder.write_json(NAN_REPORT, &report);
            }
            let is_worth_it = steps > 0 && matches!(error, Error::Failed { .. } | Error::Interrupted { .. });
            let saved = is_worth_it
                && save_adapter(tagger.model(), &state, &config, &identity.base, &info, &adapter).is_ok();
            let mut left = left(&course, saved.then_some(&adapter));
            if matches!(error, Error::Failed { .. }) {
                // The same config would ruin the same model again.
                left.checkpoint = None;
            }
            return Err(error.with_left(steps, left));
        }
        // The model of the best scores, or the smoothest, if it is not the one at hand.
        let kept = state.found.kept(config.training.watch);
        if let Some(kept) = kept.filter(|kept| *kept != state.step) {
            let (found, timing) = (state.found.clone(), state.timing);
            let continued = Continued::load(&config)?;
            let mut base = base_of(&config, continued.as_ref(), runtime)?;
            state = course.checkpoints.at(kept)?.restore(&mut base, &config)?;
            *tagger.model_mut() = base;
            (state.found, state.timing) = (found, timing);
        }
        // From here on the model is that of the adapter.
        let _ = course.give_saved(&mut tagger, &state);
        let unwritten = |error: Error| error.with_left(steps, left(&course, None));
        let entries = save_adapter(tagger.model(), &state, &config, &identity.base, &info, &adapter);
        let entries = entries.map_err(unwritten)?;
        recorder.event(&Event::Saved { adapter: adapter.clone(), step: state.step, entries });
        recorder.flush().map_err(unwritten)?;
        let ended = Ended {
            course: &mut course,
            tagger: &tagger,
            state: &state,
            recorder: &mut recorder,
            held_out,
            steps,
            run: run.clone(),
            adapter: adapter.clone(),
        };
        end(ended).map_err(|error| error.with_left(steps, left(&course, Some(&adapter))))
    }
}

/// The scores of a training that has ended and what is looked into beside them, which are the last that it writes.
fn scored(ended: Ended<'_, '_, '_>) -> Result<TrainReport, Error> {
    let Ended { course, tagger, state, recorder, held_out, steps, run, adapter } = ended;
    let (config, eval) = (course.config, course.eval);
    let answers = course.answers.take();
    let scores = course.last_scores(tagger, state, answers, recorder)?;
    let Scores { report: after, answers: Answers { outcomes, predictions }, .. } = scores;
    if let Some(before) = &state.found.before
        && before.headline() - after.headline() >= CLEARLY_WORSE
    {
        let (name, before, after) = (after.headline_name(), before.headline(), after.headline());
        let message = format!(
            "the model was better before it was trained, {name} {before:.4} against {after:.4}: it knew labels like these already, and unlearnt more than the examples \
             taught it; train on more of them, or for fewer steps, or take what it began with as it is (training.steps = 0)"
        );
        recorder.event(&Event::Warning { message });
    }
    recorder.flush()?;
    let stops =
        look_into((config, course.runtime), course.subjects, tagger, (steps, &state.found), recorder)?;
    let report = TrainReport {
        run,
        adapter,
        task: tagger.task().name(),
        method: config.method.name,
        seed: config.training.seed,
        held_out,
        backend: course.runtime.backend.clone(),
        before: state.found.before.clone(),
        after,
        entries_total: tagger.model().entries_with_added(),
        entries_trained: state.mask.entries(tagger.model()),
        entries_touched: state.touched.entries(tagger.model()),
        steps,
        best_step: state.step,
        stops,
        seconds: recorder.folder.seconds(),
        seconds_per_step: state.timing.steps / steps.max(1) as f64,
        seconds_per_refresh: state.timing.refresh / state.timing.refreshes.max(1) as f64,
        peak_rss_mib: peak_rss_mib(),
        self_training: Vec::new(),
    };
    predictions::write(&recorder.folder, tagger.task(), eval, predictions)?;
    // The last that is written: where it is, the run has come to its end.
    run_result::write(&recorder.folder, &report, eval, outcomes)?;
    Ok(report)
}

/// Writes what `config` wants looked into beside the scores of a training of `steps` steps that has `found` what it has, and gives the steps that
/// other ways to stop would have kept.
fn look_into(
    (config, runtime): (&RunConfig, &Runtime),
    subjects: &Subjects,
    tagger: &Tagger,
    (steps, found): (usize, &Found),
    recorder: &mut Recorder<'_>,
) -> Result<Option<Stops>, Error> {
    let mut stops = None;
    if config.training.watch == Watch::Smoothness {
        let told = insight::stops(steps, found, &insight::events(recorder.folder.path())?);
        recorder.event(&Event::Note { message: told.words() });
        recorder.flush()?;
        stops = Some(told);
    }
    insight::write(&recorder.folder, (config, runtime), subjects, tagger, &mut *recorder.sink)?;
    Ok(stops)
}
