//! What differs between a model and what it was.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::{SparseDelta, SparseTensor};
use crate::rounding::rounded;
use crate::{Adaptable, Role};

impl SparseDelta {
    /// The entries of the own weights of `model` whose values are not those that they had `before`, weight by weight in the same order. A weight with
    /// no such entry is absent.
    pub fn between(before: &[Tensor<2>], model: &impl Adaptable) -> Self {
        let weights = model.weights().into_iter().filter(|weight| weight.role() == Role::Base);
        let mut tensors = BTreeMap::new();
        for (weight, before) in weights.zip(before) {
            let [then, now] = [before.clone(), weight.dense()]
                .map(|tensor| tensor.into_data().iter::<f32>().collect::<Vec<f32>>());
            let mut entries: Vec<(u32, f32)> = (0..)
                .zip(then.iter().zip(&now))
                .filter(|(_, (then, now))| then.to_bits() != now.to_bits())
                .map(|(position, (_, &now))| (weight.to_file(position), now))
                .collect();
            if entries.is_empty() {
                continue;
            }
            // Sorted in our layout is not sorted in a transposed one.
            entries.sort_unstable_by_key(|&(position, _)| position);
            let (positions, values) = entries.into_iter().unzip();
            tensors.insert(weight.path().to_owned(), SparseTensor { positions, values });
        }
        Self { tensors }
    }

    /// The same entries with their values rounded to bfloat16.
    #[must_use]
    pub fn rounded_to_bf16(&self) -> Self {
        let mut narrow = self.clone();
        for value in narrow.tensors.values_mut().flat_map(|tensor| &mut tensor.values) {
            *value = rounded(*value);
        }
        narrow
    }
}
