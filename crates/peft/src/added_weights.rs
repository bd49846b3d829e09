//! The values of what a method has added to a model, whole, as an adapter keeps them.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::BTreeMap;

use crate::rounding::of_bf16_bytes;
use crate::{Adaptable, Addition, Error, Ia3Config, Role, Weight};

/// What Python PEFT puts before the names of a model's modules.
const PEFT_PREFIX: &str = "base_model.model.";

/// The added weights of a model, by path. Nothing where nothing was added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddedWeights {
    /// By path.
    pub tensors: BTreeMap<String, AddedTensor>,
}

/// One of them, as a file has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddedTensor {
    /// The shape in the file: `[out, in]` of a linear layer, `[n]` of a vector.
    pub shape: Vec<usize>,
    /// The values in the order of the file.
    pub values: Vec<f32>,
}

impl AddedWeights {
    /// The present values of what was added to `model`.
    pub fn extract(model: &impl Adaptable) -> Self {
        let added = model.weights().into_iter().filter(|weight| weight.role() == Role::Added);
        Self { tensors: added.map(|weight| (weight.path().to_owned(), AddedTensor::of(weight))).collect() }
    }

    /// Writes the values into `model`, to which the same has been added. Checks first: on an error the model is as it was.
    pub fn apply(&self, model: &mut impl Adaptable) -> Result<(), Error> {
        let mut known = 0;
        for weight in model.weights().into_iter().filter(|weight| weight.role() == Role::Added) {
            let (path, shape) = (weight.path(), weight.file_shape());
            match self.tensors.get(path) {
                None => {
                    return Err(Error::Mismatch { reason: format!("it has no tensor `{path}`") });
                }
                Some(tensor) if tensor.shape != shape || tensor.values.len() != weight.entries() => {
                    let reason = format!("`{path}` has the shape {:?}, not {shape:?}", tensor.shape);
                    return Err(Error::Mismatch { reason });
                }
                Some(_) => known += 1,
            }
        }
        if known < self.tensors.len() {
            let paths: Vec<String> =
                model.weights().into_iter().map(|weight| weight.path().to_owned()).collect();
            let other = self.tensors.keys().find(|path| !paths.contains(path)).cloned().unwrap_or_default();
            let reason = format!("`{other}` is nothing that its method adds to this model");
            return Err(Error::Mismatch { reason });
        }
        for weight in model.weights_mut().into_iter().filter(|weight| weight.role() == Role::Added) {
            if let Some(tensor) = self.tensors.get(weight.path()) {
                let entries = weight.entries() as u32;
                let values: Vec<f32> =
                    (0..entries).map(|position| tensor.values[weight.to_file(position) as usize]).collect();
                weight.assign_all(&values);
            }
        }
        Ok(())
    }

    /// How many values there are.
    pub fn entries(&self) -> usize {
        self.tensors.values().map(|tensor| tensor.values.len()).sum()
    }

    /// The first tensor with a value that is NaN or infinite, if there is one.
    pub(crate) fn not_finite(&self) -> Option<&str> {
        let bad = |tensor: &AddedTensor| !tensor.values.iter().all(|value| value.is_finite());
        self.tensors.iter().find(|(_, tensor)| bad(tensor)).map(|(path, _)| path.as_str())
    }

    /// Name, shape and bytes (f32) of each, in order; under the names and shapes that Python PEFT has for `peft`, if that is given.
    pub(crate) fn parts(
        &self,
        peft: Option<&Addition>,
    ) -> impl Iterator<Item = (String, Vec<usize>, Vec<u8>)> {
        self.tensors.iter().map(move |(path, tensor)| {
            let bytes = tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect();
            match peft {
                Some(addition) => (format!("{PEFT_PREFIX}{path}"), peft_shape(path, tensor, addition), bytes),
                None => (path.clone(), tensor.shape.clone(), bytes),
            }
        })
    }

    /// Reads those of the tensors of `file` that `is_added` takes by name.
    pub(crate) fn read(file: &SafeTensors<'_>, is_added: impl Fn(&str) -> bool) -> Result<Self, String> {
        let mut tensors = BTreeMap::new();
        for name in file.names().into_iter().filter(|name| is_added(name)) {
            let view = file.tensor(name).map_err(|e| e.to_string())?;
            let path = name.strip_prefix(PEFT_PREFIX).unwrap_or(name);
            // Factors are columns or rows in a file of Python PEFT, and vectors here.
            let shape = match view.shape() {
                [1, length] | [length, 1] if path.ends_with(".ia3_l") => vec![*length],
                shape => shape.to_vec(),
            };
            tensors.insert(path.to_owned(), AddedTensor { shape, values: values(name, &view)? });
        }
        Ok(Self { tensors })
    }
}

impl AddedTensor {
    fn of(weight: &Weight) -> Self {
        let dense: Vec<f32> = weight.dense().into_data().iter::<f32>().collect();
        let values = (0..dense.len() as u32).map(|at| dense[weight.from_file(at) as usize]).collect();
        Self { shape: weight.file_shape(), values }
    }
}

/// The shape that a file of Python PEFT has: the factors of a layer's input, as its settings name these layers, are a row, those of an output a
/// column.
fn peft_shape(path: &str, tensor: &AddedTensor, addition: &Addition) -> Vec<usize> {
    match (addition, path.strip_suffix(".ia3_l"), tensor.shape.as_slice()) {
        (Addition::Ia3(Ia3Config { feedforward, .. }), Some(layer), [length]) => {
            let name = layer.rsplit('.').next();
            let is_of_input = feedforward.iter().any(|of_input| name == Some(of_input.as_str()));
            if is_of_input { vec![1, *length] } else { vec![*length, 1] }
        }
        _ => tensor.shape.clone(),
    }
}

/// The values of a tensor of any float type that Python PEFT writes.
fn values(name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, String> {
    match view.dtype() {
        Dtype::F32 => {
            Ok(view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
        }
        Dtype::BF16 => Ok(of_bf16_bytes(view.data())),
        other => Err(format!("`{name}` is {other:?}; save it as F32 or BF16")),
    }
}
