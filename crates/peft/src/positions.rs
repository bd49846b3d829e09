//! Which entries of a weight.

use core::ops::Deref;
use std::sync::Arc;

/// Sorted, unique, flat positions of entries of one weight. Clones share them: a mask, the weight and the optimizer hold one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Positions(Arc<[u32]>);

impl Positions {
    /// `None` if they are not sorted and unique.
    pub fn new(positions: Vec<u32>) -> Option<Self> {
        positions.is_sorted_by(|a, b| a < b).then(|| Self(positions.into()))
    }

    /// Those of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        let mut both: Vec<u32> = self.iter().chain(other.iter()).copied().collect();
        both.sort_unstable();
        both.dedup();
        Self(both.into())
    }

    /// How many are in both.
    pub fn shared(&self, other: &Self) -> usize {
        let (mut i, mut j, mut both) = (0, 0, 0);
        while i < self.len() && j < other.len() {
            match self[i].cmp(&other[j]) {
                core::cmp::Ordering::Less => i += 1,
                core::cmp::Ordering::Greater => j += 1,
                core::cmp::Ordering::Equal => (i, j, both) = (i + 1, j + 1, both + 1),
            }
        }
        both
    }
}

impl Deref for Positions {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        &self.0
    }
}
