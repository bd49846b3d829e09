//! A saved adapter on top of its base model, ready to use.

use fishdip_peft::SparseDelta;
use fishdip_t5::{T5, Tokenizer};
use fishdip_tasks::Task;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::adapters::{SavedAdapter, free};
use crate::base::{Base, Hashes};
use crate::config::EvaluationConfig;
use crate::event::{Event, Sink};
use crate::export::write_model;
use crate::run_info::RunInfo;
use crate::{Error, Runtime, Tagger};

/// A base model with an adapter in it.
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
    hashes: Hashes,
    /// What gives the base model's values back, unless that is too much.
    undo: Option<SparseDelta>,
}

impl AdaptedModel {
    /// Loads the adapter folder `folder`, of a run that has learned a task. `base` is the base model's folder or name, where it is not the one that the adapter names.
    pub fn load(folder: &Path, base: Option<&Path>, runtime: &Runtime) -> Result<Self, Error> {
        let saved = SavedAdapter::load(folder)?;
        saved.check_trained()?;
        let Base { folder: base, model, tokenizer, hashes } = saved.base(base, saved.info.dtype, runtime)?;
        Self::new(saved, (base, hashes), model, tokenizer, runtime)
    }

    /// The same base model with the adapter in `folder` instead; `base` as in [`AdaptedModel::load`]. Where that is another base model or float type,
    /// it is loaded. What the base model computes is the same to the bit as if it had been.
    pub fn exchange(self, folder: &Path, base: Option<&Path>, runtime: &Runtime) -> Result<Self, Error> {
        let saved = SavedAdapter::load(folder)?;
        saved.check_trained()?;
        let is_same = saved.info.dtype == self.info.dtype && saved.base_folder(base, runtime)? == self.base;
        let Self { tagger, base: own, hashes, undo, .. } = self;
        let Some(undo) = undo.filter(|_| is_same) else {
            // Two models need not be in memory at once.
            drop(tagger);
            return Self::load(folder, base, runtime);
        };
        let base = own;
        let (mut model, tokenizer) = tagger.into_model();
        hashes.check(saved.config(), &base, tokenizer.file())?;
        model.remove_additions();
        undo.apply(&mut model)?;
        saved.check_entries(&model)?;
        Self::new(saved, (base, hashes), model, tokenizer, runtime)
    }

    fn new(
        saved: SavedAdapter,
        (base, hashes): (PathBuf, Hashes),
        mut model: T5,
        tokenizer: impl Into<Arc<Tokenizer>>,
        runtime: &Runtime,
    ) -> Result<Self, Error> {
        let undo = saved.apply(&mut model)?;
        let notes = saved.note().into_iter().collect();
        let (folder, info) = (saved.folder, saved.info);
        let task = info.task.build([])?;
        let temperatures = info.calibration.as_ref().map(|calibration| calibration.temperatures.clone());
        let tagger = Tagger::new(model, tokenizer, task, &runtime.device, &info.data, &info.evaluation)?
            .with_temperatures(temperatures);
        Ok(Self { folder, info, notes, tagger, base, hashes, undo })
    }

    /// The folders that it was read from: that of the adapter and that of the base model.
    pub fn folders(&self) -> [&Path; 2] {
        [&self.folder, &self.base]
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
