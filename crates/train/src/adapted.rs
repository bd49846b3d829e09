//! A saved adapter on top of its base model, ready to use.

use burn::tensor::Device;
use burn::train::Interrupter;
use fishdip_peft::{Adaptable, Adapter};
use fishdip_t5::{HubCache, Precision, T5, Tokenizer};
use fishdip_tasks::{Schema, Task};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

use crate::base::Base;
use crate::config::{DataConfig, EvaluationConfig, TaskConfig};
use crate::evaluate::Predictor;
use crate::event::{Event, Observer};
use crate::{Error, RunConfig};

/// What a run leaves in `adapter_config.json` for later use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunInfo {
    /// The task; its labels are written out.
    pub task: TaskConfig,
    /// The data that the adapter was trained on.
    pub data: DataConfig,
    /// How outputs are decoded.
    pub evaluation: EvaluationConfig,
    /// The float type that the model computed in.
    #[serde(default)]
    pub dtype: Precision,
}

impl RunInfo {
    pub(crate) fn new(config: &RunConfig, schema: &Schema) -> Self {
        Self {
            task: config.task.with_labels(schema),
            data: config.data.clone(),
            evaluation: config.evaluation.clone(),
            dtype: config.model.dtype,
        }
    }

    /// Refuses numbers that would be divided by, or that so much memory would be taken for.
    fn check(&self) -> Result<(), String> {
        let Self { data, evaluation, .. } = self;
        let numbers = [
            ("evaluation.batch_size", evaluation.batch_size, 1, 1 << 16),
            ("evaluation.batch_pieces", evaluation.batch_pieces, 1, 1 << 24),
            ("evaluation.max_output_pieces", evaluation.max_output_pieces, 1, 1 << 20),
            ("evaluation.beams", evaluation.beams, 1, 1 << 10),
            ("evaluation.draft", evaluation.draft, 0, 1 << 16),
            ("data.max_source_pieces", data.max_source_pieces, 1, 1 << 20),
            ("data.max_target_pieces", data.max_target_pieces, 1, 1 << 20),
        ];
        for (key, value, least, most) in numbers {
            if !(least..=most).contains(&value) {
                return Err(format!("`run.{key}` is {value}; it must be from {least} to {most}"));
            }
        }
        Ok(())
    }
}

/// A base model with an adapter merged in.
#[derive(Debug)]
pub struct AdaptedModel {
    /// The adapter folder.
    pub folder: PathBuf,
    /// What the run left.
    pub info: RunInfo,
    /// The task.
    pub task: Task,
    /// What a user should know of the adapter.
    pub notes: Vec<String>,
    base: PathBuf,
    model: T5,
    tokenizer: Tokenizer,
    device: Device,
}

impl AdaptedModel {
    /// Loads the adapter folder `folder` on `device` (without autodiff). `base` is the base model's folder or name, where it is not the
    /// one that the adapter names; a name is looked for in `hub`.
    pub fn load(folder: &Path, base: Option<&Path>, hub: &HubCache, device: &Device) -> Result<Self, Error> {
        let adapter = Adapter::load(folder)?;
        let damaged = |reason: String| fishdip_peft::Error::Damaged {
            path: folder.join("adapter_config.json"),
            reason,
        };
        let info: RunInfo =
            serde_json::from_value(adapter.config.run.clone()).map_err(|e| damaged(e.to_string()))?;
        info.check().map_err(damaged)?;
        let base = hub.model_folder(base.unwrap_or(Path::new(&adapter.config.base_model_name_or_path)))?;
        let Base { folder: base, mut model, tokenizer, .. } =
            Base::load(base, info.dtype, device, Some(&adapter.config))?;
        let entries = model.entries();
        if entries != adapter.config.entries_total {
            let reason = format!(
                "it is for a model of {} entries, this one has {entries}",
                adapter.config.entries_total
            );
            return Err(fishdip_peft::Error::Mismatch { reason }.into());
        }
        adapter.delta.apply(&mut model)?;
        let task = info.task.build([])?;
        let notes = adapter.config.note().map(|note| format!("{}: {note}", folder.display()));
        let notes = notes.into_iter().collect();
        Ok(Self { folder: folder.into(), info, task, notes, base, model, tokenizer, device: device.clone() })
    }

    /// Tells the notes.
    pub(crate) fn tell(&self, observer: &mut dyn Observer) {
        for note in &self.notes {
            observer.event(&Event::Warning { message: note.clone() });
        }
    }

    /// Writes the model with the adapter merged into the folder `dir`, which must not exist, as a plain Hugging Face T5 folder. The base model's
    /// tokenizer goes with it.
    pub fn save_merged(&self, dir: &Path) -> Result<(), Error> {
        self.model.save(dir)?;
        for name in ["tokenizer.json", "tokenizer_config.json", "spiece.model", "special_tokens_map.json"] {
            let (from, to) = (self.base.join(name), dir.join(name));
            if from.exists() {
                std::fs::copy(&from, &to).map_err(|source| Error::Io {
                    action: "write",
                    path: to,
                    source,
                })?;
            }
        }
        Ok(())
    }

    pub(crate) fn predictor<'a>(&'a self, interrupter: &'a Interrupter) -> Result<Predictor<'a>, Error> {
        let RunInfo { data, evaluation, .. } = &self.info;
        let model = (&self.model, &self.tokenizer);
        Predictor::new(model, &self.task, &self.device, data, evaluation, interrupter)
    }
}
