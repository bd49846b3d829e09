//! What happens between the first step of a run and its last: steps, scores and checks between them, checkpoints.

use fishdip_tasks::{Example, Outcomes, Report};
use std::path::PathBuf;
use std::time::Instant;

use super::Recorder;
use crate::checkpoint::{Checkpoints, Identity, Progress};
use crate::config::Watch;
use crate::event::{Event, Sink};
use crate::fit::Fit;
use crate::tagger::Scored;
use crate::{Error, RunConfig, Runtime, Tagger, TokenizedExample, TrainState};

/// How often the training loss is looked at where nothing else says so, in steps.
const STEPS_A_CHECK: usize = 50;

/// The way of one run.
pub(super) struct Course<'a> {
    pub(super) config: &'a RunConfig,
    pub(super) runtime: &'a Runtime,
    pub(super) eval: &'a [Example],
    pub(super) identity: &'a Identity,
    pub(super) checkpoints: Checkpoints,
    /// The step of the last checkpoint, and when it was written.
    pub(super) last: Option<usize>,
    pub(super) at: Instant,
    /// What each scored example adds to the best score so far, if that was found since the run began or went on.
    pub(super) outcomes: Option<Outcomes>,
    /// After an error: the examples of the step that failed.
    pub(super) failed: Vec<usize>,
}

/// The scores of a model.
pub(super) struct Scores {
    pub(super) report: Report,
    pub(super) outcomes: Outcomes,
    /// What they took.
    seconds: f64,
}

impl Course<'_> {
    /// Trains from `state` to the end. On an error, `state` is that of the last good step, and if a stop was asked for, it is kept.
    pub(super) fn run(
        &mut self,
        tagger: &mut Tagger,
        examples: &Vec<TokenizedExample>,
        state: &mut TrainState,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), Error> {
        let mut fit = Fit::begin(tagger.model_mut(), examples, self.config, self.runtime, state)?;
        let mut outcome = self.go(&mut fit, tagger, state, recorder);
        if let Err(Error::Interrupted { .. }) = outcome
            && let Err(error) = self.keep(&mut fit, tagger, state, recorder)
        {
            outcome = Err(error);
        }
        if outcome.is_err() {
            self.failed = fit.examples_of(state.step);
        }
        outcome
    }

    fn go(
        &mut self,
        fit: &mut Fit<'_>,
        tagger: &mut Tagger,
        state: &mut TrainState,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), Error> {
        loop {
            // At the start for what was told so far; at the end before the last scores, which may take long.
            if state.step == 0 || self.is_end(state) || self.is_checkpoint_due(state.step) {
                self.keep(fit, tagger, state, recorder)?;
            }
            if self.config.evaluation.before && state.step == 0 && state.found.before.is_none() {
                state.found.before = Some(self.score(tagger, 0, recorder)?.report);
            }
            self.score_if_due(fit, tagger, state, recorder)?;
            self.check_loss_if_due(state, recorder);
            if self.is_end(state) {
                return self.keep(fit, tagger, state, recorder);
            }
            fit.step(tagger.model_mut(), state, recorder)?;
        }
    }

    fn is_end(&self, state: &TrainState) -> bool {
        let training = &self.config.training;
        state.step >= training.steps || (training.patience > 0 && state.found.stale >= training.patience)
    }

    fn is_checkpoint_due(&self, step: usize) -> bool {
        let config = &self.config.checkpoints;
        let by_steps = config.every > 0 && step > 0 && step.is_multiple_of(config.every);
        by_steps || (config.minutes > 0.0 && self.at.elapsed().as_secs_f64() > 60.0 * config.minutes)
    }

    /// Writes a checkpoint unless there is one of this step.
    fn keep(
        &mut self,
        fit: &mut Fit<'_>,
        tagger: &mut Tagger,
        state: &mut TrainState,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), Error> {
        if self.last == Some(state.step) {
            return Ok(());
        }
        self.write(fit, tagger, state, recorder)
    }

    /// Writes a checkpoint, and removes those that are not needed any more. What it holds was seen to be good.
    fn write(
        &mut self,
        fit: &mut Fit<'_>,
        tagger: &mut Tagger,
        state: &mut TrainState,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), Error> {
        fit.settle(tagger.model_mut(), state)?;
        let (events, seconds) = (recorder.folder.synced()?, recorder.folder.seconds());
        let progress = Progress { identity: self.identity, backend: &self.runtime.backend, events, seconds };
        let folder: PathBuf = self.checkpoints.save(tagger.model(), state, &progress)?;
        (self.last, self.at) = (Some(state.step), Instant::now());
        let best = state.found.best.as_ref().map(|best| best.step);
        self.checkpoints.prune(state.step, self.config.checkpoints.keep, best)?;
        recorder.event(&Event::Checkpoint { step: state.step, folder });
        Ok(())
    }

    /// Scores where the config asks for it, once a step, and keeps the best.
    fn score_if_due(
        &mut self,
        fit: &mut Fit<'_>,
        tagger: &mut Tagger,
        state: &mut TrainState,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), Error> {
        let (step, every) = (state.step, self.config.evaluation.every);
        let is_due = every > 0 && step > 0 && (step.is_multiple_of(every) || self.is_end(state));
        if !is_due || state.found.scored == Some(step) {
            return Ok(());
        }
        fit.settle(tagger.model_mut(), state)?;
        let Scores { report, outcomes, seconds } = self.scored(tagger, recorder)?;
        let is_best = state.found.score(step, &report);
        recorder.event(&Event::Evaluated { step, report, best: is_best, seconds });
        if self.config.training.watch == Watch::Score {
            self.check(is_best, state, recorder);
        }
        if is_best {
            self.outcomes = Some(outcomes);
            // The one of this step that may be there does not know its scores.
            self.write(fit, tagger, state, recorder)?;
        }
        Ok(())
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

    /// The scores of the model as it is.
    pub(super) fn scored(&self, tagger: &Tagger, sink: &mut dyn Sink) -> Result<Scores, Error> {
        let start = Instant::now();
        let predictions = tagger.predict(self.eval, &self.runtime.interrupter, sink)?;
        let Scored { report, outcomes, .. } = Scored::new(tagger.task(), self.eval, predictions);
        Ok(Scores { report, outcomes, seconds: start.elapsed().as_secs_f64() })
    }

    /// Looks at the training loss where an early stop goes by it.
    fn check_loss_if_due(&self, state: &mut TrainState, recorder: &mut Recorder<'_>) {
        let training = &self.config.training;
        if training.patience == 0 || training.watch != Watch::Loss || state.found.checked == state.step {
            return;
        }
        let every = match self.config.evaluation.every {
            0 => STEPS_A_CHECK,
            every => every,
        };
        if state.step.is_multiple_of(every)
            && let Some(mean) = state.watched.take()
        {
            let is_lowest = state.found.loss(mean);
            self.check(is_lowest, state, recorder);
        }
    }

    fn check(&self, is_better: bool, state: &mut TrainState, recorder: &mut Recorder<'_>) {
        state.found.check(state.step, is_better);
        let patience = self.config.training.patience;
        if patience > 0 && state.found.stale >= patience && state.step < self.config.training.steps {
            recorder.event(&Event::StoppedEarly { step: state.step, checks: state.found.stale });
        }
    }
}
