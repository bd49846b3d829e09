//! Weights out of a model's files, every tensor accounted for.

use burn::tensor::{DType, Device, Tensor, TensorData};
use fishdip_peft::{FileLayout, Weight};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::format::TensorFile;
use crate::{Error, TensorFiles};

/// Names under which old files repeat the shared embedding. They are views of one tensor in PyTorch.
const COPIES_OF_SHARED: [&str; 3] =
    ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"];

/// Hands out the tensors of a model's files and remembers which were asked for.
pub(crate) struct WeightLoader<'a> {
    path: &'a Path,
    files: Vec<(&'a Path, TensorFile<'a>)>,
    dtype: DType,
    device: &'a Device,
    taken: BTreeSet<String>,
    missing: Vec<String>,
}

impl<'a> WeightLoader<'a> {
    /// Opens the files. Weights are made on `device`, of the type `dtype`.
    pub(crate) fn open(all: &'a TensorFiles, dtype: DType, device: &'a Device) -> Result<Self, Error> {
        let mut files = Vec::with_capacity(all.files.len());
        let mut seen: BTreeMap<String, &Path> = BTreeMap::new();
        for (path, bytes) in &all.files {
            let file = TensorFile::open(path, bytes)?;
            let mut names = file.names();
            names.sort_unstable();
            let promised = all.index.iter().filter(|(_, file)| *file == path);
            if let Some((name, _)) = promised.into_iter().find(|(name, _)| !names.contains(&name.as_str())) {
                let reason = format!("{} says that it holds `{name}`", all.path.display());
                return Err(Error::Damaged { path: path.clone(), reason });
            }
            for name in names {
                if let Some(other) = seen.insert(name.to_owned(), path) {
                    let reason = format!("it holds `{name}`, which {} holds as well", other.display());
                    return Err(Error::Damaged { path: path.clone(), reason });
                }
            }
            files.push((path.as_path(), file));
        }
        Ok(Self { path: &all.path, files, dtype, device, taken: BTreeSet::new(), missing: Vec::new() })
    }

    /// A linear layer's weight: `[out, in]` in the file, `[in, out]` here.
    pub(crate) fn linear(&mut self, name: String, [input, output]: [usize; 2]) -> Result<Weight, Error> {
        let Some(values) = self.take(&name, &[output, input])? else { return Ok(self.placeholder(name)) };
        let mut transposed = vec![0.0; values.len()];
        for (o, row) in values.chunks_exact(input).enumerate() {
            for (i, &value) in row.iter().enumerate() {
                transposed[i * output + o] = value;
            }
        }
        Ok(self.weight(name, transposed, [input, output], FileLayout::Transposed))
    }

    /// A table of vectors, `[rows, width]` in the file and here.
    pub(crate) fn table(&mut self, name: String, shape: [usize; 2]) -> Result<Weight, Error> {
        let Some(values) = self.take(&name, &shape)? else { return Ok(self.placeholder(name)) };
        Ok(self.weight(name, values, shape, FileLayout::AsIs))
    }

    /// A vector, `[n]` in the file and `[1, n]` here.
    pub(crate) fn vector(&mut self, name: String, length: usize) -> Result<Weight, Error> {
        let Some(values) = self.take(&name, &[length])? else { return Ok(self.placeholder(name)) };
        Ok(self.weight(name, values, [1, length], FileLayout::AsIs))
    }

    /// After the whole model is built: an error if a tensor was missing or one is left over.
    pub(crate) fn finish(self, tied: bool) -> Result<(), Error> {
        if !self.missing.is_empty() {
            return Err(Error::Missing { path: self.path.into(), names: self.missing });
        }
        let copies = if tied { &COPIES_OF_SHARED[..] } else { &COPIES_OF_SHARED[..2] };
        let all = self.files.iter().flat_map(|(_, file)| file.names());
        let left = all.filter(|name| !self.taken.contains(*name) && !copies.contains(name));
        let mut names: Vec<String> = left.map(str::to_owned).collect();
        names.sort_unstable();
        if names.is_empty() { Ok(()) } else { Err(Error::Unexpected { path: self.path.into(), names }) }
    }

    fn weight(&self, name: String, values: Vec<f32>, shape: [usize; 2], layout: FileLayout) -> Weight {
        let dense = Tensor::from_data(TensorData::new(values, shape), (self.device, self.dtype));
        Weight::new(name, dense, layout)
    }

    /// In the place of a missing tensor until [`finish`](Self::finish) names all of them: nothing of the size that it should have is made.
    fn placeholder(&self, name: String) -> Weight {
        self.weight(name, vec![0.0], [1, 1], FileLayout::AsIs)
    }

    /// The values of a tensor as f32, all finite. A missing tensor is noted.
    fn take(&mut self, name: &str, shape: &[usize]) -> Result<Option<Vec<f32>>, Error> {
        for (path, file) in &self.files {
            let path = || path.to_path_buf();
            let Some(found) = file.get(name).map_err(|source| Error::Read { path: path(), source })? else {
                continue;
            };
            self.taken.insert(name.to_owned());
            if found.shape != shape {
                let (found, expected) = (found.shape, shape.to_vec());
                return Err(Error::Shape { path: path(), name: name.to_owned(), found, expected });
            }
            let dtype = found.dtype;
            let values =
                found.values.ok_or_else(|| Error::Dtype { path: path(), name: name.to_owned(), dtype })?;
            let entries = shape.iter().product::<usize>();
            if values.len() != entries {
                let reason = format!("`{name}` has {} values and the shape {shape:?}", values.len());
                return Err(Error::Damaged { path: path(), reason });
            }
            return match not_finite(&values) {
                Some(value) => Err(Error::NonFinite { path: path(), name: name.to_owned(), value }),
                None => Ok(Some(values)),
            };
        }
        self.missing.push(name.to_owned());
        Ok(None)
    }
}

/// The first value that is not finite, if there is one.
fn not_finite(values: &[f32]) -> Option<f32> {
    // Without a way out within a block, the loop over it is one of vector instructions.
    const BLOCK: usize = 1 << 14;
    let bad = |block: &&[f32]| !block.iter().fold(true, |good, value| good & value.is_finite());
    let block = values.par_chunks(BLOCK).find_first(bad)?;
    block.iter().copied().find(|value| !value.is_finite())
}
