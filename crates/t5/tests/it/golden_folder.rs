//! The golden files of `fixtures/golden`.

use safetensors::SafeTensors;
use std::path::{Path, PathBuf};

/// `fixtures/golden/VARIANT`.
pub(crate) fn folder(variant: &str) -> PathBuf {
    Path::new("../../fixtures/golden").join(variant)
}

/// The tensors that PyTorch computed.
pub(crate) struct Golden(Vec<u8>);

impl Golden {
    pub(crate) fn read(variant: &str) -> Self {
        Self::file(&folder(variant).join("golden.safetensors"))
    }

    pub(crate) fn file(path: &Path) -> Self {
        Self(std::fs::read(path).unwrap())
    }

    /// The names of all tensors and their shapes.
    pub(crate) fn shapes(&self) -> Vec<(String, Vec<usize>)> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        file.iter().map(|(name, tensor)| (name.to_owned(), tensor.shape().to_vec())).collect()
    }

    pub(crate) fn floats(&self, name: &str) -> Vec<f32> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = file.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    }

    /// The rows of an integer matrix without the padding at their ends.
    pub(crate) fn rows(&self, name: &str, pad: i64) -> Vec<Vec<u32>> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = file.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        let ids: Vec<i64> =
            tensor.data().chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap())).collect();
        let row = |row: &[i64]| {
            let end = row.iter().rposition(|&id| id != pad).map_or(0, |i| i + 1);
            row[..end].iter().map(|&id| id as u32).collect()
        };
        ids.chunks_exact(tensor.shape()[1]).map(row).collect()
    }
}
