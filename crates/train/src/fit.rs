//! The training loop: algorithm 1 of the paper around an ordinary optimizer step.

mod interval;
mod step;

use burn::tensor::Device;
use fishdip_peft::{
    Adaptable, EntryCost, Growth, MaskMethod, Samples, Selection, Weight, WeightGradient, hardest,
};
use fishdip_t5::T5;
use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::time::Instant;

use crate::data::{Batches, TrainingExamples};
use crate::event::{Event, Sink};
use crate::objective::{Passes, TrainingSet};
use crate::{Error, Every, GradientName, Left, LossSource, RunConfig, Runtime, TrainState};

/// Trains `model` on `examples` from `state` to the last step of `config`. Where it ends early, on request or because the model was ruined,
/// `model` and `state` are those of the last good step. A state that is of another number of examples is an error.
#[tracing::instrument(skip_all, fields(method = ?config.method.name, from = state.step, steps = config.training.steps()))]
pub fn fit(
    model: &mut T5,
    examples: &dyn TrainingExamples,
    config: &RunConfig,
    runtime: &Runtime,
    state: &mut TrainState,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let mut fit = Fit::begin(model, examples, config, runtime, state)?;
    while state.step < config.training.steps() {
        fit.step(model, state, sink)?;
    }
    fit.settle(model, state)
}

/// A training that goes on step by step.
pub(crate) struct Fit<'a> {
    examples: &'a dyn TrainingExamples,
    config: &'a RunConfig,
    runtime: &'a Runtime,
    autodiff: Device,
    cost: EntryCost,
    batches: Batches<'a>,
}

impl<'a> Fit<'a> {
    /// Gets `model` ready to go on from `state`.
    pub(crate) fn begin(
        model: &mut T5,
        examples: &'a dyn TrainingExamples,
        config: &'a RunConfig,
        runtime: &'a Runtime,
        state: &mut TrainState,
    ) -> Result<Self, Error> {
        let count = examples.count();
        if count == 0 {
            return Err(fishdip_peft::Error::NoSamples.into());
        }
        if state.recorded.len() != count {
            let known = state.recorded.len();
            return Err(Error::Data(format!(
                "the state is of a training on {known} examples, not on {count}"
            )));
        }
        let cost = cost(config, runtime, state);
        // A state that is gone on with has a mask, which the model may not know.
        state.mask.apply(model, cost);
        let autodiff = runtime.device.clone().autodiff();
        Ok(Self {
            examples,
            config,
            runtime,
            autodiff,
            cost,
            batches: Batches::new(examples, &config.training)?,
        })
    }

    /// Trains the entries of `state` of a `model` whose values were set, again.
    pub(crate) fn take_up(&self, model: &mut T5, state: &TrainState) {
        state.mask.apply(model, self.cost);
    }

    /// One step: the entries are chosen anew if that is due, and then trained. On an error `model` and `state` are those of the last good step.
    pub(crate) fn step(
        &mut self,
        model: &mut T5,
        state: &mut TrainState,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        if let Some(choice) = self.choice(state)
            && state.chosen != Some(state.step)
        {
            self.refresh(choice, model, state, sink)?;
        }
        self.update(model, state, sink)
    }

    /// Says whether a stop was asked for.
    fn check_interrupter(&self, state: &TrainState) -> Result<(), Error> {
        let stops = self.runtime.interrupter.should_stop();
        if stops { Err(Error::Interrupted { step: Some(state.step), left: Left::default() }) } else { Ok(()) }
    }

    /// How many choices there were before the one of the present step, if entries are chosen before it: at the start, and again every m steps by
    /// methods that do so.
    fn choice(&self, state: &TrainState) -> Option<usize> {
        let (method, step) = (&self.config.method, state.step);
        if step == 0 {
            return Some(0);
        }
        if !method.mask().refreshes() {
            return None;
        }
        match method.every {
            Every::Steps(every) => {
                // The original program counts from 1 and chooses before it makes the step whose number is due. Before each step is as early as
                // it goes.
                let is_early = self.config.compat.early_choices && every > 1;
                let counted = step + usize::from(is_early);
                let choice = counted / every;
                // A mask that has grown to its end stays.
                let goes_on = method.growth == 0 || choice < method.growth;
                (counted.is_multiple_of(every) && goes_on).then_some(choice)
            }
            Every::Auto => {
                let is_due = state.chosen.is_none_or(|chosen| step >= chosen.saturating_add(state.interval));
                is_due.then_some(state.timing.refreshes)
            }
        }
    }

    /// The examples as they are seen in `epoch`, at the state's step.
    fn set<'s>(&'s self, epoch: usize, state: &'s TrainState, sink: &'s mut dyn Sink) -> TrainingSet<'s> {
        let method = &self.config.method;
        let is_recorded = method.losses == LossSource::Recorded;
        let all = self.examples.count();
        let hard_samples = if method.mask() == MaskMethod::AllSamples {
            all
        } else {
            self.config.fish_dip(all).hard_samples.min(all)
        };
        // The original program chooses first before it trains, and then amid training.
        let drops = self.config.compat.dropout_while_choosing && state.step > 0;
        let dropout = drops.then_some(self.config.training.dropout);
        TrainingSet {
            examples: self.examples,
            epoch,
            device: &self.runtime.device,
            batch_size: self.config.training.batch_size,
            interrupter: &self.runtime.interrupter,
            recorded: if is_recorded { &state.recorded } else { &[] },
            step: state.step,
            hard_samples,
            sink: RefCell::new(sink),
            done: Cell::new(0),
            dropout: Passes::new(dropout, self.config.training.seed, state.step),
        }
    }

    /// Chooses the entries to train, from the samples that are hard now, after `before` other choices.
    fn refresh(
        &mut self,
        before: usize,
        model: &mut T5,
        state: &mut TrainState,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let start = Instant::now();
        let epoch = self.batches.epoch_of(state.step)?;
        let growth = self.config.method.growth;
        let choices = (before + 1) as f64;
        let growth =
            (growth > 0).then(|| Growth { kept: &state.mask, share: (choices / growth as f64).min(1.0) });
        let fish_dip = self.config.fish_dip(self.examples.count());
        let selection = tracing::info_span!("refresh", step = state.step)
            .in_scope(|| fish_dip.select(model, &self.set(epoch, state, sink), growth));
        let selection = match selection {
            // The values that the last step left do not give a finite score.
            Err(Error::Peft(error)) => return Err(undone(state, model, &error)),
            selection => selection?,
        };
        self.average(model, state);
        state.average.set_mask(&state.mask, &selection.mask, model);
        selection.mask.apply(model, self.cost);
        state.optimizer.set_mask(&selection.mask, model);
        let seconds = start.elapsed().as_secs_f64();
        if state.step == 0 {
            sink.event(&Event::EntryCost { measured: state.entry_cost.map(f64::from), used: self.cost.0 });
        }
        let is_auto = self.config.method.every == Every::Auto && self.config.method.mask().refreshes();
        if is_auto && state.step > 0 {
            state.interval = interval::next(state.interval, selection.mask.churn(&state.mask, model));
        }
        let mut told = chosen(&selection, state, model, seconds, is_auto.then_some(state.interval));
        // Losses alone decide about the hardest, and about no others.
        if let Event::MaskChosen { recorded_agreement, .. } = &mut told
            && self.config.method.samples != Samples::Hardest
        {
            *recorded_agreement = None;
        }
        sink.event(&told);
        // An entry keeps what it has learned when it leaves the mask, so the adapter needs all that were ever
        // in one.
        state.touched.extend(&selection.mask);
        state.mask = selection.mask;
        state.chosen = Some(state.step);
        state.timing.refreshes += 1;
        state.timing.refresh += seconds;
        Ok(())
    }
}

/// What a masked entry's gradient is taken to cost, in entries of a dense gradient. What was measured once is kept: a run that goes on computes
/// gradients in the same way, and so to the same bits.
fn cost(config: &RunConfig, runtime: &Runtime, state: &mut TrainState) -> EntryCost {
    match config.training.gradient {
        GradientName::ByShape => EntryCost::USUAL,
        GradientName::Sampled => EntryCost(0.0),
        GradientName::Gathered => EntryCost(f64::INFINITY),
        GradientName::Measured => {
            let measured = state.entry_cost.unwrap_or_else(|| EntryCost::measure(&runtime.device).0 as f32);
            state.entry_cost = Some(measured);
            EntryCost(measured.into())
        }
    }
}

/// Takes the last step back, if there was any that can be, because of what was found after it.
fn undone(state: &mut TrainState, model: &mut T5, reason: &dyn Display) -> Error {
    if state.optimizer.undo(model) {
        state.step = state.step.saturating_sub(1);
    }
    Error::Failed { step: state.step, reason: reason.to_string(), left: Left::default() }
}

/// What is told of a choice, after which the next one comes in `every` steps; `state` is that before it.
fn chosen(
    selection: &Selection,
    state: &TrainState,
    model: &T5,
    seconds: f64,
    every: Option<usize>,
) -> Event {
    let (mask, weights) = (&selection.mask, model.weights());
    let gathered = |w: &Weight| w.trained_entries().is_some_and(|e| e.gradient == WeightGradient::Gathered);
    let counts = weights.iter().zip(mask.trained()).map(|(w, trained)| (w, trained.count(w.entries())));
    Event::MaskChosen {
        step: state.step,
        entries: mask.entries(model),
        churn: mask.churn(&state.mask, model),
        recorded_agreement: agreement(&selection.hard, &state.recorded),
        hard: selection.hard.clone(),
        weights: counts
            .filter(|&(_, count)| count > 0)
            .map(|(w, count)| (w.path().to_owned(), count))
            .collect(),
        gathered: weights.iter().filter(|w| gathered(w)).map(|w| w.path().to_owned()).collect(),
        every,
        seconds,
    }
}

/// The share of the samples in `hard` that would also have been chosen by the losses `recorded` while training, once all are known.
fn agreement(hard: &[usize], recorded: &[Option<f32>]) -> Option<f64> {
    let known: Vec<f32> = recorded.iter().copied().collect::<Option<_>>()?;
    let others = hardest(&known, hard.len());
    let both = hard.iter().filter(|sample| others.contains(sample)).count();
    (!hard.is_empty()).then(|| both as f64 / hard.len() as f64)
}
