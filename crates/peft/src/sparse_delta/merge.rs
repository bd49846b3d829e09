//! One adapter from several.

use std::collections::BTreeMap;

use super::{SparseDelta, SparseTensor};

/// The value of an entry that several adapters replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeRule {
    /// The mean of those that replace it. Values take the place of the base model's, so that an adapter without the entry says nothing of it.
    Mean,
    /// That of the last one that replaces it.
    Last,
}

impl MergeRule {
    /// The value for `values`, of which there is at least one, in the order of the adapters.
    fn value(self, mut values: impl ExactSizeIterator<Item = f32> + DoubleEndedIterator) -> f32 {
        match self {
            Self::Last => values.next_back().unwrap_or_default(),
            Self::Mean => {
                // In f64 the sum of equal values is exact, so that their mean is the value itself, and no sum overflows.
                let count = values.len() as f64;
                (values.map(f64::from).sum::<f64>() / count) as f32
            }
        }
    }
}

impl SparseDelta {
    /// The entries of all of `deltas`, which are of the same base model.
    pub fn merged(deltas: &[&Self], rule: MergeRule) -> Self {
        let mut all: BTreeMap<&str, Vec<&SparseTensor>> = BTreeMap::new();
        for (path, tensor) in deltas.iter().flat_map(|delta| &delta.tensors) {
            all.entry(path).or_default().push(tensor);
        }
        let tensors = all.into_iter().map(|(path, tensors)| (path.to_owned(), merged(&tensors, rule)));
        Self { tensors: tensors.collect() }
    }
}

/// The same of one weight.
fn merged(tensors: &[&SparseTensor], rule: MergeRule) -> SparseTensor {
    let mut entries: Vec<(u32, f32)> = tensors
        .iter()
        .flat_map(|tensor| tensor.positions.iter().copied().zip(tensor.values.iter().copied()))
        .collect();
    // Stable, so that the values of an entry stay in the order of the adapters.
    entries.sort_by_key(|&(position, _)| position);
    let same = entries.chunk_by(|a, b| a.0 == b.0);
    let (positions, values) =
        same.map(|of| (of[0].0, rule.value(of.iter().map(|&(_, value)| value)))).unzip();
    SparseTensor { positions, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(path: &str, entries: &[(u32, f32)]) -> SparseDelta {
        let (positions, values) = entries.iter().copied().unzip();
        SparseDelta { tensors: [(path.to_owned(), SparseTensor { positions, values })].into() }
    }

    #[test]
    fn entries_are_united_and_the_rule_decides_those_of_several() {
        let (a, b) = (delta("w", &[(1, 1.0), (4, 2.0)]), delta("w", &[(0, 8.0), (4, 6.0)]));
        let (c, d) = (delta("w", &[(4, 1.0)]), delta("v", &[(9, 9.0)]));
        let all = [&a, &b, &c, &d];
        let mean = SparseDelta::merged(&all, MergeRule::Mean);
        assert_eq!(mean.tensors["w"].positions, [0, 1, 4]);
        assert_eq!(mean.tensors["w"].values, [8.0, 1.0, 3.0]);
        assert_eq!(mean.tensors["v"], d.tensors["v"]);
        assert_eq!(SparseDelta::merged(&all, MergeRule::Last).tensors["w"].values, [8.0, 1.0, 1.0]);
    }

    #[test]
    fn what_is_merged_with_itself_stays_bit_for_bit() {
        let values = [0.1, -0.3, f32::MAX, f32::MIN_POSITIVE / 2.0, -0.0];
        let one = delta("w", &(0..).zip(values).collect::<Vec<_>>());
        for rule in [MergeRule::Mean, MergeRule::Last] {
            let three = SparseDelta::merged(&[&one, &one, &one], rule);
            let bits = |delta: &SparseDelta| {
                delta.tensors["w"].values.iter().map(|v| v.to_bits()).collect::<Vec<_>>()
            };
            assert_eq!(bits(&three), bits(&one), "{rule:?}");
        }
    }
}
