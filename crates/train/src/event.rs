//! What a run tells while it goes on.

use fishdip_tasks::Report;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use crate::Error;

/// The version of the events that this program writes. It changes when a reader of older ones would misunderstand.
pub const EVENTS_VERSION: u32 = 1;

/// An event and when it was: a line of `events.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimedEvent<E = Event> {
    /// Seconds since the run started.
    pub at: f64,
    /// What happened.
    #[serde(flatten)]
    pub event: E,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Data and model are loaded.
    Started {
        /// [`EVENTS_VERSION`]; 0 in files from before there was one.
        #[serde(default)]
        version: u32,
        /// The run folder.
        run: PathBuf,
        /// The task.
        task: String,
        /// The backend.
        backend: String,
        /// Hash of the resolved config.
        config_hash: String,
        /// Hash of the base model's tensors.
        base_model_hash: String,
        /// Examples trained on.
        train_examples: usize,
        /// What the model sees of them: each window of a longer one is one.
        #[serde(default)]
        train_windows: usize,
        /// Examples scored.
        eval_examples: usize,
        /// Entries of the model, with those that the method adds.
        entries_total: usize,
        /// Training steps to come.
        steps: usize,
    },
    /// There is no file to score, so a part of the training file was held out.
    HeldOut {
        /// The training file.
        file: PathBuf,
        /// Examples held out.
        examples: usize,
        /// Examples left to train on.
        left: usize,
        /// The share that was asked for.
        share: f64,
        /// The seed it was drawn with.
        seed: u64,
    },
    /// Something a user should know.
    Warning {
        /// What.
        message: String,
    },
    /// Something that one may want to know, such as how a file is read.
    Note {
        /// What.
        message: String,
    },
    /// Something that takes long goes on.
    Progress {
        /// What.
        phase: Phase,
        /// Examples done; each window of a longer one is one.
        done: usize,
        /// Examples in all; 0 where nobody knows yet.
        total: usize,
    },
    /// A batch of training examples goes through the model, to whose size the memory it takes is in proportion.
    Batch {
        /// How many.
        examples: usize,
        /// Pieces of each source, padding included.
        source_pieces: usize,
        /// Pieces of each target, padding included.
        target_pieces: usize,
    },
    /// A model was scored.
    Evaluated {
        /// Training steps it had.
        step: usize,
        /// The scores.
        report: Report,
        /// Whether they are the best of this training so far.
        #[serde(default)]
        best: bool,
        /// Seconds it took.
        seconds: f64,
    },
    /// The loss of texts that are held out of a pretraining was computed.
    HeldOutLoss {
        /// Training steps the model had.
        step: usize,
        /// The mean over the pieces that are to be written.
        loss: f64,
        /// How many texts; each block of a longer one is one.
        texts: usize,
    },
    /// What a masked entry's gradient costs on its own, in entries of a dense gradient.
    EntryCost {
        /// What was measured on this machine; nothing where the config does not ask for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        measured: Option<f64>,
        /// What layers are judged by.
        used: f64,
    },
    /// The entries to train were chosen.
    MaskChosen {
        /// Training steps before it.
        step: usize,
        /// Entries in the mask.
        entries: usize,
        /// Share of them that the previous mask did not have.
        churn: f64,
        /// The share of the hardest examples that the losses of their last training steps would have chosen too; once every
        /// example has been seen.
        recorded_agreement: Option<f64>,
        /// Examples it was chosen from.
        hard: Vec<usize>,
        /// Entries in each weight that has any.
        weights: Vec<(String, usize)>,
        /// Of these, the weights whose gradient is computed whole and then gathered: too many entries to compute each on its own.
        gathered: Vec<String>,
        /// Steps to the next choice, where a rule says so and not the config.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        every: Option<usize>,
        /// Seconds it took.
        seconds: f64,
    },
    /// An optimizer step was made.
    Step {
        /// Steps so far.
        step: usize,
        /// The batch's loss before the step.
        loss: f32,
        /// Norm of the gradient before clipping.
        gradient_norm: f32,
        /// The learning rate.
        learning_rate: f32,
        /// Seconds it took.
        seconds: f64,
    },
    /// The model was led along the target of every training example.
    Followed {
        /// Training steps it had.
        step: usize,
        /// Epochs that had ended.
        epochs: usize,
        /// The examples whose target greedy decoding would write, by their numbers.
        right: Vec<usize>,
        /// The probability that the model gives the whole target of each example.
        probabilities: Vec<f64>,
        /// Seconds it took.
        seconds: f64,
    },
    /// The smoothness of classes over what the layers make of training examples was measured.
    Smoothness {
        /// Training steps the model had.
        step: usize,
        /// The mean of the Besov indices of all layers; nothing where no layer has one.
        index: Option<f64>,
        /// Whether it is the largest of this training so far.
        best: bool,
        /// Seconds it took.
        seconds: f64,
    },
    /// Nothing got better for so many checks that the training ends here.
    StoppedEarly {
        /// Training steps made.
        step: usize,
        /// How many checks in a row have found nothing better.
        checks: usize,
    },
    /// What a training needs to go on from here was written.
    Checkpoint {
        /// Training steps made.
        step: usize,
        /// Its folder.
        folder: PathBuf,
    },
    /// A training that was ended goes on.
    Resumed {
        /// The run folder.
        run: PathBuf,
        /// Training steps that it has.
        step: usize,
        /// Training steps in all.
        steps: usize,
        /// Entries that are trained now.
        entries: usize,
    },
    /// The adapter was written.
    Saved {
        /// Its folder.
        adapter: PathBuf,
        /// Training steps it had.
        step: usize,
        /// Entries that differ from the base model, or may.
        entries: usize,
    },
}

/// What takes long beside the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Data and model are read, the data are tokenized: three parts.
    Loading,
    /// The loss of every example, by which the hard ones are found.
    Ranking,
    /// The Fisher information of the hard examples.
    Fisher,
    /// Decoding of the examples that are scored.
    Scoring,
    /// Targets of training examples that the model is led along.
    Following,
    /// What is asked for one text after another is answered.
    Answering,
}

impl Event {
    /// Whether it belongs to the record of the run. Others are for the eye: a run that was ended and went on has them at other places than
    /// one that was not, and all else must be the same.
    pub fn is_recorded(&self) -> bool {
        !matches!(
            self,
            Self::Progress { .. } | Self::Batch { .. } | Self::Checkpoint { .. } | Self::Resumed { .. }
        )
    }
}

/// Makes something of the events of a run as they happen: a file, a bar, a table.
pub trait Sink {
    /// Something happened. A sink that fails keeps its error for [`Sink::flush`]: what is shown of a training does not end it.
    fn event(&mut self, event: &Event);

    /// Makes sure that everything so far is where it belongs, and tells what failed since the last time.
    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// Makes nothing of them.
impl Sink for () {
    fn event(&mut self, _: &Event) {}
}

/// Hands every event to each of some sinks.
#[derive(Default)]
pub struct Sinks<'a>(pub Vec<&'a mut dyn Sink>);

impl Sink for Sinks<'_> {
    fn event(&mut self, event: &Event) {
        self.0.iter_mut().for_each(|sink| sink.event(event));
    }

    /// The first error; every sink is flushed.
    fn flush(&mut self) -> Result<(), Error> {
        self.0.iter_mut().map(|sink| sink.flush()).fold(Ok(()), Result::and)
    }
}

impl std::fmt::Debug for Sinks<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sinks({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let events = [
            Event::Warning { message: "a \"b\"".into() },
            Event::EntryCost { measured: None, used: 7.5 },
            Event::Step { step: 3, loss: 0.25, gradient_norm: 1.5, learning_rate: 1e-3, seconds: 0.5 },
            Event::Saved { adapter: "runs/a/adapter".into(), step: 3, entries: 10 },
        ];
        for event in events {
            let line = TimedEvent { at: 1.25, event };
            let text = serde_json::to_string(&line).unwrap();
            assert!(text.starts_with(r#"{"at":1.25,"event":""#), "{text}");
            assert_eq!(serde_json::from_str::<TimedEvent>(&text).unwrap(), line);
        }
    }

    #[test]
    fn every_sink_is_flushed_and_the_first_error_told() {
        struct Failing(usize, bool);
        impl Sink for Failing {
            fn event(&mut self, _: &Event) {
                self.0 += 1;
            }
            fn flush(&mut self) -> Result<(), Error> {
                self.0 += 10;
                if self.1 { Err(Error::Data("full".into())) } else { Ok(()) }
            }
        }
        let (mut first, mut second) = (Failing(0, true), Failing(0, false));
        let mut sinks = Sinks(vec![&mut first, &mut second]);
        sinks.event(&Event::Note { message: String::new() });
        assert_eq!(sinks.flush().unwrap_err().to_string(), "full");
        assert_eq!((first.0, second.0), (11, 11));
    }
}
