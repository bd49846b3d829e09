//! The training examples as a mask sees them.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use burn::tensor::{Device, Tensor};
use fishdip_peft::Objective;
use fishdip_t5::{Batch, Dropout, T5};

use crate::data::{TokenizedExample, TrainingExamples};
use crate::event::{Event, Phase, Sink};
use crate::schedule::{Purpose, seed};
use crate::{Error, Interrupter, Left, Runtime, TrainingConfig};

/// The tokenized training set, with the losses that a mask is chosen by.
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
    /// How many samples the Fisher information is taken over.
    pub(crate) hard_samples: usize,
    /// Who is told how far it has come. A cell, since a choice only looks at its samples.
    pub(crate) sink: RefCell<&'a mut dyn Sink>,
    /// Samples whose Fisher information is there.
    pub(crate) done: Cell<usize>,
    /// Of each forward pass.
    pub(crate) dropout: Passes,
}

/// Dropout of the forward passes of one choice, each with random numbers of its own.
#[derive(Debug)]
pub(crate) struct Passes {
    /// None: it is off.
    rate: Option<f64>,
    seed: u64,
    made: Cell<u64>,
}

impl Passes {
    /// Those of the choice before `step` of the run with the seed `run`.
    pub(crate) fn new(rate: Option<f64>, run: u64, step: usize) -> Self {
        Self { rate, seed: seed(run, Purpose::Choice, step as u64), made: Cell::new(0) }
    }

    /// Dropout of the next pass.
    fn next(&self) -> Dropout {
        let Some(rate) = self.rate else { return Dropout::none() };
        let pass = self.made.replace(self.made.get() + 1);
        Dropout::new(rate, seed(self.seed, Purpose::Choice, pass))
    }
}

impl TrainingSet<'_> {
    fn known(&self, example: usize) -> Option<f32> {
        self.recorded.get(example).copied().flatten()
    }

    /// Tells how far a phase has come, unless a stop was asked for.
    fn progress(&self, phase: Phase, done: usize, total: usize) -> Result<(), Error> {
        if self.interrupter.should_stop() {
            return Err(Error::Interrupted { step: Some(self.step), left: Left::default() });
        }
        self.sink.borrow_mut().event(&Event::Progress { phase, done, total });
        Ok(())
    }

    fn batch(&self, chosen: &[usize], pad: u32, device: &Device) -> Result<Batch, Error> {
        batch_of(self.examples, chosen, self.epoch, pad, device)
    }
}

/// The examples `chosen`, as `epoch` shows them, as a batch on `device`.
pub(crate) fn batch_of(
    examples: &dyn TrainingExamples,
    chosen: &[usize],
    epoch: usize,
    pad: u32,
    device: &Device,
) -> Result<Batch, Error> {
    let chosen: Vec<Cow<'_, TokenizedExample>> =
        chosen.iter().map(|&index| examples.example(index, epoch)).collect::<Result<_, _>>()?;
    let sources: Vec<&[u32]> = chosen.iter().map(|example| example.source.as_slice()).collect();
    let targets: Vec<&[u32]> = chosen.iter().map(|example| example.target.as_slice()).collect();
    let batch = Batch::new(&sources, &targets, pad, device);
    Ok(match chosen.iter().map(|example| example.legal.clone()).collect::<Option<Vec<_>>>() {
        Some(legal) => batch.with_legal(legal),
        None => batch,
    })
}

/// The loss of `examples`, computed with `training.batch_size` after `step` steps: the mean over all target pieces.
pub(crate) fn mean_loss(
    model: &T5,
    examples: &Vec<TokenizedExample>,
    (training, step): (&TrainingConfig, usize),
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<f64, Error> {
    let set = TrainingSet {
        examples,
        epoch: 0,
        device: &runtime.device,
        batch_size: training.batch_size,
        interrupter: &runtime.interrupter,
        recorded: &[],
        step,
        hard_samples: 0,
        sink: RefCell::new(sink),
        done: Cell::new(0),
        dropout: Passes::new(None, training.seed, step),
    };
    let losses = set.losses(model)?;
    let pieces = |example: &TokenizedExample| example.target.len() as f64;
    let sum: f64 = losses.iter().zip(examples).map(|(&loss, of)| f64::from(loss) * pieces(of)).sum();
    Ok(sum / examples.iter().map(pieces).sum::<f64>())
}

impl Objective<T5> for TrainingSet<'_> {
    type Error = Error;

    fn samples(&self) -> usize {
        self.examples.count()
    }

    fn losses(&self, model: &T5) -> Result<Vec<f32>, Error> {
        // Examples of like length go together: less padding, same losses.
        let mut losses: Vec<f32> = (0..self.examples.count()).map(|i| self.known(i).unwrap_or(0.0)).collect();
        let unknown = (0..losses.len()).filter(|&i| self.known(i).is_none());
        let with_lengths = unknown.map(|i| {
            let example = self.examples.example(i, self.epoch)?;
            Ok(((example.target.len(), example.source.len()), i))
        });
        let mut order = with_lengths.collect::<Result<Vec<_>, Error>>()?;
        order.sort_unstable();
        let order: Vec<usize> = order.into_iter().map(|(_, i)| i).collect();
        // Nothing is kept for a backward pass here, so there is room for twice as many as in a training step. Dropout acts on an autodiff device
        // alone, where nothing is kept either, as nothing is watched.
        let drops = self.dropout.rate.is_some();
        let device = if drops { &self.device.clone().autodiff() } else { self.device };
        let (mut done, total) = (0, order.len());
        for chosen in order.chunks(2 * self.batch_size) {
            self.progress(Phase::Ranking, done, total)?;
            done += chosen.len();
            let batch = self.batch(chosen, model.config().pad_token_id, device)?;
            let batch_losses = model.loss(&batch, &self.dropout.next()).per_sample();
            for (&i, loss) in chosen.iter().zip(batch_losses) {
                losses[i] = loss;
            }
        }
        self.progress(Phase::Ranking, done, total)?;
        Ok(losses)
    }

    fn summed_loss(&self, model: &T5, samples: &[usize]) -> Result<Tensor<1>, Error> {
        let done = self.done.replace(self.done.get() + samples.len());
        self.progress(Phase::Fisher, done, self.hard_samples)?;
        let batch = self.batch(samples, model.config().pad_token_id, &self.device.clone().autodiff())?;
        Ok(model.summed_loss(&batch, &self.dropout.next()))
    }

    fn labels(&self) -> Result<Vec<Vec<String>>, Error> {
        let labels = |index| Ok(self.examples.example(index, self.epoch)?.labels.clone());
        (0..self.examples.count()).map(labels).collect()
    }

    /// The means of the encoder's output over the pieces of each source.
    fn vectors(&self, model: &T5, samples: &[usize]) -> Result<Vec<Vec<f32>>, Error> {
        let mut vectors = Vec::with_capacity(samples.len());
        for chosen in samples.chunks(2 * self.batch_size) {
            self.progress(Phase::Ranking, vectors.len(), samples.len())?;
            let batch = self.batch(chosen, model.config().pad_token_id, self.device)?;
            let means = model.encoder_means(&batch);
            let [_, width] = means.dims();
            let values: Vec<f32> = means.into_data().iter::<f32>().collect();
            vectors.extend(values.chunks_exact(width).map(<[f32]>::to_vec));
        }
        Ok(vectors)
    }

    fn batch_size(&self) -> usize {
        self.batch_size
    }
}
