//! Writing a model as PyTorch `transformers` reads it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use fishdip_peft::{Adaptable, FileLayout, Weight};
use safetensors::tensor::{Dtype, View};

use crate::weights::SINGLE;
use crate::{Error, T5};

/// A weight as it stands in a file. Its bytes are made when they are written.
struct SavedTensor<'a>(&'a Weight, Vec<usize>);

impl T5 {
    /// Writes `config.json` and `model.safetensors` (f32) into the folder `dir`, which must not exist. It appears whole or not at all.
    pub fn save(&self, dir: &Path) -> Result<(), Error> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Write { path, source }
        };
        if dir.exists() {
            return Err(at(dir)(std::io::ErrorKind::AlreadyExists.into()));
        }
        let mut scratch = dir.as_os_str().to_owned();
        scratch.push(".tmp");
        let scratch = PathBuf::from(scratch);
        if scratch.exists() {
            fs::remove_dir_all(&scratch).map_err(at(&scratch))?;
        }
        fs::create_dir_all(&scratch).map_err(at(&scratch))?;

        let path = scratch.join("config.json");
        fs::write(&path, self.config().to_json()).map_err(at(&path))?;
        let path = scratch.join(SINGLE);
        let tensors = self.weights().into_iter().map(|weight| (weight.path(), SavedTensor::new(weight)));
        // What `transformers` asks for before it reads a file.
        let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        safetensors::serialize_to_file(tensors, Some(metadata), &path)
            .map_err(|error| at(&path)(std::io::Error::other(error)))?;
        File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
        fs::rename(&scratch, dir).map_err(at(dir))
    }
}

impl<'a> SavedTensor<'a> {
    fn new(weight: &'a Weight) -> Self {
        let shape = match (weight.layout(), weight.shape()) {
            // A vector is one row here.
            (FileLayout::AsIs, [1, length]) => vec![length],
            (FileLayout::AsIs, shape) => shape.to_vec(),
            (FileLayout::Transposed, [rows, columns]) => vec![columns, rows],
        };
        Self(weight, shape)
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
