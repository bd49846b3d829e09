//! The training loop: algorithm 1 of the paper around an ordinary optimizer step.

use burn::tensor::{Device, Tensor};
use fishdip_peft::{Adaptable, EntryCost, Selection, TrainedGradients, Weight, WeightGradient, hardest};
use fishdip_t5::{Dropout, T5};
use std::fmt::Display;
use std::time::Instant;

use crate::data::TrainingExamples;
use crate::event::{Event, Sink};
use crate::objective::TrainingSet;
use crate::schedule::{Purpose, batch, seed};
use crate::{Error, GradientName, LossSource, RunConfig, Runtime, TrainState};

/// Trains `model` on `examples` from `state` to the last step of `config`. Where it ends early, on request or because the model was ruined,
/// `model` and `state` are those of the last good step. A state that is of another number of examples is an error.
#[tracing::instrument(skip_all, fields(method = ?config.method.name, from = state.step, steps = config.training.steps))]
pub fn fit(
    model: &mut T5,
    examples: &dyn TrainingExamples,
    config: &RunConfig,
    runtime: &Runtime,
    state: &mut TrainState,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let count = examples.count();
    if count == 0 {
        return Err(fishdip_peft::Error::NoSamples.into());
    }
    if state.recorded.len() != count {
        let known = state.recorded.len();
        return Err(Error::Data(format!("the state is of a training on {known} examples, not on {count}")));
    }
    let fit = Fit {
        examples,
        config,
        runtime,
        autodiff: runtime.device.clone().autodiff(),
        cost: cost(config, runtime, sink),
    };
    // A state that is gone on with has a mask, which the model may not know.
    state.mask.apply(model, fit.cost);
    while state.step < config.training.steps {
        if fit.is_due(state.step) {
            fit.refresh(model, state, sink)?;
        }
        if runtime.interrupter.should_stop() {
            return Err(Error::Interrupted { step: state.step, adapter: None });
        }
        fit.step(model, state, sink)?;
    }
    Ok(())
}

/// What a masked entry's gradient is taken to cost, in entries of a dense gradient.
fn cost(config: &RunConfig, runtime: &Runtime, sink: &mut dyn Sink) -> EntryCost {
    let (cost, measured) = match config.training.gradient {
        GradientName::ByShape => (EntryCost::USUAL, None),
        GradientName::Sampled => (EntryCost(0.0), None),
        GradientName::Gathered => (EntryCost(f64::INFINITY), None),
        GradientName::Measured => {
            let measured = EntryCost::measure(&runtime.device);
            (measured, Some(measured.0))
        }
    };
    sink.event(&Event::EntryCost { measured, used: cost.0 });
    cost
}

/// What stays the same over a training.
struct Fit<'a> {
    examples: &'a dyn TrainingExamples,
    config: &'a RunConfig,
    runtime: &'a Runtime,
    autodiff: Device,
    cost: EntryCost,
}

impl Fit<'_> {
    /// Whether entries are chosen before `step`: at the start, and again every m steps by methods that do so.
    fn is_due(&self, step: usize) -> bool {
        let method = &self.config.method;
        step == 0 || (self.config.fish_dip().method.refreshes() && step.is_multiple_of(method.every))
    }

    /// The examples as they are seen at the state's step.
    fn set<'s>(&'s self, state: &'s TrainState) -> TrainingSet<'s> {
        let is_recorded = self.config.method.losses == LossSource::Recorded;
        let batch_size = self.config.training.batch_size;
        TrainingSet {
            examples: self.examples,
            // As `schedule::batch` counts epochs: the last batch of one may be smaller.
            epoch: state.step / self.examples.count().div_ceil(batch_size).max(1),
            device: &self.runtime.device,
            batch_size,
            interrupter: &self.runtime.interrupter,
            recorded: if is_recorded { &state.recorded } else { &[] },
            step: state.step,
        }
    }

    /// Chooses the entries to train, from the samples that are hard now.
    fn refresh(&self, model: &mut T5, state: &mut TrainState, sink: &mut dyn Sink) -> Result<(), Error> {
        let start = Instant::now();
        let selection = tracing::info_span!("refresh", step = state.step)
            .in_scope(|| self.config.fish_dip().select(model, &self.set(state)));
        let selection = match selection {
            // The values that the last step left do not give a finite score.
            Err(Error::Peft(error)) => return Err(undone(state, model, &error)),
            selection => selection?,
        };
        selection.mask.apply(model, self.cost);
        state.optimizer.set_mask(&selection.mask, model);
        let seconds = start.elapsed().as_secs_f64();
        sink.event(&chosen(&selection, state, model, seconds));
        // An entry keeps what it has learned when it leaves the mask, so the adapter needs all that were ever
        // in one.
        state.touched.extend(&selection.mask);
        state.mask = selection.mask;
        state.timing.refreshes += 1;
        state.timing.refresh += seconds;
        Ok(())
    }

    /// One step on the chosen entries: forward, backward to their values alone, update.
    fn step(&self, model: &mut T5, state: &mut TrainState, sink: &mut dyn Sink) -> Result<(), Error> {
        let start = Instant::now();
        let crate::TrainingConfig { steps, batch_size, dropout, seed: run_seed, .. } = self.config.training;
        let (step, pad) = (state.step, model.config().pad_token_id);
        let dropout = Dropout::new(dropout, seed(run_seed, Purpose::Step, step as u64));
        let chosen = batch(step, self.examples.count(), batch_size, run_seed);
        let set = self.set(state);
        let batch = set.batch(&chosen, pad, &self.autodiff);
        // Whether a step was good shows in the loss of the next one. Behind the last step there is none, so
        // its batch is run once more.
        let last = (step + 1 == steps).then(|| set.batch(&chosen, pad, &self.runtime.device));
        model.weights_mut().into_iter().for_each(Weight::watch);
        let losses = model.loss(&batch, &dropout);
        let mean = losses.mean();
        // A good loss shows that the last step was one: the whole weights before it need no memory beside the gradients. Elsewhere the loss is
        // read after the backward pass has been asked for, so that a device that works on its own is not waited for.
        let early = state.optimizer.remembers_whole_weights().then(|| finite(&mean));
        let early = early.transpose().map_err(|loss| undone(state, model, &loss))?;
        if early.is_some() {
            state.optimizer.forget_previous();
        }
        let mut gradients = mean.clone().backward();
        let loss = early.map_or_else(|| finite(&mean), Ok).map_err(|loss| undone(state, model, &loss))?;
        let optimizer = &self.config.optimizer;
        let learning_rate = optimizer.schedule.rate(optimizer.learning_rate, step, steps);
        let gradients = TrainedGradients::take(model, &mut gradients);
        let gradient_norm = state.optimizer.step(model, gradients, learning_rate)?;
        state.step = step + 1;
        if let Some(batch) = last {
            let loss = model.loss(&batch, &Dropout::none()).mean();
            finite(&loss).map_err(|loss| undone(state, model, &loss))?;
        }
        for (&example, loss) in chosen.iter().zip(losses.per_sample()) {
            state.recorded[example] = Some(loss);
        }
        tracing::debug!(step, loss, gradient_norm, learning_rate, "stepped");
        let seconds = start.elapsed().as_secs_f64();
        state.timing.steps += seconds;
        sink.event(&Event::Step { step: step + 1, loss, gradient_norm, learning_rate, seconds });
        Ok(())
    }
}

/// A loss that shows that the step before it ruined the model, or that the model was none.
#[derive(Debug, thiserror::Error)]
#[error("the loss is {}; lower the learning rate or look for damaged input", if .0.is_nan() { "NaN" } else { "infinite" })]
struct NonFiniteLoss(f32);

/// The number of a mean loss, if it is one.
fn finite(mean: &Tensor<1>) -> Result<f32, NonFiniteLoss> {
    let loss = mean.clone().into_scalar::<f32>();
    if loss.is_finite() { Ok(loss) } else { Err(NonFiniteLoss(loss)) }
}

/// Takes the last step back, if there was any, because of what was found after it.
fn undone(state: &mut TrainState, model: &mut T5, reason: &dyn Display) -> Error {
    state.optimizer.undo(model);
    state.step = state.step.saturating_sub(1);
    Error::Failed { step: state.step, reason: reason.to_string(), adapter: None }
}

/// What is told of a choice; `state` is that before it.
fn chosen(selection: &Selection, state: &TrainState, model: &T5, seconds: f64) -> Event {
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
