//! How far a sentence with its spans is written.
//!
//! Two positions are equal if exactly the same outputs can follow. That is what keeps the number of
//! [derivations](super::derivation) small, so a position records no more of the past than later words depend
//! on.

use super::trie::NodeId;
use super::units::UnitRange;

/// Where in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum SentencePosition {
    /// Between units.
    Text(TextPosition),
    /// In the tags of a span. The text goes on at the position behind it.
    Tags(TextPosition, Head, TagPosition),
}

/// Between two units of the text.
///
/// `marked` and `required` are filled only where tags name other spans by their text; elsewhere they stay
/// empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct TextPosition {
    /// The next unit to copy.
    pub(super) next: u32,
    /// The unit at which each open span starts, outermost first.
    pub(super) open: Vec<u32>,
    /// How many spans with each text were marked so far, sorted by text.
    pub(super) marked: Vec<(UnitRange, u32)>,
    /// How many more spans with a text there must be, sorted by text.
    pub(super) required: Vec<Requirement>,
}

/// The span whose tags are being written: the head of its relations, or the holder of its roles.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Head {
    pub(super) text: UnitRange,
    /// The relations written so far: number of the relation, text of the tail, and the tail's rank, 0 if none
    /// was written. Of a role only the number counts.
    pub(super) used: Vec<(u32, UnitRange, u32)>,
}

/// Where in the tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum TagPosition {
    /// In the label.
    Label(NodeId),
    /// In the name of a relation or role.
    Relation(NodeId),
    /// Behind so many words of the value of a role.
    Value(usize),
    /// In the text of the tail, of which `text` is written.
    Tail { relation: u32, text: UnitRange },
    /// Before the rank of the tail.
    Rank { relation: u32, text: UnitRange },
    /// Behind a tag that is complete.
    Whole,
}

/// Spans that a relation has named but that are still to be marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Requirement {
    /// Their text.
    pub(super) text: UnitRange,
    /// How many of them.
    pub(super) missing: u32,
}

impl TextPosition {
    /// How many spans with this text were marked.
    pub(super) fn count(&self, text: UnitRange) -> u32 {
        self.marked.binary_search_by_key(&text, |&(text, _)| text).map_or(0, |at| self.marked[at].1)
    }

    /// Notes that there is a span with this text.
    pub(super) fn mark(&mut self, text: UnitRange) {
        match self.marked.binary_search_by_key(&text, |&(text, _)| text) {
            Ok(at) => self.marked[at].1 += 1,
            Err(at) => self.marked.insert(at, (text, 1)),
        }
        if let Ok(at) = self.required.binary_search_by_key(&text, |required| required.text) {
            self.required[at].missing -= 1;
            if self.required[at].missing == 0 {
                self.required.remove(at);
            }
        }
    }

    /// Notes that there must be `count` spans with this text in all.
    pub(super) fn require(&mut self, text: UnitRange, count: u32) {
        let missing = count.saturating_sub(self.count(text));
        if missing == 0 {
            return;
        }
        match self.required.binary_search_by_key(&text, |required| required.text) {
            // The larger number and not the sum, as `count` is a total: relations of two heads may lead to
            // the same span.
            Ok(at) => self.required[at].missing = self.required[at].missing.max(missing),
            Err(at) => self.required.insert(at, Requirement { text, missing }),
        }
    }

    /// The position behind the next unit.
    pub(super) fn copied(&self) -> Self {
        Self { next: self.next + 1, ..self.clone() }
    }

    /// The same position inside a span that starts here.
    pub(super) fn opened(&self) -> Self {
        let mut after = self.clone();
        after.open.push(self.next);
        after
    }
}
