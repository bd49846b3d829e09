//! What can go wrong with a model folder or a tokenizer.

use std::fmt::Write as _;
use std::path::PathBuf;

use fishdip_peft::WriteError;

/// Errors of loading and using a model.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What a method adds does not fit the model, or cannot be made a part of it.
    #[error("{reason}")]
    Addition {
        /// What does not fit, and what to do.
        reason: String,
    },
    /// A file of the model folder cannot be read.
    #[error(
        "failed to read {path}: {source}; a model folder holds config.json, model.safetensors (or several with model.safetensors.index.json, or pytorch_model.bin) and tokenizer.json or spiece.model"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file or folder cannot be written.
    #[error("failed to write {path}: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not what its name says.
    #[error("{path} is damaged or not what its name says: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// `config.json` describes a model that is not supported.
    #[error("{path}: `{key}` is {value}; {expected}")]
    Config {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is supported.
        expected: String,
    },
    /// Tensors the model needs are not in the file.
    #[error("{path} lacks {} of the model's tensors: {}", names.len(), list(names))]
    Missing {
        /// The file.
        path: PathBuf,
        /// The tensors.
        names: Vec<String>,
    },
    /// The file holds tensors that the model has no place for.
    #[error("{path} holds {} tensors the model has no place for: {}; does config.json belong to it?", names.len(), list(names))]
    Unexpected {
        /// The file.
        path: PathBuf,
        /// The tensors.
        names: Vec<String>,
    },
    /// A tensor has another shape than `config.json` says.
    #[error("{path}: `{name}` has shape {found:?}, config.json asks for {expected:?}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape the model needs.
        expected: Vec<usize>,
    },
    /// A tensor is stored in a type that cannot be read.
    #[error("{path}: `{name}` is stored as {dtype}; f32, bf16 and f16 can be read")]
    Dtype {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its type.
        dtype: String,
    },
    /// A value of a tensor is NaN or infinite.
    #[error(
        "{path}: `{name}` holds a value that is {value}: the file is damaged, or the training that it comes from failed"
    )]
    NonFinite {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// `NaN` or infinite.
        value: f32,
    },
    /// The tokenizer can give ids that the embedding has no row for.
    #[error("{path} has {pieces} pieces, the model's embedding {rows} rows: they do not belong together")]
    TokenizerTooLarge {
        /// The tokenizer.
        path: PathBuf,
        /// Its size.
        pieces: usize,
        /// Rows of the embedding.
        rows: usize,
    },
    /// A model that is named as on the hub is not in the hub's cache.
    #[error(
        "no folder is called {name}, and in the Hugging Face cache {cache} {reason}; where there is a network, `cargo xtask fetch {name}` downloads it"
    )]
    NotInHubCache {
        /// The name.
        name: String,
        /// The cache.
        cache: PathBuf,
        /// What was found.
        reason: &'static str,
    },
    /// f16 was asked for.
    #[error(
        "T5 cannot compute in f16: its activations grow beyond 65504, the largest f16 number, and become infinite; use f32, or bf16 where the device has it"
    )]
    Float16,
    /// bf16 was asked for, and the device has none.
    #[error("the device {device} cannot compute in bf16; use f32")]
    NoBfloat16 {
        /// The device.
        device: String,
    },
    /// The tokenizer failed on a text.
    #[error("the tokenizer failed on {text:?}: {reason}")]
    Tokenize {
        /// The text, shortened.
        text: String,
        /// What it said.
        reason: String,
    },
}

/// The first names, and how many more there are.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut text = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        let _ = write!(text, " and {} more", names.len() - SHOWN);
    }
    text
}

impl From<WriteError> for Error {
    fn from(WriteError { path, source }: WriteError) -> Self {
        Self::Write { path, source }
    }
}
