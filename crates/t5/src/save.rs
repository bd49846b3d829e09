//! Writing a model as PyTorch `transformers` reads it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use fishdip_peft::{Adaptable, AtomicFolder, FileLayout, Weight};
use safetensors::tensor::{Dtype, View};

use crate::weights::SINGLE;
use crate::{Error, T5};

const CONFIG: &str = "config.json";

/// A weight as it stands in a file. Its bytes are made when they are written.
struct SavedTensor<'a>(&'a Weight, Vec<usize>);

impl T5 {
    /// Writes `config.json` and `model.safetensors` (f32) into the folder `dir`, which must not exist. It appears whole or not at all.
    pub fn save(&self, dir: &Path) -> Result<(), Error> {
        let folder = AtomicFolder::create(dir)?;
        self.write_to(&folder)?;
        Ok(folder.commit()?)
    }

    /// Writes the same two files into a folder that others are written to as well.
    pub fn write_to(&self, folder: &AtomicFolder) -> Result<(), Error> {
        if let Some(addition) = self.addition() {
            let reason = format!(
                "a plain model has no place for what {} added; merge it first, or keep it as an adapter",
                addition.name()
            );
            return Err(Error::Addition { reason });
        }
        folder.write(CONFIG, self.config().to_json().as_bytes())?;
        let path = folder.path().join(SINGLE);
        let tensors = self
            .weights()
            .into_iter()
            .map(|weight| (weight.path(), SavedTensor(weight, weight.file_shape())));
        // What `transformers` asks for before it reads a file.
        let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        safetensors::serialize_to_file(tensors, Some(metadata), &path).map_err(|error| {
            let source = std::io::Error::other(error);
            Error::Write { path: path.clone(), source }
        })?;
        // The library makes a file that its owner alone may read; whoever may read one of the two may read the other.
        let permissions = std::fs::metadata(folder.path().join(CONFIG)).map(|of| of.permissions());
        let shared = permissions.and_then(|permissions| std::fs::set_permissions(&path, permissions));
        shared.map_err(|source| Error::Write { path, source })
    }
}

impl View for SavedTensor<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.1
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let dense = self.0.dense();
        let dense = match self.0.layout() {
            FileLayout::AsIs => dense,
            FileLayout::Transposed => dense.transpose(),
        };
        Cow::Owned(dense.into_data().iter::<f32>().flat_map(f32::to_le_bytes).collect())
    }

    fn data_len(&self) -> usize {
        4 * self.0.entries()
    }
}
