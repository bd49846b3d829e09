//! The training examples as a mask sees them.

use std::borrow::Cow;

use burn::tensor::{Device, Tensor};
use burn::train::Interrupter;
use fishdip_peft::Objective;
use fishdip_t5::{Batch, Dropout, T5};

use crate::Error;
use crate::data::{TokenizedExample, TrainingExamples};

/// The tokenized training set, with the losses that a mask is chosen by. Dropout is off in both.
pub(crate) struct TrainingSet<'a> {
    pub(crate) examples: &'a dyn TrainingExamples,
    /// Which epoch the step is in, from 0.
    pub(crate) epoch: usize,
    /// Without autodiff.
    pub(crate) device: &'a Device,
    pub(crate) batch_size: usize,
    pub(crate) interrupter: &'a Interrupter,
    /// Losses that need not be computed again, one for each example.
    pub(crate) recorded: &'a [Option<f32>],
    /// Training steps so far, for messages.
    pub(crate) step: usize,
}

impl TrainingSet<'_> {
    fn known(&self, example: usize) -> Option<f32> {
        self.recorded.get(example).copied().flatten()
    }

    /// The examples `chosen` as a batch on `device`.
    pub(crate) fn batch(&self, chosen: &[usize], pad: u32, device: &Device) -> Batch {
        let chosen: Vec<Cow<'_, TokenizedExample>> =
            chosen.iter().map(|&index| self.examples.example(index, self.epoch)).collect();
        let sources: Vec<&[u32]> = chosen.iter().map(|example| example.source.as_slice()).collect();
        let targets: Vec<&[u32]> = chosen.iter().map(|example| example.target.as_slice()).collect();
        Batch::new(&sources, &targets, pad, device)
    }
}

impl Objective<T5> for TrainingSet<'_> {
    type Error = Error;

    fn samples(&self) -> usize {
        self.examples.count()
    }

    fn losses(&self, model: &T5) -> Result<Vec<f32>, Error> {
        // Examples of like length go together: less padding, same losses.
        let mut losses: Vec<f32> = (0..self.examples.count()).map(|i| self.known(i).unwrap_or(0.0)).collect();
        let mut order: Vec<usize> = (0..losses.len()).filter(|&i| self.known(i).is_none()).collect();
        order.sort_by_cached_key(|&i| {
            let example = self.examples.example(i, self.epoch);
            (example.target.len(), example.source.len())
        });
        // Nothing is kept for a backward pass here, so there is room for twice as many as in a training step.
        for chosen in order.chunks(2 * self.batch_size) {
            if self.interrupter.should_stop() {
                return Err(Error::Interrupted { step: self.step, adapter: None });
            }
            let batch = self.batch(chosen, model.config().pad_token_id, self.device);
            let batch_losses = model.loss(&batch, &Dropout::none()).per_sample();
            for (&i, loss) in chosen.iter().zip(batch_losses) {
                losses[i] = loss;
            }
        }
        Ok(losses)
    }

    fn summed_loss(&self, model: &T5, samples: &[usize]) -> Result<Tensor<1>, Error> {
        if self.interrupter.should_stop() {
            return Err(Error::Interrupted { step: self.step, adapter: None });
        }
        let batch = self.batch(samples, model.config().pad_token_id, &self.device.clone().autodiff());
        Ok(model.summed_loss(&batch))
    }

    fn batch_size(&self) -> usize {
        self.batch_size
    }
}
