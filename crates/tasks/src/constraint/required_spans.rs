//! Whether the spans that relations have named can still be marked.
//!
//! A relation may name a span that is still to come. From there on only what keeps that span possible is
//! legal: copying must not pass the last place where its text stands, and no bracket may be opened or closed
//! so that the span would have to cross another.
//!
//! Whether all required spans fit is found by search: one place after another is tried for each of them, and
//! a choice is taken back where the rest does not fit. In the worst case that takes time exponential in the
//! number of required spans; in sentences a text stands at few places, so most choices have no alternative.

use super::sentence::Sentence;
use super::sentence_position::{Requirement, TextPosition};
use super::units::UnitRange;

/// Spans that are to be marked over `start..end`.
struct Planned {
    start: u32,
    end: u32,
    count: u32,
}

impl Planned {
    /// Whether the two overlap without one being inside the other.
    fn crosses(&self, other: &Self) -> bool {
        let over = |a: &Self, b: &Self| a.start < b.start && b.start < a.end && a.end < b.end;
        over(self, other) || over(other, self)
    }
}

impl Sentence {
    /// Whether all spans that are required at `text` can be marked.
    pub(super) fn can_meet(&self, text: &TextPosition) -> bool {
        if self.nesting == 1 {
            return self.meets_flat(text, &text.required, &mut Vec::new());
        }
        self.meets_nested(text, &text.required, &mut Vec::new())
    }

    /// Whether the spans can be marked so that none shares a unit with another, nor with one that is open.
    fn meets_flat(&self, text: &TextPosition, required: &[Requirement], taken: &mut Vec<UnitRange>) -> bool {
        let Some((first, others)) = required.split_first() else { return true };
        let less = Requirement { missing: first.missing - 1, ..*first };
        let rest: Vec<Requirement> =
            std::iter::once(less).filter(|rest| rest.missing > 0).chain(others.to_vec()).collect();
        let open = text.open.last().copied();
        // A span that was opened just here cannot end before it has a unit.
        let soonest = text.next + u32::from(open == Some(text.next));
        self.units.occurrences(first.text).any(|range| {
            // The open span may be the one that is required. Any other starts behind its end.
            let within_reach = match open {
                Some(start) if start == range.start => range.end() >= soonest,
                _ => range.start >= soonest,
            };
            if !within_reach || taken.iter().any(|other| other.overlaps(range)) {
                return false;
            }
            taken.push(range);
            let met = self.meets_flat(text, &rest, taken);
            taken.pop();
            met
        })
    }

    /// Whether the spans can be marked so that none crosses another.
    ///
    /// Several spans over the same units are one inside the other, so one place serves all that are missing
    /// of a text.
    fn meets_nested(
        &self,
        text: &TextPosition,
        required: &[Requirement],
        planned: &mut Vec<Planned>,
    ) -> bool {
        let Some((first, others)) = required.split_first() else { return true };
        let is_empty = text.open.last() == Some(&text.next);
        let soonest = text.next + u32::from(is_empty);
        self.units.occurrences(first.text).any(|range| {
            let span = Planned { start: range.start, end: range.end(), count: first.missing };
            // Its start was copied already, so it must be one of the open spans that start there.
            if span.start < text.next {
                let open = text.open.iter().filter(|&&start| start == span.start).count() as u32;
                let same_start = planned.iter().filter(|other| other.start == span.start);
                let taken: u32 = same_start.map(|other| other.count).sum();
                if span.end < soonest || open < taken + first.missing {
                    return false;
                }
            }
            if planned.iter().any(|other| other.crosses(&span)) {
                return false;
            }
            planned.push(span);
            let met = self.meets_nested(text, others, planned);
            planned.pop();
            met
        })
    }

    /// Whether more spans that start here are required than are open here: then another must be opened,
    /// however deep the spans nest already. Spans that do not nest are never more than one.
    pub(super) fn must_open(&self, text: &TextPosition) -> bool {
        if self.nesting == 1 {
            return false;
        }
        let here = |required: &&Requirement| {
            let range = UnitRange { start: text.next, ..required.text };
            self.units.same(range, required.text)
        };
        let missing: u32 = text.required.iter().filter(here).map(|required| required.missing).sum();
        missing as usize > text.open.iter().filter(|&&start| start == text.next).count()
    }
}
