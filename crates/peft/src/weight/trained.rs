//! What of a weight is trained.

use crate::Positions;

/// What of one weight is trained.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trained {
    /// Nothing: it is a constant.
    #[default]
    Nothing,
    /// Every entry. There is no list of them.
    All,
    /// Some entries.
    Entries(Positions),
}

impl Trained {
    /// How many entries are trained of a weight that has `entries`.
    pub fn count(&self, entries: usize) -> usize {
        match self {
            Self::Nothing => 0,
            Self::All => entries,
            Self::Entries(positions) => positions.len(),
        }
    }

    /// The positions of the trained entries of a weight that has `entries`, in order.
    pub fn positions(&self, entries: usize) -> impl Iterator<Item = u32> + '_ {
        // One type of iterator for all three: a range and then a list, at least one of which is empty.
        let (all, some): (_, &[u32]) = match self {
            Self::Nothing => (0..0, &[]),
            Self::All => (0..entries as u32, &[]),
            Self::Entries(positions) => (0..0, positions),
        };
        all.chain(some.iter().copied())
    }

    /// What is trained in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Entries(mine), Self::Entries(theirs)) => Self::Entries(mine.union(theirs)),
            (Self::Nothing, trained) | (trained, Self::Nothing) => trained.clone(),
        }
    }

    /// How many entries are trained in both.
    pub fn shared(&self, other: &Self, entries: usize) -> usize {
        match (self, other) {
            (Self::Entries(mine), Self::Entries(theirs)) => mine.shared(theirs),
            (Self::All, trained) | (trained, Self::All) => trained.count(entries),
            (Self::Nothing, _) | (_, Self::Nothing) => 0,
        }
    }
}
