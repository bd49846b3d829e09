//! A saved adapter on top of its base model, ready to use.

use fishdip_tasks::Task;
use std::path::{Path, PathBuf};

use crate::adapters::{SavedAdapter, free};
use crate::base::Base;
use crate::config::EvaluationConfig;
use crate::event::{Event, Sink};
use crate::export::write_model;
use crate::run_info::RunInfo;
use crate::{Error, Runtime, Tagger};

/// A base model with an adapter merged in.
#[derive(Debug)]
pub struct AdaptedModel {
    /// The adapter folder.
    pub folder: PathBuf,
    /// What the run left.
    pub info: RunInfo,
    /// What a user should know of the adapter.
    pub notes: Vec<String>,
    /// What answers, with scores calibrated if the adapter is.
    pub tagger: Tagger,
    base: PathBuf,
}

impl AdaptedModel {
    /// Loads the adapter folder `folder`. `base` is the base model's folder or name, where it is not the one that the adapter names.
    pub fn load(folder: &Path, base: Option<&Path>, runtime: &Runtime) -> Result<Self, Error> {
        let saved = SavedAdapter::load(folder)?;
        let Base { folder: base, mut model, tokenizer, .. } = saved.base(base, saved.info.dtype, runtime)?;
        saved.apply(&mut model)?;
        let notes = saved.note().into_iter().collect();
        let info = saved.info;
        let task = info.task.build([])?;
        let temperatures = info.calibration.as_ref().map(|calibration| calibration.temperatures.clone());
        let tagger = Tagger::new(model, tokenizer, task, &runtime.device, &info.data, &info.evaluation)?
            .with_temperatures(temperatures);
        Ok(Self { folder: folder.into(), info, notes, tagger, base })
    }

    /// The task.
    pub fn task(&self) -> &Task {
        self.tagger.task()
    }

    /// Decodes as `evaluation` says instead of as the adapter does.
    pub fn set_evaluation(&mut self, evaluation: EvaluationConfig) -> Result<(), Error> {
        self.tagger.set_evaluation(&evaluation)?;
        self.info.evaluation = evaluation;
        Ok(())
    }

    /// Tells the notes.
    pub(crate) fn tell(&self, sink: &mut dyn Sink) {
        for note in &self.notes {
            sink.event(&Event::Warning { message: note.clone() });
        }
    }

    /// Writes the model with the adapter merged into the folder `dir`, which must not exist, as a plain Hugging Face T5 folder. The base model's
    /// tokenizer goes with it. Weights are those that it computes with; [`export_merged`](crate::export_merged) keeps those of the base model's file.
    pub fn save_merged(&self, dir: &Path) -> Result<(), Error> {
        write_model(self.tagger.model(), &self.base, &free(dir)?)
    }
}
