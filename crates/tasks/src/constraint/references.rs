//! Tags that name other spans by their text: the tails of relations, and the mentions that a mention refers
//! back to.
//!
//! Where several spans have the text, a rank behind it says which of them is meant, as in
//! `born in = here = 2`.
//!
//! The tail of a relation may be a span that is still to come. Then spans with its text are required, and it
//! is legal only if they [can all be marked](Sentence::can_meet).

use super::sentence::{Sentence, TagKind};
use super::sentence_position::{Head, TextPosition};
use super::transition::{Action, Transition};
use super::units::UnitRange;
use super::words::WordId;

impl Sentence {
    /// How often the head has this relation to spans with this text.
    fn times(head: &Head, relation: u32, tail: UnitRange) -> u32 {
        head.used.iter().filter(|&&(used, text, _)| (used, text) == (relation, tail)).count() as u32
    }

    /// Whether there can be `count` spans with this text in the end, beside all that are required already.
    fn allows(&self, text: &TextPosition, tail: UnitRange, count: u32) -> bool {
        if count <= text.count(tail) {
            return true;
        }
        let most = self.units.occurrences(tail).count() * self.nesting;
        let mut after = TextPosition { open: text.open.clone(), next: text.next, ..TextPosition::default() };
        (after.marked, after.required) = (text.marked.clone(), text.required.clone());
        after.require(tail, count);
        count as usize <= most && self.can_meet(&after)
    }

    /// Adds the relation to those of the head, and its tail to the spans that are required.
    pub(super) fn relate(
        &self,
        text: &mut TextPosition,
        head: &mut Head,
        relation: u32,
        tail: UnitRange,
        rank: u32,
    ) {
        if let TagKind::Relations { .. } = self.tags {
            // A reader gives equal tags to different spans: the second `born in = here` of a head means the
            // second nearest `here`. So there must be as many spans as there are such tags, or as the rank
            // says.
            text.require(tail, rank.max(Self::times(head, relation, tail) + 1));
            head.used.push((relation, tail, rank));
        }
    }

    pub(super) fn tail_transitions(
        &self,
        text: &TextPosition,
        head: &Head,
        relation: u32,
        tail: UnitRange,
        out: &mut Vec<Transition>,
    ) {
        if tail.length > 0 && self.allows_tail(text, head, relation, tail) {
            // Whether another tag can follow depends on what this one requires.
            let (mut text, mut head) = (text.clone(), head.clone());
            self.relate(&mut text, &mut head, relation, tail, 0);
            self.tag_end(&text, &head, out);
        }
        if tail.length > 0 && self.ranks(text, head, relation, tail).next().is_some() {
            out.push(Transition { word: self.markup.equals, action: Action::Equals });
        }
        for next in self.longer(text, head, relation, tail, false) {
            let word = self.units.0[(next.start + tail.length) as usize];
            out.push(Transition { word, action: Action::Tail(next) });
        }
    }

    pub(super) fn rank_transitions(
        &self,
        text: &TextPosition,
        head: &Head,
        relation: u32,
        tail: UnitRange,
        out: &mut Vec<Transition>,
    ) {
        for (rank, word) in self.ranks(text, head, relation, tail) {
            out.push(Transition { word, action: Action::Rank(rank) });
        }
    }

    /// The ranks from 2 that the tail can have, with their words.
    fn ranks(
        &self,
        text: &TextPosition,
        head: &Head,
        relation: u32,
        tail: UnitRange,
    ) -> impl Iterator<Item = (u32, WordId)> {
        let numbers: &[WordId] = match &self.tags {
            TagKind::Relations { numbers, .. } | TagKind::Mention { numbers } => numbers,
            _ => &[],
        };
        let (times, is_mention) =
            (Self::times(head, relation, tail), matches!(self.tags, TagKind::Mention { .. }));
        (2..)
            .zip(numbers.iter().copied())
            .take_while(move |&(rank, _)| {
                if is_mention {
                    rank <= text.count(tail)
                } else {
                    self.allows(text, tail, rank.max(times + 1))
                }
            })
            // The same tag twice would say nothing new, and a reader would leave it out.
            .filter(move |&(rank, _)| !head.used.contains(&(relation, tail, rank)))
    }

    /// Whether the head can have this relation to some text once more.
    pub(super) fn has_tail(&self, text: &TextPosition, head: &Head, relation: u32) -> bool {
        !self.longer(text, head, relation, UnitRange::default(), true).is_empty()
    }

    /// Whether the head can have this relation to this text once more.
    fn allows_tail(&self, text: &TextPosition, head: &Head, relation: u32, tail: UnitRange) -> bool {
        match self.tags {
            TagKind::Relations { .. } => self.allows(text, tail, Self::times(head, relation, tail) + 1),
            _ => text.count(tail) > 0,
        }
    }

    /// The texts that are one unit longer than `prefix` and can be completed to a tail; just the first of
    /// them if `one`.
    ///
    /// A tail is a text that was marked, or one that still can be: it starts at the next unit or behind it,
    /// or where an open span starts.
    fn longer(
        &self,
        text: &TextPosition,
        head: &Head,
        relation: u32,
        prefix: UnitRange,
        one: bool,
    ) -> Vec<UnitRange> {
        let mut found: Vec<UnitRange> = Vec::new();
        let longer = |start| self.units.canonical(UnitRange { start, length: prefix.length + 1 });
        let starts = |range: UnitRange| {
            range.length > prefix.length
                && self.units.same(UnitRange { length: prefix.length, ..range }, prefix)
        };
        for &(range, _) in &text.marked {
            if starts(range) && self.allows_tail(text, head, relation, range) {
                let next = longer(range.start);
                if !found.contains(&next) {
                    found.push(next);
                }
                if one {
                    return found;
                }
            }
        }
        // A mention refers back, so only to what was marked. A relation may also lead to a span that is still
        // to come: `[ Ann | person | born in = New` can go on with `York` if `New York` stands behind it.
        let TagKind::Relations { .. } = self.tags else { return found };
        let end = self.units.len();
        for start in 0..end {
            let first = match start < text.next {
                true if !text.open.contains(&start) => continue,
                // The units up to `next` are in the open span already.
                true => text.next - start,
                false => 1,
            };
            let shortest = first.max(prefix.length + 1);
            if start + shortest > end || !starts(UnitRange { start, length: shortest }) {
                continue;
            }
            let next = longer(start);
            let can_be = |length| {
                self.allows_tail(text, head, relation, self.units.canonical(UnitRange { start, length }))
            };
            if !found.contains(&next) && (shortest..=end - start).any(can_be) {
                found.push(next);
                if one {
                    return found;
                }
            }
        }
        found
    }
}
