//! Which pieces may stand at each target place, and which one does.

use core::ops::Range;

/// For each place of a target, the pieces that are legal there, and which of them is the target's.
///
/// Lists of any length in one: a place of text that is copied has one piece or two, the place of a label as many as there are labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegalPieces {
    /// The pieces of all places, one place after the other.
    pieces: Vec<u32>,
    /// Where the pieces of each place end.
    ends: Vec<usize>,
    /// Which of its pieces is the target's, for each place.
    targets: Vec<usize>,
}

impl LegalPieces {
    /// Adds a place where `pieces`, none of them twice, are legal and `target` stands. A target that is not among them is added to them; tells
    /// whether it was among them.
    pub fn push(&mut self, pieces: &[u32], target: u32) -> bool {
        let place = pieces.iter().position(|&piece| piece == target);
        self.pieces.extend_from_slice(pieces);
        if place.is_none() {
            self.pieces.push(target);
        }
        self.ends.push(self.pieces.len());
        self.targets.push(place.unwrap_or(pieces.len()));
        place.is_some()
    }

    /// Adds the places of `other`.
    pub fn extend(&mut self, other: &Self) {
        let before = self.pieces.len();
        self.pieces.extend_from_slice(&other.pieces);
        self.ends.extend(other.ends.iter().map(|end| before + end));
        self.targets.extend_from_slice(&other.targets);
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The pieces that are legal at `place`.
    pub fn at(&self, place: usize) -> &[u32] {
        &self.pieces[self.range(place)]
    }

    /// Which of the pieces at `place` is the target's.
    pub fn target(&self, place: usize) -> usize {
        self.targets[place]
    }

    /// Where the pieces of `place` stand among those of all.
    pub(crate) fn range(&self, place: usize) -> Range<usize> {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[place]
    }

    /// The places from `first` on, `count` of them.
    pub(crate) fn part(&self, first: usize, count: usize) -> Self {
        let mut part = Self::default();
        for place in first..first + count {
            let pieces = self.at(place);
            part.push(pieces, pieces[self.target(place)]);
        }
        part
    }

    /// Whether there is a choice at `place`. Where there is none, the target is certain: its loss is 0 and has no gradient.
    pub(crate) fn is_open(&self, place: usize) -> bool {
        self.range(place).len() > 1
    }

    /// Every piece that is legal at an open place, sorted.
    pub(crate) fn distinct(&self) -> Vec<u32> {
        let open = (0..self.len()).filter(|&place| self.is_open(place));
        let mut pieces: Vec<u32> = open.flat_map(|place| self.at(place)).copied().collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::LegalPieces;

    #[test]
    fn a_target_that_is_not_legal_is_added_and_told() {
        let mut pieces = LegalPieces::default();
        assert!(pieces.push(&[3, 7], 7) && !pieces.push(&[3], 5) && !pieces.push(&[], 1));
        assert_eq!([pieces.at(0), pieces.at(1), pieces.at(2)], [&[3, 7][..], &[3, 5], &[1]]);
        assert_eq!([pieces.target(0), pieces.target(1), pieces.target(2)], [1, 1, 0]);
        assert_eq!(pieces.distinct(), [3, 5, 7], "what is certain is not asked for");
        let mut twice = pieces.clone();
        twice.extend(&pieces);
        assert_eq!((twice.len(), twice.at(4)), (6, &[3, 5][..]));
        assert_eq!(twice.part(3, 3), pieces);
    }
}
