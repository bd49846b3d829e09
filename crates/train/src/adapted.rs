//! A saved adapter on top of its base model, ready to use.

use burn::tensor::Device;
use burn::train::Interrupter;
use fishdip_peft::Adapter;
use fishdip_t5::{HubCache, Precision, T5, TensorFiles, Tokenizer};
use fishdip_tasks::{Schema, Task};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

use crate::calibrate::ScoreCalibration;
use crate::config::{DataConfig, EvaluationConfig, TaskConfig};
use crate::evaluate::Predictor;
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
    /// What makes probabilities of scores, once it was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<ScoreCalibration>,
}

impl RunInfo {
    pub(crate) fn new(config: &RunConfig, schema: &Schema) -> Self {
        Self {
            task: config.task.with_labels(schema),
            data: config.data.clone(),
            evaluation: config.evaluation.clone(),
            dtype: config.model.dtype,
            calibration: None,
        }
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
        let base = hub.model_folder(base.unwrap_or(Path::new(&adapter.config.base_model_name_or_path)))?;
        let hash = base_model_hash(&base)?;
        if hash != adapter.config.base_model_hash {
            let reason = format!("it was trained on another model than {}", base.display());
            return Err(fishdip_peft::Error::Mismatch { reason }.into());
        }
        let mut model = T5::load(&base, info.dtype, device)?;
        adapter.delta.apply(&mut model)?;
        let tokenizer = Tokenizer::load(&base, model.config())?;
        let task = info.task.build([])?;
        Ok(Self { folder: folder.into(), info, task, base, model, tokenizer, device: device.clone() })
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
        let RunInfo { data, evaluation, calibration, .. } = &self.info;
        let model = (&self.model, &self.tokenizer);
        let predictor = Predictor::new(model, &self.task, &self.device, data, evaluation, interrupter)?;
        Ok(predictor.with_temperatures(calibration.as_ref().map(|c| &c.temperatures)))
    }
}

/// The BLAKE3 hash of the model's tensor files, one after the other.
pub(crate) fn base_model_hash(folder: &Path) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    for bytes in TensorFiles::read(folder)?.contents() {
        hasher.update(bytes);
    }
    Ok(hasher.finalize().to_hex().to_string())
}
