//! The adapter folder: `adapter_config.json`, `adapter_model.safetensors` and `README.md`, as Hugging Face PEFT lays
//! them out.
//!
//! The config keeps the BLAKE3 hash of the tensors file and one of itself, so that no damaged bit of either is taken for a value. Folders that
//! were written before have no hashes; they are read all the same, and [`AdapterConfig::note`] says what could not be checked.
//!
//! Where nothing but a method's own weights was trained and Python PEFT has the method (LoRA, (IA)³), the folder is one that it loads as well.

mod hash;
mod python_peft;
mod tensors;

pub use python_peft::{PythonPeft, read_python_peft};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

use crate::atomic::replace_file;
use crate::{AddedWeights, Addition, AtomicFolder, Error, SparseDelta, WriteError, read_file};

const CONFIG: &str = "adapter_config.json";
const TENSORS: &str = "adapter_model.safetensors";
const README: &str = "README.md";

/// The type of an adapter in a layout of our own.
const OWN_TYPE: &str = "FISH_DIP";

/// Bytes of a config, which may hold the ontology of a dialogue task.
const LARGEST_CONFIG: u64 = 64 << 20;

/// `adapter_config.json`. Hashes are BLAKE3, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdapterConfig {
    /// `FISH_DIP`, or what Python PEFT calls the method of an adapter that it can load; [`Adapter::save`] fills it in.
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
    /// What the method adds to the base model, if it adds anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addition: Option<Addition>,
    /// The blocks that it adds it to, by name; none if these are all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// How many entries that has.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub entries_added: usize,
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
    /// What it adds.
    pub added: AddedWeights,
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

    /// Writes the folder `dir`, which must not exist, as Python PEFT would have: what this program adds to its keys is left out.
    pub fn save_for_python(&self, dir: &Path, readme: &str) -> Result<(), Error> {
        let method = self.config.addition.as_ref().map_or("replaced entries", Addition::name);
        let (Some(peft_type), Some(addition)) = (self.peft_type(), &self.config.addition) else {
            return Err(Error::NotPython { method });
        };
        let damaged = |reason| Error::Damaged { path: dir.join(TENSORS), reason };
        let tensors = tensors::to_bytes(&self.delta, &self.added, Some(addition)).map_err(damaged)?;
        let mut keys = python_peft::keys(addition);
        keys.insert("peft_type".to_owned(), peft_type.into());
        let base = self.config.base_model_name_or_path.as_str();
        keys.insert("base_model_name_or_path".to_owned(), base.into());
        let config = serde_json::to_vec_pretty(&keys)
            .map_err(|e| Error::Damaged { path: dir.join(CONFIG), reason: e.to_string() })?;
        let folder = AtomicFolder::create(dir)?;
        for (name, bytes) in [(TENSORS, &tensors[..]), (CONFIG, &config), (README, readme.as_bytes())] {
            folder.write(name, bytes)?;
        }
        Ok(folder.commit()?)
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
        if let Some(tensor) = self.delta.not_finite().or_else(|| self.added.not_finite()) {
            return Err(Error::NonFinite { what: "a trained value", tensor: tensor.into() });
        }
        let damaged = |reason| Error::Damaged { path: dir.join(TENSORS), reason };
        let peft_type = self.peft_type();
        let addition = self.config.addition.as_ref().filter(|_| peft_type.is_some());
        let tensors = tensors::to_bytes(&self.delta, &self.added, addition).map_err(damaged)?;
        let tensors_hash = Some(blake3::hash(&tensors).to_hex().to_string());
        let peft_type = peft_type.unwrap_or(OWN_TYPE).to_owned();
        let config = AdapterConfig { peft_type, tensors_hash, ..self.config.clone() };
        let config = config.to_bytes(&dir.join(CONFIG))?;

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
        let is_peft = config.peft_type != OWN_TYPE;
        let (delta, added) = tensors::from_bytes(&tensors, is_peft).map_err(damaged)?;
        if let Some(tensor) = delta.not_finite().or_else(|| added.not_finite()) {
            return Err(damaged(format!("`{tensor}` holds a value that is NaN or infinite")));
        }
        let counts = [(delta.entries(), config.entries_replaced), (added.entries(), config.entries_added)];
        if let Some((found, said)) = counts.into_iter().find(|(found, said)| found != said) {
            return Err(damaged(format!("{found} entries, {CONFIG} says {said}")));
        }
        Ok(Self { config, delta, added })
    }

    /// What Python PEFT calls it, if it can load it.
    fn peft_type(&self) -> Option<&'static str> {
        // Python PEFT has no way to name blocks of encoder and decoder apart.
        let is_alone = self.delta.tensors.is_empty() && self.config.sites.is_empty();
        self.config.addition.as_ref().filter(|_| is_alone).and_then(python_peft::type_of)
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
        let mut keys: Map<String, Value> =
            serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        if !keys.contains_key("run") && keys.contains_key("peft_type") {
            return Err(damaged(
                "it is of Python PEFT, which keeps no task and no labels; `fishdip adapter import` makes an adapter of it".to_owned(),
            ));
        }
        // Those for Python PEFT say again what `addition` says.
        let addition = keys.get("addition").cloned().map(serde_json::from_value::<Addition>);
        if let Some(Ok(addition)) = &addition
            && python_peft::type_of(addition)
                .is_some_and(|own| keys.get("peft_type").is_some_and(|of| of == own))
        {
            for (key, said) in python_peft::keys(addition) {
                // 16 and 16.0 are one number.
                let is_said =
                    |found: &Value| *found == said || (found.is_number() && found.as_f64() == said.as_f64());
                if let Some(found) = keys.remove(&key).filter(|found| !is_said(found)) {
                    return Err(damaged(format!(
                        "`{key}` is {found}, and `addition` says {said}: a method is written twice there, for Python PEFT as well; change both"
                    )));
                }
            }
        }
        let config: Self = serde_json::from_value(keys.into()).map_err(|e| damaged(e.to_string()))?;
        let own = config.addition.as_ref().and_then(python_peft::type_of);
        if config.peft_type == OWN_TYPE || own == Some(config.peft_type.as_str()) {
            return Ok(config);
        }
        Err(damaged(format!(
            "peft_type is {:?}; this build reads {OWN_TYPE}, LORA and IA3",
            config.peft_type
        )))
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
        config.config_hash = Some(hash::of(&config.text().map_err(damaged)?).map_err(damaged)?);
        config.text().map_err(damaged)
    }

    /// As JSON, with the keys that Python PEFT looks for if the adapter is one for it.
    fn text(&self) -> Result<Vec<u8>, serde_json::Error> {
        match &self.addition {
            Some(addition) if self.peft_type != OWN_TYPE => {
                let mut keys = python_peft::keys(addition);
                if let Value::Object(own) = serde_json::to_value(self)? {
                    keys.extend(own);
                }
                serde_json::to_vec_pretty(&keys)
            }
            _ => serde_json::to_vec_pretty(self),
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn read(path: &Path, at_most: u64) -> Result<Vec<u8>, Error> {
    read_file(path, at_most).map_err(|source| Error::Read { path: path.into(), source })
}
