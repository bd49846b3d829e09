//! The adapter folder: `adapter_config.json`, `adapter_model.safetensors` and `README.md`, as Hugging Face PEFT lays
//! them out.

use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::{Error, SparseDelta};

const CONFIG: &str = "adapter_config.json";
const TENSORS: &str = "adapter_model.safetensors";
const README: &str = "README.md";

/// `adapter_config.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdapterConfig {
    /// Always `FISH_DIP`.
    pub peft_type: String,
    /// The base model's folder or name.
    pub base_model_name_or_path: String,
    /// Hash of the base model's tensors: the values only mean something on top of that very model.
    pub base_model_hash: String,
    /// How many entries the base model has.
    pub entries_total: usize,
    /// How many entries the adapter replaces.
    pub entries_replaced: usize,
    /// What the trainer needs to use the adapter again: the task, its labels, lengths.
    pub run: serde_json::Value,
}

/// A trained adapter.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapter {
    /// What it belongs to.
    pub config: AdapterConfig,
    /// What it changes.
    pub delta: SparseDelta,
}

impl Adapter {
    /// Writes the folder `dir`, which must not exist. It appears whole or not at all. `readme` is Markdown.
    pub fn save(&self, dir: &Path, readme: &str) -> Result<(), Error> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { action: "write", path, source }
        };
        let damaged = |reason| Error::Damaged { path: dir.join(TENSORS), reason };
        let tensors = self.delta.to_bytes().map_err(damaged)?;
        let config = serde_json::to_vec_pretty(&self.config).map_err(|e| damaged(e.to_string()))?;

        let mut scratch = dir.as_os_str().to_owned();
        scratch.push(".tmp");
        let scratch = PathBuf::from(scratch);
        if scratch.exists() {
            fs::remove_dir_all(&scratch).map_err(at(&scratch))?;
        }
        fs::create_dir_all(&scratch).map_err(at(&scratch))?;
        for (name, bytes) in [(TENSORS, &tensors[..]), (CONFIG, &config), (README, readme.as_bytes())] {
            let path = scratch.join(name);
            let mut file = File::create(&path).map_err(at(&path))?;
            file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(&path))?;
        }
        fs::rename(&scratch, dir).map_err(at(dir))
    }

    /// Reads the folder `dir`.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        let read = |name: &str| {
            let path = dir.join(name);
            fs::read(&path).map_err(|source| Error::Io { action: "read", path, source })
        };
        let damaged = |name: &str, reason| Error::Damaged { path: dir.join(name), reason };
        let config = AdapterConfig::load(dir)?;
        let delta = SparseDelta::from_bytes(&read(TENSORS)?).map_err(|e| damaged(TENSORS, e))?;
        if delta.entries() != config.entries_replaced {
            let reason = format!("{} entries, {CONFIG} says {}", delta.entries(), config.entries_replaced);
            return Err(damaged(TENSORS, reason));
        }
        Ok(Self { config, delta })
    }
}

impl AdapterConfig {
    /// Reads the config of the adapter folder `dir`.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(CONFIG);
        let text =
            fs::read(&path).map_err(|source| Error::Io { action: "read", path: path.clone(), source })?;
        let damaged = |reason| Error::Damaged { path: path.clone(), reason };
        let config: Self = serde_json::from_slice(&text).map_err(|e| damaged(e.to_string()))?;
        if config.peft_type == "FISH_DIP" {
            return Ok(config);
        }
        Err(damaged(format!("peft_type is {:?}; this build reads FISH_DIP", config.peft_type)))
    }

    /// Writes the config of the existing adapter folder `dir` anew. The file is replaced at once.
    pub fn replace(&self, dir: &Path) -> Result<(), Error> {
        let path = dir.join(CONFIG);
        let scratch = dir.join(format!("{CONFIG}.tmp"));
        let text = serde_json::to_vec_pretty(self)
            .map_err(|e| Error::Damaged { path: path.clone(), reason: e.to_string() })?;
        let write = || {
            let mut file = File::create(&scratch)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&scratch, &path)
        };
        write().map_err(|source| Error::Io { action: "write", path: path.clone(), source })
    }
}
