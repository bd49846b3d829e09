//! The adapter folder: `adapter_config.json`, `adapter_model.safetensors` and `README.md`, as Hugging Face PEFT lays
//! them out.
//!
//! The config keeps the BLAKE3 hash of the tensors file and one of itself, so that no damaged bit of either is taken for a value. Folders that
//! were written before have no hashes; they are read all the same, and [`AdapterConfig::note`] says what could not be checked.

mod hash;

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

use crate::atomic::replace_file;
use crate::{AtomicFolder, Error, SparseDelta, WriteError, read_file};

const CONFIG: &str = "adapter_config.json";
const TENSORS: &str = "adapter_model.safetensors";
const README: &str = "README.md";

/// Bytes of a config, which may hold the ontology of a dialogue task.
const LARGEST_CONFIG: u64 = 64 << 20;

/// `adapter_config.json`. Hashes are BLAKE3, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdapterConfig {
    /// Always `FISH_DIP`.
    pub peft_type: String,
    /// The base model's folder or name.
    pub base_model_name_or_path: String,
    /// Hash of the base model's tensors: the values only mean something on top of that very model.
    pub base_model_hash: String,
    /// Hash of what the base model's config says of its computation. Absent in older adapters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_config_hash: Option<String>,
    /// Hash of the base model's tokenizer file. Absent in older adapters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_tokenizer_hash: Option<String>,
    /// How many entries the base model has.
    pub entries_total: usize,
    /// How many entries the adapter replaces.
    pub entries_replaced: usize,
    /// Hash of the tensors file; [`Adapter::save`] fills it in. Absent in older adapters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tensors_hash: Option<String>,
    /// Hash of the config itself without this key; filled in where the config is written. Absent in older adapters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_hash: Option<String>,
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
        self.write(dir, readme, AtomicFolder::create)
    }

    /// The same in the place of what is there, which stays until the new folder is whole.
    pub fn replace(&self, dir: &Path, readme: &str) -> Result<(), Error> {
        self.write(dir, readme, AtomicFolder::replace)
    }

    /// Where the folder `dir` has its values.
    pub fn tensors_path(dir: &Path) -> PathBuf {
        dir.join(TENSORS)
    }

    fn write(
        &self,
        dir: &Path,
        readme: &str,
        begin: fn(&Path) -> Result<AtomicFolder, WriteError>,
    ) -> Result<(), Error> {
        if let Some(tensor) = self.delta.not_finite() {
            return Err(Error::NonFinite { what: "a trained value", tensor: tensor.into() });
        }
        let damaged = |reason| Error::Damaged { path: dir.join(TENSORS), reason };
        let tensors = self.delta.to_bytes().map_err(damaged)?;
        let tensors_hash = Some(blake3::hash(&tensors).to_hex().to_string());
        let config = AdapterConfig { tensors_hash, ..self.config.clone() }.to_bytes(&dir.join(CONFIG))?;

        let folder = begin(dir)?;
        for (name, bytes) in [(TENSORS, &tensors[..]), (CONFIG, &config), (README, readme.as_bytes())] {
            folder.write(name, bytes)?;
        }
        Ok(folder.commit()?)
    }

    /// Reads the folder `dir` and checks its hashes.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        let config = AdapterConfig::load(dir)?;
        let damaged = |reason| Error::Damaged { path: dir.join(TENSORS), reason };
        let tensors = read(&dir.join(TENSORS), u64::MAX)?;
        // Before anything is read from the bytes: a flipped bit most often leaves a file that can be read, with another
        // value.
        if let Some(hash) = &config.tensors_hash
            && *hash != *blake3::hash(&tensors).to_hex()
        {
            let reason = format!(
                "it is not the file that {CONFIG} was written for (`tensors_hash` differs); {}",
                hash::ADVICE
            );
            return Err(damaged(reason));
        }
        let delta = SparseDelta::from_bytes(&tensors).map_err(damaged)?;
        if let Some(tensor) = delta.not_finite() {
            return Err(damaged(format!("`{tensor}` holds a value that is NaN or infinite")));
        }
        if delta.entries() != config.entries_replaced {
            let reason = format!("{} entries, {CONFIG} says {}", delta.entries(), config.entries_replaced);
            return Err(damaged(reason));
        }
        Ok(Self { config, delta })
    }
}

impl AdapterConfig {
    /// Reads the config of the adapter folder `dir` and checks its own hash.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(CONFIG);
        let bytes = read(&path, LARGEST_CONFIG)?;
        let damaged = |reason| Error::Damaged { path: path.clone(), reason };
        // Before the fields are read, so that a damaged key is called damage and not an unknown key.
        hash::check(&bytes).map_err(damaged)?;
        let config: Self = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        if config.peft_type == "FISH_DIP" {
            return Ok(config);
        }
        Err(damaged(format!("peft_type is {:?}; this build reads FISH_DIP", config.peft_type)))
    }

    /// Writes the config of the existing adapter folder `dir` anew, with its hash. The file is replaced at once.
    pub fn replace(&self, dir: &Path) -> Result<(), Error> {
        let path = dir.join(CONFIG);
        Ok(replace_file(&path, &self.to_bytes(&path)?)?)
    }

    /// What a user should know of an adapter whose damage cannot be noticed, as older ones are.
    pub fn note(&self) -> Option<String> {
        let hashes = [
            (&self.tensors_hash, "its values"),
            (&self.config_hash, "its config"),
            (&self.base_config_hash, "the config of its base model"),
            (&self.base_tokenizer_hash, "the tokenizer of its base model"),
        ];
        let absent: Vec<&str> =
            hashes.into_iter().filter(|(hash, _)| hash.is_none()).map(|(_, what)| what).collect();
        (!absent.is_empty()).then(|| {
            format!(
                "the adapter keeps no hash of {}, so that damage to them cannot be noticed",
                absent.join(", of ")
            )
        })
    }

    /// The file's content for `path`, with the hash.
    fn to_bytes(&self, path: &Path) -> Result<Vec<u8>, Error> {
        let damaged = |e: serde_json::Error| Error::Damaged { path: path.into(), reason: e.to_string() };
        // A hash cannot cover itself, so it is taken of the config without its key.
        let mut config = Self { config_hash: None, ..self.clone() };
        let bytes = serde_json::to_vec_pretty(&config).map_err(damaged)?;
        config.config_hash = Some(hash::of(&bytes).map_err(damaged)?);
        serde_json::to_vec_pretty(&config).map_err(damaged)
    }
}

fn read(path: &Path, at_most: u64) -> Result<Vec<u8>, Error> {
    read_file(path, at_most).map_err(|source| Error::Read { path: path.into(), source })
}
