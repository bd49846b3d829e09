//! What a training changed: for each weight the touched entries and their values.

mod merge;
mod overlap;
mod prune;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, HashMap};

use crate::delta_code;
use crate::{Adaptable, Error, Mask, Weight};
pub use merge::MergeRule;
pub use overlap::Overlap;
pub use prune::Pruned;

/// The touched entries of one weight, in the order of the model's file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseTensor {
    /// Sorted, unique flat positions in the file's layout.
    pub positions: Vec<u32>,
    /// The values that replace the base model's at these positions.
    pub values: Vec<f32>,
}

/// Replacement values for a sparse set of entries. They are not differences, so that a merge is exact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseDelta {
    /// By path of the weight; weights without a touched entry are absent.
    pub tensors: BTreeMap<String, SparseTensor>,
}

impl SparseDelta {
    /// The present values of `model` at the entries of `touched`.
    pub fn extract(model: &impl Adaptable, touched: &Mask) -> Self {
        let mut tensors = BTreeMap::new();
        for (weight, trained) in model.weights().into_iter().zip(touched.trained()) {
            if trained.count(weight.entries()) == 0 {
                continue;
            }
            let dense: Vec<f32> = weight.dense().into_data().iter::<f32>().collect();
            let mut entries: Vec<(u32, f32)> =
                trained.positions(dense.len()).map(|p| (weight.to_file(p), dense[p as usize])).collect();
            // Positions that are sorted in our layout are not sorted in a transposed one, and the file keeps
            // differences of sorted ones.
            entries.sort_unstable_by_key(|&(p, _)| p);
            let (positions, values) = entries.into_iter().unzip();
            tensors.insert(weight.path().to_owned(), SparseTensor { positions, values });
        }
        Self { tensors }
    }

    /// Which entries of `model` are replaced; it has a weight for each tensor, as [`SparseDelta::apply`] makes sure.
    pub fn mask(&self, model: &impl Adaptable) -> Mask {
        let positions = |weight: &&Weight| {
            let of_file = self.tensors.get(weight.path()).map(|tensor| tensor.positions.as_slice());
            let mut own: Vec<u32> =
                of_file.unwrap_or_default().iter().map(|&position| weight.from_file(position)).collect();
            own.sort_unstable();
            own
        };
        Mask::of_entries(model.weights().iter().map(positions).collect())
    }

    /// How many entries are replaced.
    pub fn entries(&self) -> usize {
        self.tensors.values().map(|t| t.positions.len()).sum()
    }

    /// The first tensor with a value that is NaN or infinite, if there is one.
    pub(crate) fn not_finite(&self) -> Option<&str> {
        let bad = |tensor: &SparseTensor| !tensor.values.iter().all(|value| value.is_finite());
        self.tensors.iter().find(|(_, tensor)| bad(tensor)).map(|(path, _)| path.as_str())
    }

    /// Writes the values into `model`, exactly. Checks first: on an error the model is as it was.
    pub fn apply(&self, model: &mut impl Adaptable) -> Result<(), Error> {
        self.check(&model.weights())?;
        let mut weights = model.weights_mut();
        for weight in &mut weights {
            let Some(tensor) = self.tensors.get(weight.path()) else { continue };
            // Back to our layout, in which positions have another order: `assign` takes sorted ones.
            let mut entries: Vec<(u32, f32)> = tensor
                .positions
                .iter()
                .map(|&p| weight.from_file(p))
                .zip(tensor.values.iter().copied())
                .collect();
            entries.sort_unstable_by_key(|&(p, _)| p);
            let (positions, values): (Vec<u32>, Vec<f32>) = entries.into_iter().unzip();
            weight.assign(&positions, &values);
        }
        Ok(())
    }

    /// Refuses entries that the model of `weights` has not, and lists that do not hold together.
    fn check(&self, weights: &[&Weight]) -> Result<(), Error> {
        for (path, tensor) in &self.tensors {
            let Some(weight) = weights.iter().find(|w| w.path() == path) else {
                return Err(Error::Mismatch { reason: format!("the model has no tensor `{path}`") });
            };
            if tensor.positions.len() != tensor.values.len() {
                let (positions, values) = (tensor.positions.len(), tensor.values.len());
                let reason = format!("`{path}` has {positions} positions and {values} values");
                return Err(Error::Mismatch { reason });
            }
            if !tensor.positions.is_sorted_by(|a, b| a < b) {
                return Err(Error::Mismatch { reason: format!("the positions of `{path}` are not sorted") });
            }
            if tensor.positions.last().is_some_and(|&p| p as usize >= weight.entries()) {
                let reason =
                    format!("`{path}` has {} entries, the adapter names one beyond", weight.entries());
                return Err(Error::Mismatch { reason });
            }
        }
        Ok(())
    }

    /// As safetensors bytes: `PATH.indices` (u8, LEB128 differences) and `PATH.values` (f32) for each weight.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let mut data: Vec<(String, Dtype, Vec<u8>)> = Vec::new();
        for (path, tensor) in &self.tensors {
            data.push((format!("{path}.indices"), Dtype::U8, delta_code::encode(&tensor.positions)));
            let values = tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect();
            data.push((format!("{path}.values"), Dtype::F32, values));
        }
        let views = data.iter().map(|(name, dtype, bytes)| {
            let length = if *dtype == Dtype::F32 { bytes.len() / 4 } else { bytes.len() };
            Ok((name.clone(), TensorView::new(*dtype, vec![length], bytes)?))
        });
        let views =
            views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>().map_err(|e| e.to_string())?;
        let metadata = HashMap::from([("format".to_owned(), "fishdip-sparse-1".to_owned())]);
        safetensors::serialize(views, Some(metadata)).map_err(|e| e.to_string())
    }

    /// Reads what [`SparseDelta::to_bytes`] wrote; anything else is refused with the reason.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| e.to_string())?;
        let format = header.metadata().as_ref().and_then(|m| m.get("format")).map(String::as_str);
        if format != Some("fishdip-sparse-1") {
            return Err(format!("the format is {format:?}, not \"fishdip-sparse-1\""));
        }
        let file = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
        let mut tensors = BTreeMap::new();
        let mut names = file.names();
        // The library keeps tensors in no certain order: sorted, the same damage is always reported in the same words.
        names.sort_unstable();
        for name in names {
            if let Some(path) = name.strip_suffix(".values") {
                let of = |part: &str, dtype| {
                    let view = file.tensor(&format!("{path}.{part}")).map_err(|e| e.to_string())?;
                    if view.dtype() == dtype {
                        Ok(view.data().to_vec())
                    } else {
                        Err(format!("`{path}.{part}` is {:?}", view.dtype()))
                    }
                };
                // The weight's size is not known here, so any 32-bit position is let through; `apply`, which has the
                // model, refuses those beyond the weight.
                let positions = delta_code::decode(&of("indices", Dtype::U8)?, 1 << 32)
                    .map_err(|e| format!("`{path}`: {e}"))?;
                let values: Vec<f32> = of("values", Dtype::F32)?
                    .chunks_exact(4)
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                    .collect();
                if positions.len() != values.len() {
                    return Err(format!(
                        "`{path}` has {} indices and {} values",
                        positions.len(),
                        values.len()
                    ));
                }
                tensors.insert(path.to_owned(), SparseTensor { positions, values });
            } else if name
                .strip_suffix(".indices")
                .is_none_or(|p| file.tensor(&format!("{p}.values")).is_err())
            {
                return Err(format!("unexpected tensor `{name}`"));
            }
        }
        Ok(Self { tensors })
    }
}
