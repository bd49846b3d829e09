//! What happens between the first step of a run and its last: steps, scores and checks between them, checkpoints.

use fishdip_peft::{Exact, round_to_bf16};
use fishdip_t5::T5;
use fishdip_tasks::{Example, Outcomes, Report};
use std::path::PathBuf;
use std::time::Instant;

use super::Recorder;
use crate::checkpoint::{Checkpoints, Identity, Progress};
use crate::config::{AdapterValues, Watch};
use crate::event::{Event, Sink};
use crate::fit::Fit;
use crate::insight::{Subjects, Taken};
use crate::tagger::{Prediction, Scored};
use crate::{Error, RunConfig, Runtime, Tagger, TrainState, TrainingExamples};

/// How often the training loss, or the smoothness, is looked at where nothing else says so, in steps.
const STEPS_A_CHECK: usize = 50;

/// After so many steps in a row without a loss the original program stops.
const STEPS_WITHOUT_LOSS: usize = 20;

/// The way of one run.
pub(super) struct Course<'a> {
    pub(super) config: &'a RunConfig,
    pub(super) runtime: &'a Runtime,
    pub(super) eval: &'a [Example],
    pub(super) identity: &'a Identity,
    pub(super) subjects: &'a Subjects,
    pub(super) checkpoints: Checkpoints,
    /// The step of the last checkpoint, and when it was written.
    pub(super) last: Option<usize>,
    pub(super) at: Instant,
    /// What the best score so far is made of, if that was found since the run began or went on.
    pub(super) answers: Option<Answers>,
    /// After an error: the examples of the step that failed.
    pub(super) failed: Vec<usize>,
}

/// What changes on the way.
struct Moving<'a, 'r> {
    fit: Fit<'a>,
    tagger: &'a mut Tagger,
    state: &'a mut TrainState,
    recorder: &'a mut Recorder<'r>,
}

impl Moving<'_, '_> {
    /// Makes sure that the last step was a good one.
    fn settle(&mut self) -> Result<(), Error> {
        self.fit.settle(self.tagger.model_mut(), self.state)
    }
}

/// The values that training goes on with, while the model has those of its adapter.
#[must_use]
pub(super) struct Kept {
    averaged: Option<Exact>,
    rounded: Option<Exact>,
}

impl Kept {
    /// Gives them back to `model`, whose weights are then frozen, and tells whether there were any.
    fn put_back(self, model: &mut T5, state: &TrainState) -> bool {
        let is_any = self.averaged.is_some() || self.rounded.is_some();
        if let Some(exact) = self.rounded {
            exact.put_back(model, &state.touched);
        }
        if let Some(exact) = self.averaged {
            exact.put_back(model, &state.mask);
        }
        is_any
    }
}

/// What scores are made of, example by example.
pub(super) struct Answers {
    /// What each adds to the headline score.
    pub(super) outcomes: Outcomes,
    /// What was found in each.
    pub(super) predictions: Vec<Prediction>,
}

/// The scores of a model.
pub(super) struct Scores {
    pub(super) report: Report,
    pub(super) answers: Answers,
    /// What they took.
    seconds: f64,
}

impl Course<'_> {
    /// Trains from `state` to the end. On an error, `state` is that of the last good step, and if a stop was asked for, it is kept.
    pub(super) fn run(
        &mut self,
        tagger: &mut Tagger,
        examples: &dyn TrainingExamples,
        state: &mut TrainState,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), Error> {
        let fit = Fit::begin(tagger.model_mut(), examples, self.config, self.runtime, state)?;
        let mut moving = Moving { fit, tagger, state, recorder };
        let mut outcome = self.go(&mut moving);
        if let Err(Error::Interrupted { .. }) = outcome
            && let Err(error) = self.keep(&mut moving)
        {
            outcome = Err(error);
        }
        if outcome.is_err() {
            // The failure itself is what is to be told.
            self.failed = moving.fit.examples_of(moving.state.step).unwrap_or_default();
        }
        outcome
    }

    fn go(&mut self, moving: &mut Moving<'_, '_>) -> Result<(), Error> {
        loop {
            // At the start for what was told so far; at the end before the last scores, which may take long.
            let step = moving.state.step;
            if step == 0 || self.is_end(moving.state) || self.is_checkpoint_due(step) {
                self.keep(moving)?;
            }
            if self.config.evaluation.before && step == 0 && moving.state.found.before.is_none() {
                moving.state.found.before = Some(self.score(moving.tagger, 0, moving.recorder)?.report);
            }
            self.score_if_due(moving)?;
            self.measure_smoothness_if_due(moving)?;
            self.check_loss_if_due(moving);
            self.follow_if_due(moving)?;
            if self.is_end(moving.state) {
                if self.has_nothing_to_learn(moving.state) {
                    let message = format!(
                        "training ended after step {step}: the last {STEPS_WITHOUT_LOSS} steps had next to no loss (compat.stop_at_no_loss)"
                    );
                    moving.recorder.event(&Event::Warning { message });
                }
                return self.keep(moving);
            }
            moving.fit.step(moving.tagger.model_mut(), moving.state, moving.recorder)?;
        }
    }

    fn is_end(&self, state: &TrainState) -> bool {
        let training = &self.config.training;
        state.step >= training.steps()
            || (training.patience > 0 && state.found.stale >= training.patience)
            || self.has_nothing_to_learn(state)
    }

    fn has_nothing_to_learn(&self, state: &TrainState) -> bool {
        self.config.compat.stop_at_no_loss && state.found.without_loss >= STEPS_WITHOUT_LOSS
    }

    fn is_checkpoint_due(&self, step: usize) -> bool {
        let config = &self.config.checkpoints;
        let by_steps = config.every > 0 && step > 0 && step.is_multiple_of(config.every);
        by_steps || (config.minutes > 0.0 && self.at.elapsed().as_secs_f64() > 60.0 * config.minutes)
    }

    /// Writes a checkpoint unless there is one of this step.
    fn keep(&mut self, moving: &mut Moving<'_, '_>) -> Result<(), Error> {
        if self.last == Some(moving.state.step) {
            return Ok(());
        }
        self.write(moving)
    }

    /// Writes a checkpoint, and removes those that are not needed any more. What it holds was seen to be good.
    fn write(&mut self, moving: &mut Moving<'_, '_>) -> Result<(), Error> {
        moving.settle()?;
        let Moving { tagger, state, recorder, .. } = moving;
        let (events, seconds) = (recorder.folder.synced()?, recorder.folder.seconds());
        let progress = Progress { identity: self.identity, backend: &self.runtime.backend, events, seconds };
        let folder: PathBuf = self.checkpoints.save(tagger.model(), state, &progress)?;
        (self.last, self.at) = (Some(state.step), Instant::now());
        let kept = state.found.kept(self.config.training.watch);
        self.checkpoints.prune(state.step, self.config.checkpoints.keep, kept)?;
        recorder.event(&Event::Checkpoint { step: state.step, folder });
        Ok(())
    }

    /// Scores where the config asks for it, once a step, and keeps the best.
    fn score_if_due(&mut self, moving: &mut Moving<'_, '_>) -> Result<(), Error> {
        let (step, every) = (moving.state.step, self.config.evaluation.every);
        let is_due = every > 0 && step > 0 && (step.is_multiple_of(every) || self.is_end(moving.state));
        if !is_due || moving.state.found.scored == Some(step) {
            return Ok(());
        }
        let Scores { report, answers, seconds } =
            self.of_saved(moving, |tagger, recorder| self.scored(tagger, recorder))?;
        let is_best = moving.state.found.score(step, &report);
        moving.recorder.event(&Event::Evaluated { step, report, best: is_best, seconds });
        if self.config.training.watch == Watch::Score {
            self.check(is_best, moving);
        }
        if is_best {
            self.answers = Some(answers);
        }
        if is_best && self.config.training.watch != Watch::Smoothness {
            // The one of this step that may be there does not know its scores.
            self.write(moving)?;
        }
        Ok(())
    }

    /// Measures how smooth the layers are where the training is watched by that, once a step, and keeps the smoothest.
    fn measure_smoothness_if_due(&mut self, moving: &mut Moving<'_, '_>) -> Result<(), Error> {
        let step = moving.state.step;
        let Some(classed) = &self.subjects.classed else { return Ok(()) };
        let is_due = self.config.training.watch == Watch::Smoothness
            && step > 0
            && (step.is_multiple_of(self.steps_a_check()) || self.is_end(moving.state));
        if !is_due || moving.state.found.measured == Some(step) {
            return Ok(());
        }
        let start = Instant::now();
        let index = self.of_saved(moving, |tagger, recorder| {
            classed.mean_index(tagger, &self.runtime.interrupter, recorder)
        })?;
        let is_best = moving.state.found.smoothness(step, index);
        let seconds = start.elapsed().as_secs_f64();
        moving.recorder.event(&Event::Smoothness { step, index, best: is_best, seconds });
        self.check(is_best, moving);
        // The one of this step that may be there does not know how smooth it is.
        if is_best { self.write(moving) } else { Ok(()) }
    }

    /// Leads the model along the targets where an epoch or the training has ended, once a step.
    fn follow_if_due(&self, moving: &mut Moving<'_, '_>) -> Result<(), Error> {
        let step = moving.state.step;
        let Some(targets) = &self.subjects.targets else { return Ok(()) };
        if step == 0 || moving.state.found.followed == Some(step) {
            return Ok(());
        }
        let (epochs, has_ended) = moving.fit.epochs(step)?;
        if !has_ended && !self.is_end(moving.state) {
            return Ok(());
        }
        moving.settle()?;
        let start = Instant::now();
        let Moving { tagger, state, recorder, .. } = moving;
        let (how, interrupter) = ((step, self.config.training.batch_size), &self.runtime.interrupter);
        let Taken { right, probabilities } =
            targets.follow(tagger.model(), how, &self.runtime.device, interrupter, *recorder)?;
        state.found.followed = Some(step);
        let seconds = start.elapsed().as_secs_f64();
        recorder.event(&Event::Followed { step, epochs, right, probabilities, seconds });
        Ok(())
    }

    /// After how many steps smoothness or training loss is looked at.
    fn steps_a_check(&self) -> usize {
        match self.config.evaluation.every {
            0 => STEPS_A_CHECK,
            every => every,
        }
    }

    /// What `look` finds in the model with the values that an adapter of this step would have. Training goes on with its own.
    fn of_saved<T>(
        &self,
        moving: &mut Moving<'_, '_>,
        look: impl FnOnce(&Tagger, &mut Recorder<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        moving.settle()?;
        let kept = self.give_saved(moving.tagger, moving.state);
        let found = look(moving.tagger, moving.recorder);
        let model = moving.tagger.model_mut();
        if kept.put_back(model, moving.state) {
            moving.fit.take_up(model, moving.state);
        }
        found
    }

    /// Gives the model the values that its adapter will have, where these are others: the averages, and of these and all others what rounding
    /// leaves.
    pub(super) fn give_saved(&self, tagger: &mut Tagger, state: &TrainState) -> Kept {
        let model = tagger.model_mut();
        // Averages that know a step which was taken back are of another course.
        let is_averaged = state.averaged == state.step;
        let averaged = is_averaged.then(|| state.average.put_in(model, &state.mask)).flatten();
        let is_rounded = self.config.checkpoints.adapter_values == AdapterValues::Bf16;
        Kept { averaged, rounded: is_rounded.then(|| round_to_bf16(model, &state.touched)) }
    }

    /// The scores of the model as it is after `step` steps, which are told.
    pub(super) fn score(
        &self,
        tagger: &Tagger,
        step: usize,
        recorder: &mut Recorder<'_>,
    ) -> Result<Scores, Error> {
        let scores = self.scored(tagger, recorder)?;
        let (report, seconds) = (scores.report.clone(), scores.seconds);
        recorder.event(&Event::Evaluated { step, report, best: false, seconds });
        Ok(scores)
    }

    /// The scores of the model that is kept, which is that of `state`; `answers` are those of the best scores, where the process has them.
    pub(super) fn last_scores(
        &self,
        tagger: &Tagger,
        state: &TrainState,
        answers: Option<Answers>,
        recorder: &mut Recorder<'_>,
    ) -> Result<Scores, Error> {
        let best = state.found.best.as_ref().filter(|best| best.step == state.step);
        match (best.map(|best| best.report.clone()), answers) {
            (Some(report), Some(answers)) => Ok(Scores { report, answers, seconds: 0.0 }),
            // They were found before the run was ended, and a checkpoint does not keep them example by example.
            (Some(report), None) => Ok(Scores { report, ..self.scored(tagger, recorder)? }),
            // They were told when the training came by, or before it where it has no step.
            (None, _)
                if (state.step > 0 && self.config.evaluation.every > 0)
                    || (state.step == 0 && state.found.before.is_some()) =>
            {
                self.scored(tagger, recorder)
            }
            (None, _) => self.score(tagger, state.step, recorder),
        }
    }

    /// The scores of the model as it is.
    pub(super) fn scored(&self, tagger: &Tagger, sink: &mut dyn Sink) -> Result<Scores, Error> {
        let start = Instant::now();
        let predictions = tagger.predict(self.eval, &self.runtime.interrupter, sink)?;
        let Scored { report, outcomes, predictions, .. } = Scored::new(tagger.task(), self.eval, predictions);
        let answers = Answers { outcomes, predictions };
        Ok(Scores { report, answers, seconds: start.elapsed().as_secs_f64() })
    }

    /// Looks at the training loss where an early stop goes by it.
    fn check_loss_if_due(&self, moving: &mut Moving<'_, '_>) {
        let state = &mut *moving.state;
        let training = &self.config.training;
        if training.patience == 0 || training.watch != Watch::Loss || state.found.checked == state.step {
            return;
        }
        if state.step.is_multiple_of(self.steps_a_check())
            && let Some(mean) = state.watched.take()
        {
            let is_lowest = state.found.loss(mean);
            self.check(is_lowest, moving);
        }
    }

    fn check(&self, is_better: bool, moving: &mut Moving<'_, '_>) {
        let Moving { state, recorder, .. } = moving;
        state.found.check(state.step, is_better);
        let patience = self.config.training.patience;
        if patience > 0 && state.found.stale >= patience && state.step < self.config.training.steps() {
            recorder.event(&Event::StoppedEarly { step: state.step, checks: state.found.stale });
        }
    }
}
