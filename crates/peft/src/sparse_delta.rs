//! What a training changed: for each weight the touched entries and their values.

mod between;
mod merge;
mod overlap;
mod prune;

use safetensors::tensor::{Dtype, SafeTensors};
use std::collections::BTreeMap;

use crate::delta_code;
use crate::rounding::{bf16_bytes, is_bf16, of_bf16_bytes};
use crate::{Adaptable, Error, Mask, Role, Trained, Weight};
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
    /// The present values of `model` at the entries of `touched` in its own weights.
    pub fn extract(model: &impl Adaptable, touched: &Mask) -> Self {
        let mut tensors = BTreeMap::new();
        for (weight, trained) in model.weights().into_iter().zip(touched.trained()) {
            // What was added is kept whole, elsewhere.
            if trained.count(weight.entries()) == 0 || weight.role() == Role::Added {
                continue;
            }
            // Of some entries only these leave the device.
            let values = match trained {
                Trained::Entries(positions) => weight.at(positions).into_data(),
                Trained::All | Trained::Nothing => weight.dense().into_data(),
            };
            let places = trained.positions(weight.entries()).map(|p| weight.to_file(p));
            let mut entries: Vec<(u32, f32)> = places.zip(values.iter::<f32>()).collect();
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

    /// The same, and gives what takes it back: the values that `model` had there, to the bit.
    pub fn exchange(&self, model: &mut impl Adaptable) -> Result<Self, Error> {
        self.check(&model.weights())?;
        let had = Self::extract(model, &self.mask(model));
        self.apply(model)?;
        Ok(had)
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

    /// Name, type, length and bytes of each tensor of the file: `PATH.indices` (u8, LEB128 differences) and `PATH.values` (f32, or bf16 where
    /// that has all of them) for each weight.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (String, Dtype, usize, Vec<u8>)> + '_ {
        self.tensors.iter().flat_map(|(path, tensor)| {
            let indices = delta_code::encode(&tensor.positions);
            // In half the bytes where nothing is lost by it.
            let (dtype, values) = if tensor.values.iter().all(|&value| is_bf16(value)) {
                (Dtype::BF16, bf16_bytes(&tensor.values))
            } else {
                (Dtype::F32, tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect())
            };
            [
                (format!("{path}.indices"), Dtype::U8, indices.len(), indices),
                (format!("{path}.values"), dtype, tensor.values.len(), values),
            ]
        })
    }

    /// Whether [`SparseDelta::parts`] gives a tensor such a name.
    pub(crate) fn is_part(name: &str) -> bool {
        [".indices", ".values"].iter().any(|part| name.ends_with(part))
    }

    /// Reads what [`SparseDelta::parts`] gave; anything else of the kind is refused with the reason.
    pub(crate) fn read(file: &SafeTensors<'_>) -> Result<Self, String> {
        let mut tensors = BTreeMap::new();
        let mut names = file.names();
        // The library keeps tensors in no certain order: sorted, the same damage is always reported in the same words.
        names.sort_unstable();
        for name in names.into_iter().filter(|name| Self::is_part(name)) {
            if let Some(path) = name.strip_suffix(".values") {
                let of = |part: &str| file.tensor(&format!("{path}.{part}")).map_err(|e| e.to_string());
                let other = |part: &str, dtype: Dtype| format!("`{path}.{part}` is {dtype:?}");
                let indices = of("indices")?;
                if indices.dtype() != Dtype::U8 {
                    return Err(other("indices", indices.dtype()));
                }
                // The weight's size is not known here, so any 32-bit position is let through; `apply`, which has the
                // model, refuses those beyond the weight.
                let positions =
                    delta_code::decode(indices.data(), 1 << 32).map_err(|e| format!("`{path}`: {e}"))?;
                let values = of("values")?;
                let values: Vec<f32> = match values.dtype() {
                    Dtype::F32 => {
                        let number = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                        values.data().chunks_exact(4).map(number).collect()
                    }
                    Dtype::BF16 => of_bf16_bytes(values.data()),
                    dtype => return Err(other("values", dtype)),
                };
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
