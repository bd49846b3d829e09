//! The words of a text that is copied, and where else the same words stand.

use super::words::WordId;

/// A range of units.
///
/// Where it stands for a text, it is the first range that has that text; see [`Units::canonical`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct UnitRange {
    pub(super) start: u32,
    pub(super) length: u32,
}

/// The units of a text. A unit is a word, together with the words beside it that have no pieces: those cannot
/// be written on their own, nor can a span begin or end between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Units(pub(super) Vec<WordId>);

impl UnitRange {
    pub(super) fn end(self) -> u32 {
        self.start + self.length
    }

    /// The range of one unit more.
    pub(super) fn longer(self) -> Self {
        Self { length: self.length + 1, ..self }
    }

    /// Whether the two share a unit.
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.start < other.end() && other.start < self.end()
    }
}

impl Units {
    pub(super) fn len(&self) -> u32 {
        self.0.len() as u32
    }

    pub(super) fn get(&self, at: u32) -> Option<WordId> {
        self.0.get(at as usize).copied()
    }

    /// Whether both are within the text and have the same units.
    pub(super) fn same(&self, a: UnitRange, b: UnitRange) -> bool {
        let units = |range: UnitRange| self.0.get(range.start as usize..range.end() as usize);
        // A word has one number wherever it stands, so equal numbers are equal texts.
        units(a).is_some() && units(a) == units(b)
    }

    /// The first range with the text of `range`.
    pub(super) fn canonical(&self, range: UnitRange) -> UnitRange {
        let mut earlier = (0..range.start).map(|start| UnitRange { start, ..range });
        earlier.find(|&other| self.same(other, range)).unwrap_or(range)
    }

    /// Every range with the text of `range`, which is the first of them.
    pub(super) fn occurrences(&self, range: UnitRange) -> impl Iterator<Item = UnitRange> {
        let starts = range.start..(self.len() + 1).saturating_sub(range.length);
        starts.map(move |start| UnitRange { start, ..range }).filter(move |&other| self.same(other, range))
    }

    /// How often the most frequent unit occurs.
    pub(super) fn most(&self) -> usize {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.chunk_by(|a, b| a == b).map(<[WordId]>::len).max().unwrap_or_default()
    }
}
