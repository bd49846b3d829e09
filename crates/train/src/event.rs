//! What a run tells while it goes on.

use fishdip_tasks::Report;
use serde::Serialize;
use std::path::PathBuf;

/// Something that happened. In `events.jsonl` each is one line, with the seconds since the start as `at`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Data and model are loaded.
    Started {
        /// The run folder.
        run: PathBuf,
        /// The task.
        task: &'static str,
        /// The backend.
        backend: String,
        /// Hash of the resolved config.
        config_hash: String,
        /// Hash of the base model's tensors.
        base_model_hash: String,
        /// Examples trained on; each window of a longer one is one.
        train_examples: usize,
        /// Examples scored.
        eval_examples: usize,
        /// Entries of the model.
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
    /// Examples are being decoded.
    Evaluating {
        /// Examples done; each window of a longer one is one.
        done: usize,
        /// Examples in all.
        total: usize,
    },
    /// A model was scored.
    Evaluated {
        /// Training steps it had.
        step: usize,
        /// The scores.
        report: Report,
        /// Seconds it took.
        seconds: f64,
    },
    /// What a masked entry's gradient costs on its own was measured, in entries of a dense gradient.
    EntryCost {
        /// What was measured.
        measured: f64,
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

/// Sees the events of a run as they happen.
pub trait Observer {
    /// Something happened.
    fn event(&mut self, event: &Event);
}

/// Sees nothing.
impl Observer for () {
    fn event(&mut self, _: &Event) {}
}
