//! One optimizer step, over one batch or several.

use burn::tensor::Tensor;
use fishdip_peft::{Adaptable, TrainedGradients, Weight};
use fishdip_t5::{Dropout, T5};
use std::time::Instant;

use super::{Fit, undone};
use crate::event::{Event, Sink};
use crate::objective::batch_of;
use crate::schedule::{Purpose, seed};
use crate::{Error, TrainState};

/// The original program takes a smaller loss for none.
const NO_LOSS: f32 = 1e-6;

impl Fit<'_> {
    /// One step on the chosen entries: forward, backward to their values alone, update.
    pub(super) fn update(
        &mut self,
        model: &mut T5,
        state: &mut TrainState,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let start = Instant::now();
        let (optimizer, training) = (&self.config.optimizer, &self.config.training);
        let step = state.step;
        let batches = self.batches.of_step(step)?;
        let pieces = batches.iter().map(|batch| batch.target_pieces).sum::<usize>() as f32;
        let mut gradients: Option<TrainedGradients> = None;
        let (mut loss, mut losses) = (0.0, Vec::new());
        for (part, chosen) in batches.iter().enumerate() {
            // What was done of a step that is broken off leaves nothing.
            self.check_interrupter(state)?;
            let first = gradients.is_none();
            let dropout_seed = seed(training.seed, Purpose::Step, (step * training.accumulate + part) as u64);
            let dropout = Dropout::new(training.dropout, dropout_seed);
            let pad = model.config().pad_token_id;
            let batch = batch_of(self.examples, &chosen.examples, chosen.epoch, pad, &self.autodiff)?;
            let [examples, source_pieces, target_pieces] = batch.shape();
            sink.event(&Event::Batch { examples, source_pieces, target_pieces });
            model.weights_mut().into_iter().for_each(Weight::watch);
            let each = model.loss(&batch, &dropout);
            let mean = each.mean();
            // A good loss shows that the last step was one: the whole weights before it need no memory beside the gradients. Elsewhere the
            // loss is read after the backward pass has been asked for, so that a device that works on its own is not waited for.
            let early = (first && state.optimizer.remembers_whole_weights()).then(|| finite(&mean));
            let early = early.transpose().map_err(|loss| undone(state, model, &loss))?;
            if early.is_some() {
                state.optimizer.forget_previous();
            }
            let mut backward = mean.clone().backward();
            let part_loss =
                early.map_or_else(|| finite(&mean), Ok).map_err(|loss| undone(state, model, &loss))?;
            let mut part = TrainedGradients::take(model, &mut backward);
            // Each target piece counts the same, as in one batch of all of them.
            let share = chosen.target_pieces as f32 / pieces;
            if batches.len() > 1 {
                part.scale(share);
            }
            match &mut gradients {
                Some(sum) => sum.add(part),
                none => *none = Some(part),
            }
            loss += share * part_loss;
            losses.extend(chosen.examples.iter().copied().zip(each.per_sample()));
        }
        let Some(gradients) = gradients else { return Ok(()) };
        self.average(model, state);
        let learning_rate = optimizer.rate(step, training.steps());
        let gradient_norm = state.optimizer.step(model, gradients, learning_rate)?;
        state.step = step + 1;
        for (example, loss) in losses {
            state.recorded[example] = Some(loss);
        }
        state.watched.add(loss);
        state.found.without_loss = if loss < NO_LOSS { state.found.without_loss + 1 } else { 0 };
        tracing::debug!(step, loss, gradient_norm, learning_rate, "stepped");
        let seconds = start.elapsed().as_secs_f64();
        state.timing.steps += seconds;
        sink.event(&Event::Step { step: step + 1, loss, gradient_norm, learning_rate, seconds });
        Ok(())
    }

    /// Makes sure that the last step was a good one, before what it left is kept or scored. Whether a step was good shows in the loss of the next
    /// one; where there is none yet, its last batch is run once more.
    pub(crate) fn settle(&mut self, model: &mut T5, state: &mut TrainState) -> Result<(), Error> {
        let Some(last) = state.step.checked_sub(1) else { return Ok(()) };
        let batches = self.batches.of_step(last)?;
        let Some(chosen) = batches.last() else { return Ok(()) };
        let pad = model.config().pad_token_id;
        let batch = batch_of(self.examples, &chosen.examples, chosen.epoch, pad, &self.runtime.device)?;
        let mean = model.loss(&batch, &Dropout::none()).mean();
        finite(&mean).map(drop).map_err(|loss| undone(state, model, &loss))?;
        self.average(model, state);
        Ok(())
    }

    /// Adds the values that the last step left to the averages, once they were seen to be good.
    pub(super) fn average(&self, model: &T5, state: &mut TrainState) {
        if state.averaged < state.step {
            if let Some(weight) = self.config.training.average_weight(state.step) {
                state.average.add(&state.mask, model, weight);
            }
            state.averaged = state.step;
        }
    }

    /// How many epochs have ended after `step` steps, and whether one has with the last of them.
    pub(crate) fn epochs(&mut self, step: usize) -> Result<(usize, bool), Error> {
        let before = match step.checked_sub(1) {
            Some(last) => self.batches.epoch_of(last)?,
            None => 0,
        };
        let now = self.batches.epoch_of(step)?;
        Ok((now, now > before))
    }

    /// The examples of the step after `step` steps.
    pub(crate) fn examples_of(&mut self, step: usize) -> Result<Vec<usize>, Error> {
        Ok(self.batches.of_step(step)?.into_iter().flat_map(|batch| batch.examples).collect())
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
