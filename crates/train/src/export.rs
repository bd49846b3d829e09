//! A model with an adapter merged in, as a plain Hugging Face folder.

use fishdip_peft::read_file;
use fishdip_t5::{Precision, T5};
use std::path::{Path, PathBuf};

use crate::adapters::{SavedAdapter, free, new_folder};
use crate::base::Base;
use crate::error::Access;
use crate::event::{Event, Sink};
use crate::{Error, Runtime};

/// What stays as the base model's folder has it, as far as it does.
const KEPT: [&str; 6] = [
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "spiece.model",
    "special_tokens_map.json",
    "added_tokens.json",
];

/// Writes the base model with the adapter in `folder` merged into it to the new folder `out`, and gives its path: `config.json`,
/// `model.safetensors`, and the base model's tokenizer and `generation_config.json`. `base` is the base model's folder or name, where it is not the
/// one that the adapter names.
pub fn export_merged(
    folder: &Path,
    base: Option<&Path>,
    out: &Path,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<PathBuf, Error> {
    let out = free(out)?;
    let saved = SavedAdapter::load(folder)?;
    // Whatever the training computed in: an entry that the adapter does not replace is to have the very value of the base model's file.
    let Base { folder: base, mut model, .. } = saved.base(base, Precision::F32, runtime)?;
    drop(saved.apply(&mut model)?);
    model.merge_additions()?;
    write_model(&model, &base, &out)?;
    if let Some(note) = saved.note() {
        sink.event(&Event::Warning { message: note });
    }
    Ok(out)
}

/// Writes `model` and what else the folder of its `base` model has to the new folder `out`.
pub(crate) fn write_model(model: &T5, base: &Path, out: &Path) -> Result<(), Error> {
    let folder = new_folder(out)?;
    model.write_to(&folder)?;
    for name in KEPT {
        let path = base.join(name);
        if path.exists() {
            let bytes = read_file(&path, u64::MAX);
            let bytes = bytes.map_err(|source| Error::Io { action: Access::Read, path, source })?;
            folder.write(name, &bytes)?;
        }
    }
    Ok(folder.commit()?)
}
