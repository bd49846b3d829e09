//! Tensors as they stand in one file: safetensors, or what PyTorch's `torch.save` wrote.

use std::path::Path;

use half::{bf16, f16};
use pytorch_reader::{DType, PytorchReader};
use safetensors::tensor::{Dtype, SafeTensors};

use crate::Error;

/// One file of tensors.
pub(crate) enum TensorFile<'a> {
    SafeTensors(SafeTensors<'a>),
    PyTorch(Box<PytorchReader>),
}

/// What a file says of a tensor, and its values unless they are no floats of at most 32 bits.
pub(crate) struct Found {
    pub(crate) shape: Vec<usize>,
    pub(crate) dtype: String,
    pub(crate) values: Option<Vec<f32>>,
}

impl<'a> TensorFile<'a> {
    /// Opens the file at `path`, whose content is `bytes`; the name tells the format.
    pub(crate) fn open(path: &Path, bytes: &'a [u8]) -> Result<Self, Error> {
        let damaged = |reason| Error::Damaged { path: path.into(), reason };
        if path.extension().is_some_and(|extension| extension == "bin") {
            let reader = PytorchReader::new(path).map_err(|e| damaged(e.to_string()))?;
            return Ok(Self::PyTorch(Box::new(reader)));
        }
        SafeTensors::deserialize(bytes).map(Self::SafeTensors).map_err(|e| damaged(e.to_string()))
    }

    /// The names of all tensors.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::SafeTensors(file) => file.names().into_iter().collect(),
            Self::PyTorch(file) => file.tensors().keys().map(String::as_str).collect(),
        }
    }

    /// The tensor `name`, if it is there.
    pub(crate) fn get(&self, name: &str) -> std::io::Result<Option<Found>> {
        let (shape, dtype, bytes, float) = match self {
            Self::SafeTensors(file) => {
                let Ok(view) = file.tensor(name) else { return Ok(None) };
                let float = match view.dtype() {
                    Dtype::F32 => Some(Float::F32),
                    Dtype::BF16 => Some(Float::Bf16),
                    Dtype::F16 => Some(Float::F16),
                    _ => None,
                };
                (view.shape().to_vec(), format!("{:?}", view.dtype()), view.data().into(), float)
            }
            Self::PyTorch(file) => {
                let Some(tensor) = file.get(name) else { return Ok(None) };
                let float = match tensor.dtype() {
                    DType::F32 => Some(Float::F32),
                    DType::BF16 => Some(Float::Bf16),
                    DType::F16 => Some(Float::F16),
                    _ => None,
                };
                let bytes: std::borrow::Cow<'_, [u8]> = tensor.read()?.into();
                (tensor.shape().to_vec(), format!("{:?}", tensor.dtype()), bytes, float)
            }
        };
        Ok(Some(Found { shape, dtype, values: float.map(|float| float.decode(&bytes)) }))
    }
}

/// Floats that are read.
#[derive(Clone, Copy)]
enum Float {
    F32,
    Bf16,
    F16,
}

impl Float {
    /// Little-endian values as f32.
    fn decode(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::F32 => bytes.as_chunks().0.iter().copied().map(f32::from_le_bytes).collect(),
            Self::Bf16 => bytes.as_chunks().0.iter().map(|&b| bf16::from_le_bytes(b).to_f32()).collect(),
            Self::F16 => bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect(),
        }
    }
}
