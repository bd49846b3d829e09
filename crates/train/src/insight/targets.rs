//! The targets of training examples, along which a model is led.

use std::sync::Arc;

use burn::tensor::Device;
use fishdip_t5::{Followed, T5, Tokenizer};
use fishdip_tasks::{Example, Task};

use crate::config::DecodeName;
use crate::data::{LegalTargets, Tokenized, classes, names_a_class};
use crate::event::{Event, Phase, Sink};
use crate::objective::batch_of;
use crate::warnings::Warnings;
use crate::{Error, Interrupter, Left, RunConfig, TokenizedExample};

/// The targets of the training examples as the data have them, whatever an epoch shows the training instead.
#[derive(Debug)]
pub(crate) struct Targets {
    /// Each window of a longer example is one.
    samples: Vec<TokenizedExample>,
    /// Whether decoding could write the target of each at all.
    can_be_written: Vec<bool>,
    /// Which example each is a part of.
    owners: Vec<usize>,
    /// What each example is.
    pub(super) about: Vec<About>,
}

/// What is told of an example beside its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    /// Where it comes from: file and line, or its id.
    pub(super) at: String,
    /// [`key`]
    pub(super) key: String,
    /// A number for its class, where the task chooses one.
    pub(super) class: Option<u32>,
}

/// How a model takes the targets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Taken {
    /// The examples whose target greedy decoding would write, each window of it.
    pub(crate) right: Vec<usize>,
    /// The probability of the whole target of each example.
    pub(crate) probabilities: Vec<f64>,
}

/// What an example is known by in another run: the hash of what a model reads of it and is to write.
pub(crate) fn key(task: &Task, example: &Example) -> Result<String, Error> {
    let encoded = task.encode(example)?;
    let mut hasher = blake3::Hasher::new();
    // With its length, so that no two pairs of texts read the same.
    hasher.update(&(encoded.source.len() as u64).to_le_bytes());
    hasher.update(encoded.source.as_bytes());
    hasher.update(encoded.target.as_bytes());
    Ok(hasher.finalize().to_hex()[..16].to_owned())
}

impl Targets {
    /// Those of the examples `train`, which were made piece ids in `tokenized`.
    pub(super) fn new(
        config: &RunConfig,
        task: &Task,
        tokenizer: &Arc<Tokenizer>,
        train: &[Example],
        tokenized: &Tokenized,
        warnings: &mut Warnings,
    ) -> Result<Self, Error> {
        let mut samples = tokenized.examples.clone();
        let mut can_be_written = vec![true; samples.len()];
        if config.evaluation.decode == DecodeName::Free {
            for sample in &mut samples {
                sample.legal = None;
            }
        } else {
            let legal = LegalTargets::new(task, Arc::clone(tokenizer))?;
            for ((sample, input), can) in samples.iter_mut().zip(&tokenized.inputs).zip(&mut can_be_written) {
                let legal = legal.of(input, &sample.target)?;
                if !legal.is_whole {
                    warnings.add(
                        [
                            "has a target that constrained decoding could not write, and counts as never learnt",
                            "have targets that constrained decoding could not write, and count as never learnt",
                        ],
                        input.place(),
                    );
                }
                (sample.legal, *can) = (Some(legal.pieces), legal.is_whole);
            }
        }
        let classes = names_a_class(task.kind()).then(|| classes(task.kind(), train));
        let about = |(number, example): (usize, &Example)| {
            let class = classes.as_ref().map(|classes| classes[number]);
            Ok(About { at: example.place(), key: key(task, example)?, class })
        };
        Ok(Self {
            samples,
            can_be_written,
            owners: tokenized.owners.clone(),
            about: train.iter().enumerate().map(about).collect::<Result<_, Error>>()?,
        })
    }

    /// How `model`, after `step` training steps, takes them, in batches of `batch_size`.
    pub(crate) fn follow(
        &self,
        model: &T5,
        (step, batch_size): (usize, usize),
        device: &Device,
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<Taken, Error> {
        // Samples of like length go together: less padding, same figures but for rounding.
        let mut order: Vec<usize> = (0..self.samples.len()).collect();
        order.sort_by_key(|&i| (self.samples[i].target.len(), self.samples[i].source.len()));
        let mut followed = vec![Followed { log_probability: 0.0, is_greedy: false }; order.len()];
        let (mut done, total) = (0, order.len());
        // Nothing is kept for a backward pass.
        for chosen in order.chunks(2 * batch_size) {
            if interrupter.should_stop() {
                return Err(Error::Interrupted { step: Some(step), left: Left::default() });
            }
            sink.event(&Event::Progress { phase: Phase::Following, done, total });
            let batch = batch_of(&self.samples, chosen, 0, model.config().pad_token_id, device)?;
            for (&sample, found) in chosen.iter().zip(model.follow(&batch)) {
                followed[sample] = found;
            }
            done += chosen.len();
        }
        sink.event(&Event::Progress { phase: Phase::Following, done, total });
        self.joined(&followed, step)
    }

    /// What was found of each sample, example by example.
    fn joined(&self, followed: &[Followed], step: usize) -> Result<Taken, Error> {
        let mut logarithms = vec![0.0; self.about.len()];
        let mut right = vec![true; self.about.len()];
        for ((found, can_be_written), &owner) in followed.iter().zip(&self.can_be_written).zip(&self.owners) {
            logarithms[owner] += found.log_probability;
            right[owner] &= found.is_greedy && *can_be_written;
        }
        if let Some(example) = logarithms.iter().position(|logarithm| logarithm.is_nan()) {
            let reason = format!(
                "the probability of the target of {} is NaN; lower the learning rate or look for damaged input",
                self.about[example].at
            );
            return Err(Error::Failed { step, reason, left: Left::default() });
        }
        Ok(Taken {
            right: (0..right.len()).filter(|&example| right[example]).collect(),
            // Rounding may leave the certain a little above.
            probabilities: logarithms.into_iter().map(|logarithm| logarithm.exp().min(1.0)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use fishdip_tasks::{Entity, Mode, Schema};

    use super::*;

    fn targets(owners: &[usize], can_be_written: &[bool]) -> Targets {
        let sample = TokenizedExample { source: vec![1], target: vec![1], labels: Vec::new(), legal: None };
        let examples = owners.iter().max().unwrap() + 1;
        let about = |example| About { at: format!("train:{example}"), key: String::new(), class: None };
        Targets {
            samples: vec![sample; owners.len()],
            can_be_written: can_be_written.to_vec(),
            owners: owners.to_vec(),
            about: (0..examples).map(about).collect(),
        }
    }

    fn followed(probability: f64, is_greedy: bool) -> Followed {
        Followed { log_probability: probability.ln(), is_greedy }
    }

    #[test]
    fn an_example_is_right_where_each_window_is() {
        // The first has two windows, of which one is wrong; the third could not be written at all.
        let targets = targets(&[0, 0, 1, 2, 3], &[true, true, true, false, true]);
        let all = [
            followed(0.5, true),
            followed(0.25, false),
            followed(0.75, true),
            followed(0.5, true),
            followed(1.0, true),
        ];
        let Taken { right, probabilities } = targets.joined(&all, 3).unwrap();
        assert_eq!(right, [1, 3]);
        for (found, expected) in probabilities.iter().zip([0.125, 0.75, 0.5, 1.0]) {
            assert!((found - expected).abs() < 1e-12, "{found}");
        }
        let above = [followed(1.0, true), Followed { log_probability: 1e-7, is_greedy: true }];
        assert_eq!(
            super::tests::targets(&[0, 0], &[true; 2]).joined(&above, 3).unwrap().probabilities,
            [1.0]
        );
    }

    #[test]
    fn what_is_no_number_is_told_with_its_example() {
        let error = targets(&[0, 1], &[true; 2]).joined(&[followed(0.5, true), followed(-1.0, true)], 3);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("step 3") && error.contains("train:1"), "{error}");
    }

    #[test]
    fn a_key_is_of_what_is_read_and_written() {
        let task = Task::ner(Schema::conll03(), Mode::Fixed);
        let mut example = Example::new(["Ann", "left"]);
        let plain = key(&task, &example).unwrap();
        example.id = "another".to_owned();
        assert_eq!(key(&task, &example).unwrap(), plain);
        example.entities.push(Entity::new("PER", 0, 1));
        assert_ne!(key(&task, &example).unwrap(), plain);
    }
}
