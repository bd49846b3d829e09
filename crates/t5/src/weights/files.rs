//! The tensor files of a model folder: one, or several with an index.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use fishdip_peft::read_file;

use crate::Error;

pub(crate) const SINGLE: &str = "model.safetensors";
/// Bytes of an index, which has a line for each tensor.
const LARGEST_INDEX: u64 = 64 << 20;
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
#[derive(serde::Deserialize)]
struct Index {
    weight_map: WeightMap,
}

/// The file of each tensor. A tensor that is named twice is an error.
struct WeightMap(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for WeightMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = WeightMap;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the file of each tensor")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<WeightMap, M::Error> {
                let mut files = BTreeMap::new();
                while let Some((tensor, file)) = map.next_entry::<String, String>()? {
                    if files.contains_key(&tensor) {
                        return Err(serde::de::Error::custom(format!("it names `{tensor}` twice")));
                    }
                    files.insert(tensor, file);
                }
                Ok(WeightMap(files))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

impl TensorFiles {
    /// Reads those of the folder `dir`. Where there is a single file, an index is not looked at.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let layouts = LAYOUTS.map(|(single, index)| (dir.join(single), dir.join(index)));
        let there = layouts.iter().find(|(single, index)| single.exists() || index.exists());
        let (single, path) = there.unwrap_or(&layouts[0]).clone();
        if single.exists() || !path.exists() {
            let bytes = read(&single, u64::MAX)?;
            return Ok(Self { path: single.clone(), files: vec![(single, bytes)], index: BTreeMap::new() });
        }
        let damaged = |reason: String| Error::Damaged { path: path.clone(), reason };
        let Index { weight_map: WeightMap(weight_map) } =
            serde_json::from_slice(&read(&path, LARGEST_INDEX)?).map_err(|e| damaged(e.to_string()))?;
        let names: BTreeSet<&String> = weight_map.values().collect();
        let mut files = Vec::with_capacity(names.len());
        for name in names {
            // A name is that of a file beside the index, whatever an index from elsewhere says.
            if Path::new(name).file_name() != Some(name.as_ref()) {
                return Err(damaged(format!("{name:?} is no file name")));
            }
            let file = dir.join(name);
            let bytes = read(&file, u64::MAX)?;
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

fn read(path: &Path, at_most: u64) -> Result<Vec<u8>, Error> {
    read_file(path, at_most).map_err(|source| Error::Read { path: path.into(), source })
}
