//! A base model as it lies in a folder, and the hashes by which an adapter knows it again.

use burn::tensor::Device;
use fishdip_peft::AdapterConfig;
use fishdip_t5::{Precision, T5, T5Config, TensorFiles, Tokenizer};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::{Access, Error, RunConfig, Runtime};

/// A base model and its tokenizer.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) folder: PathBuf,
    pub(crate) model: T5,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) hashes: Hashes,
}

/// BLAKE3 hashes of what decides the output of a base model, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hashes {
    /// Of the tensor files, one after the other.
    pub(crate) tensors: String,
    /// Of the [identity](T5Config::identity) of the config.
    pub(crate) config: String,
    /// Of the tokenizer's file; of nothing for a model that needs none.
    pub(crate) tokenizer: String,
}

impl Base {
    /// That which `config` names, which has to be that of `adapter` if there is one.
    pub(crate) fn of(
        config: &RunConfig,
        runtime: &Runtime,
        adapter: Option<&AdapterConfig>,
    ) -> Result<Self, Error> {
        let folder = runtime.hub.model_folder(&config.model.path)?;
        Self::load(folder, config.model.dtype, &runtime.device, adapter)
    }

    /// Loads the folder `folder` on `device` (without autodiff). With an `adapter`, what the folder holds has to be what the adapter was
    /// trained on.
    pub(crate) fn load(
        folder: PathBuf,
        precision: Precision,
        device: &Device,
        adapter: Option<&AdapterConfig>,
    ) -> Result<Self, Error> {
        let config = T5Config::read(&folder.join("config.json"))?;
        let files = TensorFiles::read(&folder)?;
        let tokenizer = Tokenizer::load(&folder, &config)?;
        let mut tensors = blake3::Hasher::new();
        for bytes in files.contents() {
            tensors.update(bytes);
        }
        let hashes = Hashes {
            tensors: tensors.finalize().to_hex().to_string(),
            config: blake3::hash(config.identity().as_bytes()).to_hex().to_string(),
            tokenizer: hash_of_file(tokenizer.file())?,
        };
        if let Some(adapter) = adapter {
            hashes.check(adapter, &folder, tokenizer.file())?;
        }
        let model = T5::from_files(config, &files, precision, device)?;
        Ok(Self { folder, model, tokenizer, hashes })
    }
}

/// The tokenizer of the base model that `config` names, without its tensors.
pub(crate) fn tokenizer_of(config: &RunConfig, runtime: &Runtime) -> Result<Tokenizer, Error> {
    let folder = runtime.hub.model_folder(&config.model.path)?;
    let config = T5Config::read(&folder.join("config.json"))?;
    Ok(Tokenizer::load(&folder, &config)?)
}

impl Hashes {
    /// Refuses a base model other than that of `adapter`, as far as the adapter knows it, and says what differs.
    pub(crate) fn check(
        &self,
        adapter: &AdapterConfig,
        folder: &Path,
        tokenizer: Option<&Path>,
    ) -> Result<(), Error> {
        let name = tokenizer.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let parts = [
            (Some(&adapter.base_model_hash), &self.tensors, "tensors".to_owned()),
            (adapter.base_config_hash.as_ref(), &self.config, "config.json".to_owned()),
            (
                adapter.base_tokenizer_hash.as_ref(),
                &self.tokenizer,
                name.map_or("tokenizer, of which there is no file".to_owned(), |name| {
                    format!("tokenizer ({name})")
                }),
            ),
        ];
        let differs = parts.into_iter().filter(|(kept, own, _)| kept.is_some_and(|kept| kept != *own));
        let differs: Vec<String> = differs.map(|(_, _, part)| part).collect();
        if differs.is_empty() {
            return Ok(());
        }
        let reason = format!(
            "it was trained on another model than {}: other {}; name the folder of its own base model (--model; model.path of a run), or fetch that one anew if \
             it was changed or damaged",
            folder.display(),
            differs.join(", other ")
        );
        Err(fishdip_peft::Error::Mismatch { reason }.into())
    }
}

fn hash_of_file(path: Option<&Path>) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    if let Some(path) = path {
        let read = File::open(path).and_then(|file| hasher.update_reader(file).map(drop));
        read.map_err(|source| Error::Io { action: Access::Read, path: path.into(), source })?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}
