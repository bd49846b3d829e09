//! The tensor files of a model folder: one, or several with an index.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::Error;

pub(crate) const SINGLE: &str = "model.safetensors";
/// A file of all tensors, and the index of several; what comes first is preferred.
const LAYOUTS: [(&str, &str); 2] =
    [(SINGLE, "model.safetensors.index.json"), ("pytorch_model.bin", "pytorch_model.bin.index.json")];

/// The content of `model.safetensors`, or of the files that `model.safetensors.index.json` names, in the order of their names; where neither
/// is there, of `pytorch_model.bin` and `pytorch_model.bin.index.json` in the same way.
#[derive(Debug)]
pub struct TensorFiles {
    /// What messages about the whole name.
    pub(crate) path: PathBuf,
    pub(crate) files: Vec<(PathBuf, Vec<u8>)>,
    /// The file of each tensor, where there is an index.
    pub(crate) index: BTreeMap<String, PathBuf>,
}

/// What Hugging Face writes beside the files of a large model.
#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

impl TensorFiles {
    /// Reads those of the folder `dir`. Where there is a single file, an index is not looked at.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let layouts = LAYOUTS.map(|(single, index)| (dir.join(single), dir.join(index)));
        let there = layouts.iter().find(|(single, index)| single.exists() || index.exists());
        let (single, path) = there.unwrap_or(&layouts[0]).clone();
        if single.exists() || !path.exists() {
            let bytes = read(&single)?;
            return Ok(Self { path: single.clone(), files: vec![(single, bytes)], index: BTreeMap::new() });
        }
        let damaged = |reason: String| Error::Damaged { path: path.clone(), reason };
        let Index { weight_map } =
            serde_json::from_slice(&read(&path)?).map_err(|e| damaged(e.to_string()))?;
        let names: BTreeSet<&String> = weight_map.values().collect();
        let mut files = Vec::with_capacity(names.len());
        for name in names {
            // A name is that of a file beside the index, whatever an index from elsewhere says.
            if Path::new(name).file_name() != Some(name.as_ref()) {
                return Err(damaged(format!("{name:?} is no file name")));
            }
            let file = dir.join(name);
            let bytes = read(&file)?;
            files.push((file, bytes));
        }
        let index = weight_map.iter().map(|(tensor, name)| (tensor.clone(), dir.join(name))).collect();
        Ok(Self { path, files, index })
    }

    /// The bytes of each file, in order.
    pub fn contents(&self) -> impl Iterator<Item = &[u8]> {
        self.files.iter().map(|(_, bytes)| bytes.as_slice())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Read { path: path.into(), source })
}
