//! `tokenizer.json`, the file of Hugging Face's `tokenizers`. What comes after the cut in it (padding, templates, the decoder) is not used.

use serde::Deserialize;
use serde_json::Value;

use super::parts::{Added, Parts};
use super::{NO_UNIGRAM, stages};

#[derive(Deserialize)]
struct File {
    #[serde(default = "version")]
    version: String,
    #[serde(default)]
    added_tokens: Vec<Added>,
    #[serde(default)]
    normalizer: Option<Value>,
    #[serde(default)]
    pre_tokenizer: Option<Value>,
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: Vec<(String, f32)>,
    #[serde(default)]
    unk_id: Option<usize>,
    #[serde(default)]
    byte_fallback: bool,
}

/// The file as far as it tells the kind of model, whose vocabulary has a form of its own.
#[derive(Deserialize)]
struct Outline {
    model: Kind,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn version() -> String {
    "1.0".into()
}

/// Reads the content of a file.
pub(super) fn read(bytes: &[u8]) -> Result<Parts, String> {
    let outline: Outline = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if outline.model.kind.is_some_and(|kind| kind != "Unigram") {
        return Err(NO_UNIGRAM.into());
    }
    let File { version, added_tokens: added, normalizer, pre_tokenizer, model } =
        serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if version != "1.0" {
        return Err(format!("it is of version {version:?}; \"1.0\" can be read"));
    }
    let Model { vocab: vocabulary, unk_id: unknown, byte_fallback } = model;
    let normalizer = normalizer.map(stages::normalizer).transpose()?;
    let pre_tokenizer = pre_tokenizer.map(stages::pre_tokenizer).transpose()?;
    Ok(Parts { vocabulary, unknown, byte_fallback, normalizer, pre_tokenizer, added })
}
