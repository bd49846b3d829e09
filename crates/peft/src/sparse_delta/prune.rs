//! The part of an adapter that changes its base model most.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{SparseDelta, SparseTensor};
use crate::mask::budget;
use crate::{Adaptable, Error};

/// An adapter with only some of its entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Pruned {
    /// Those that are kept.
    pub delta: SparseDelta,
    /// How many of each weight are left out; weights that lose nothing are absent.
    pub dropped: BTreeMap<String, usize>,
    /// The largest absolute difference from the base model's value among those that are left out.
    pub largest_dropped: Option<f64>,
}

/// An entry by how much it differs from the base model's.
#[derive(Clone, Copy)]
struct Difference {
    size: f64,
    /// Which tensor, in the order of their paths.
    tensor: u32,
    /// Which of its entries.
    entry: u32,
}

impl Difference {
    /// The largest first, ties by path and position: no two are equal.
    fn order(&self, other: &Self) -> Ordering {
        let place = |of: &Self| (of.tensor, of.entry);
        other.size.total_cmp(&self.size).then_with(|| place(self).cmp(&place(other)))
    }
}

impl SparseDelta {
    /// The `share` (above 0, at most 1; rounded down) of the entries whose values differ most from those of `base`, the base model without the
    /// adapter. Ties break by path, then position. A share of less than one entry is an error, unless there is none.
    pub fn pruned(&self, base: &impl Adaptable, share: f64) -> Result<Pruned, Error> {
        let kept = if self.entries() == 0 { 0 } else { budget(share, self.entries())? };
        let weights = base.weights();
        self.check(&weights)?;
        let mut differences = Vec::with_capacity(self.entries());
        for (tensor, (path, of)) in (0..).zip(&self.tensors) {
            // What was checked has a weight for each tensor.
            let Some(weight) = weights.iter().find(|weight| weight.path() == path) else { continue };
            let dense: Vec<f32> = weight.dense().into_data().iter::<f32>().collect();
            let entries = (0..).zip(of.positions.iter().zip(&of.values));
            differences.extend(entries.map(|(entry, (&position, &value))| {
                let size = (f64::from(value) - f64::from(dense[weight.from_file(position) as usize])).abs();
                Difference { size, tensor, entry }
            }));
        }
        if kept < differences.len() {
            differences.select_nth_unstable_by(kept, Difference::order);
        }
        let (kept, dropped) = differences.split_at_mut(kept);
        kept.sort_unstable_by_key(|of| (of.tensor, of.entry));
        let largest_dropped = dropped.iter().map(|of| of.size).max_by(f64::total_cmp);
        Ok(self.split(kept, dropped, largest_dropped))
    }

    /// The adapter of the entries `kept`, which are sorted by path and position.
    fn split(&self, kept: &[Difference], dropped: &[Difference], largest_dropped: Option<f64>) -> Pruned {
        let all: Vec<(&String, &SparseTensor)> = self.tensors.iter().collect();
        let mut pruned = Pruned { delta: Self::default(), dropped: BTreeMap::new(), largest_dropped };
        for of in kept.chunk_by(|a, b| a.tensor == b.tensor) {
            let (path, tensor) = all[of[0].tensor as usize];
            let entries = of.iter().map(|of| of.entry as usize);
            let (positions, values) = entries.map(|i| (tensor.positions[i], tensor.values[i])).unzip();
            pruned.delta.tensors.insert(path.clone(), SparseTensor { positions, values });
        }
        for of in dropped {
            *pruned.dropped.entry(all[of.tensor as usize].0.clone()).or_default() += 1;
        }
        pruned
    }
}
