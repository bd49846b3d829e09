//! What two adapters have in common.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{SparseDelta, SparseTensor};

/// How the entries of two adapters lie to each other: in one weight, or in several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overlap {
    /// Entries that both replace.
    pub both: usize,
    /// Entries that only the first replaces.
    pub only_first: usize,
    /// Entries that only the second replaces.
    pub only_second: usize,
    /// Of those that both replace: how many have the same value, bit for bit.
    pub same_value: usize,
    /// Of those that both replace: the sum of the absolute differences of their values.
    pub sum_of_differences: f64,
    /// Of those that both replace: the largest absolute difference of their values.
    pub largest_difference: f64,
}

impl Overlap {
    /// The share of the entries of either that are in both (the Jaccard index), 0 to 1; none where neither has an entry.
    pub fn jaccard(&self) -> Option<f64> {
        let either = self.both + self.only_first + self.only_second;
        (either > 0).then(|| self.both as f64 / either as f64)
    }

    /// The mean absolute difference of the values that both replace, if there are any.
    pub fn mean_difference(&self) -> Option<f64> {
        (self.both > 0).then(|| self.sum_of_differences / self.both as f64)
    }

    /// Adds that of another weight.
    pub fn add(&mut self, other: &Self) {
        self.both += other.both;
        self.only_first += other.only_first;
        self.only_second += other.only_second;
        self.same_value += other.same_value;
        self.sum_of_differences += other.sum_of_differences;
        self.largest_difference = self.largest_difference.max(other.largest_difference);
    }

    fn of(first: &SparseTensor, second: &SparseTensor) -> Self {
        let (mut i, mut j) = (0, 0);
        let mut found = Self::default();
        while i < first.positions.len() && j < second.positions.len() {
            match first.positions[i].cmp(&second.positions[j]) {
                Ordering::Less => i += 1,
                Ordering::Greater => j += 1,
                Ordering::Equal => {
                    found.meet(first.values[i], second.values[j]);
                    (i, j) = (i + 1, j + 1);
                }
            }
        }
        found.only_first = first.positions.len() - found.both;
        found.only_second = second.positions.len() - found.both;
        found
    }

    /// Counts an entry that both replace.
    fn meet(&mut self, first: f32, second: f32) {
        let difference = (f64::from(first) - f64::from(second)).abs();
        self.both += 1;
        self.same_value += usize::from(first.to_bits() == second.to_bits());
        self.sum_of_differences += difference;
        self.largest_difference = self.largest_difference.max(difference);
    }
}

impl SparseDelta {
    /// How the entries of this adapter and of `other` lie to each other, for each weight that either has entries of.
    pub fn overlaps<'a>(&'a self, other: &'a Self) -> BTreeMap<&'a str, Overlap> {
        let nothing = SparseTensor::default();
        let paths: BTreeSet<&str> =
            self.tensors.keys().chain(other.tensors.keys()).map(String::as_str).collect();
        let overlap = |path| {
            let [first, second] = [self, other].map(|delta| delta.tensors.get(path).unwrap_or(&nothing));
            (path, Overlap::of(first, second))
        };
        paths.into_iter().map(overlap).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "these differences are exact")]
    use super::*;

    fn delta(tensors: &[(&str, &[(u32, f32)])]) -> SparseDelta {
        let tensor = |entries: &[(u32, f32)]| {
            let (positions, values) = entries.iter().copied().unzip();
            SparseTensor { positions, values }
        };
        SparseDelta { tensors: tensors.iter().map(|&(path, of)| (path.to_owned(), tensor(of))).collect() }
    }

    #[test]
    fn entries_of_both_and_of_one_are_counted_weight_by_weight() {
        let first = delta(&[("a", &[(0, 1.0), (2, 2.0), (7, 3.0)]), ("b", &[(1, 1.0)])]);
        let second = delta(&[("a", &[(2, 2.0), (5, 0.0), (7, 1.0)]), ("c", &[(0, 4.0)])]);
        let found = first.overlaps(&second);
        let counts = |path: &str| {
            let of = &found[path];
            [of.both, of.only_first, of.only_second, of.same_value]
        };
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!((counts("a"), counts("b"), counts("c")), ([2, 1, 1, 1], [0, 1, 0, 0], [0, 0, 1, 0]));
        let mut all = Overlap::default();
        for of in found.values() {
            all.add(of);
        }
        assert_eq!((all.jaccard(), all.mean_difference()), (Some(2.0 / 6.0), Some(1.0)));
        assert_eq!(all.largest_difference, 2.0);
    }

    #[test]
    fn with_itself_everything_is_the_same_and_nothing_has_no_share() {
        let one = delta(&[("a", &[(0, 1.0), (2, -0.0)])]);
        let of = one.overlaps(&one)["a"];
        assert_eq!((of.jaccard(), of.same_value, of.largest_difference), (Some(1.0), 2, 0.0));
        assert_eq!((Overlap::default().jaccard(), Overlap::default().mean_difference()), (None, None));
        assert!(SparseDelta::default().overlaps(&SparseDelta::default()).is_empty());
    }
}
