//! Spans that name other spans by their text.
//!
//! The tail of a relation may be a span that is still to come. Then the text is needed: from there on only what keeps
//! every need within reach is legal. A need can be met by any place where its text stands behind the next unit, or by an
//! open span that starts where its text does, as long as the spans that meet all the needs do not cross.

use super::grammar::{Move, Step};
use super::runs::Run;
use super::spans::{Head, Sentence, Tags, Text};
use super::words::Sym;

/// Spans that must still be marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Need {
    pub(super) text: Run,
    pub(super) missing: u32,
}

/// A span that is to meet a need.
struct Plan {
    start: u32,
    end: u32,
    count: u32,
}

impl Plan {
    fn crosses(&self, other: &Self) -> bool {
        let over = |a: &Self, b: &Self| a.start < b.start && b.start < a.end && a.end < b.end;
        over(self, other) || over(other, self)
    }
}

impl Text {
    fn count(&self, run: Run) -> u32 {
        self.marked.binary_search_by_key(&run, |&(text, _)| text).map_or(0, |at| self.marked[at].1)
    }

    /// Notes that there is a span of this text.
    pub(super) fn mark(&mut self, run: Run) {
        match self.marked.binary_search_by_key(&run, |&(text, _)| text) {
            Ok(at) => self.marked[at].1 += 1,
            Err(at) => self.marked.insert(at, (run, 1)),
        }
        if let Ok(at) = self.needs.binary_search_by_key(&run, |need| need.text) {
            self.needs[at].missing -= 1;
            if self.needs[at].missing == 0 {
                self.needs.remove(at);
            }
        }
    }

    /// Notes that there must be `count` spans of this text in all.
    fn need(&mut self, text: Run, count: u32) {
        let missing = count.saturating_sub(self.count(text));
        if missing == 0 {
            return;
        }
        match self.needs.binary_search_by_key(&text, |need| need.text) {
            Ok(at) => self.needs[at].missing = self.needs[at].missing.max(missing),
            Err(at) => self.needs.insert(at, Need { text, missing }),
        }
    }
}

impl Sentence {
    /// How often the head has this relation to this text.
    fn times(head: &Head, relation: u32, tail: Run) -> u32 {
        head.used.iter().filter(|&&(used, text, _)| (used, text) == (relation, tail)).count() as u32
    }

    /// Whether there can be `count` spans of this text in the end, beside all that are needed already.
    fn allows(&self, text: &Text, tail: Run, count: u32) -> bool {
        if count <= text.count(tail) {
            return true;
        }
        let most = self.units.occurrences(tail).count() * self.nesting;
        let mut after = Text { open: text.open.clone(), next: text.next, ..Text::default() };
        (after.marked, after.needs) = (text.marked.clone(), text.needs.clone());
        after.need(tail, count);
        count as usize <= most && self.can_meet(&after)
    }

    /// Whether all needs can be met.
    pub(super) fn can_meet(&self, text: &Text) -> bool {
        if self.nesting == 1 {
            return self.meets_apart(text, &text.needs, &mut Vec::new());
        }
        self.meets(text, &text.needs, &mut Vec::new())
    }

    /// Whether all needs can be met by spans that share no unit with each other, nor with one that is open.
    fn meets_apart(&self, text: &Text, needs: &[Need], taken: &mut Vec<Run>) -> bool {
        let Some((need, others)) = needs.split_first() else { return true };
        let less = Need { missing: need.missing - 1, ..*need };
        let rest: Vec<Need> =
            std::iter::once(less).filter(|n| n.missing > 0).chain(others.to_vec()).collect();
        let open = text.open.last().copied();
        let soonest = text.next + u32::from(open == Some(text.next));
        self.units.occurrences(need.text).any(|run| {
            let within_reach = match open {
                Some(start) if start == run.start => run.end() >= soonest,
                _ => run.start >= soonest,
            };
            if !within_reach || taken.iter().any(|t| t.start < run.end() && run.start < t.end()) {
                return false;
            }
            taken.push(run);
            let met = self.meets_apart(text, &rest, taken);
            taken.pop();
            met
        })
    }

    fn meets(&self, text: &Text, needs: &[Need], plans: &mut Vec<Plan>) -> bool {
        let Some((need, others)) = needs.split_first() else { return true };
        // The innermost span cannot end before its first unit.
        let is_empty = text.open.last() == Some(&text.next);
        let soonest = text.next + u32::from(is_empty);
        self.units.occurrences(need.text).any(|run| {
            let plan = Plan { start: run.start, end: run.end(), count: need.missing };
            if plan.start < text.next {
                let open = text.open.iter().filter(|&&start| start == plan.start).count() as u32;
                let taken: u32 =
                    plans.iter().filter(|other| other.start == plan.start).map(|p| p.count).sum();
                if plan.end < soonest || open < taken + need.missing {
                    return false;
                }
            }
            if plans.iter().any(|other| other.crosses(&plan)) {
                return false;
            }
            plans.push(plan);
            let met = self.meets(text, others, plans);
            plans.pop();
            met
        })
    }

    /// Whether the spans needed here are more than those opened here; spans that do not nest are never more than one.
    pub(super) fn must_open(&self, text: &Text) -> bool {
        if self.nesting == 1 {
            return false;
        }
        let here = |need: &&Need| {
            let run = Run { start: text.next, ..need.text };
            self.units.same(run, need.text)
        };
        let needed: u32 = text.needs.iter().filter(here).map(|need| need.missing).sum();
        needed as usize > text.open.iter().filter(|&&start| start == text.next).count()
    }

    /// Adds the relation to what the head has, and to what is needed.
    pub(super) fn relate(&self, text: &mut Text, head: &mut Head, relation: u32, tail: Run, rank: u32) {
        if let Tags::Relations { .. } = self.tags {
            text.need(tail, rank.max(Self::times(head, relation, tail) + 1));
            head.used.push((relation, tail, rank));
        }
    }

    pub(super) fn tail_steps(&self, text: &Text, head: &Head, relation: u32, tail: Run, out: &mut Vec<Step>) {
        if tail.length > 0 && self.allows_tail(text, head, relation, tail) {
            let (mut text, mut head) = (text.clone(), head.clone());
            self.relate(&mut text, &mut head, relation, tail, 0);
            self.tag_end(&text, &head, out);
        }
        if tail.length > 0 && self.ranks(text, head, relation, tail).next().is_some() {
            out.push(Step { word: self.marks.equals, to: Move::Equals });
        }
        for next in self.longer(text, head, relation, tail, false) {
            let word = self.units.0[(next.start + tail.length) as usize];
            out.push(Step { word, to: Move::Tail(next) });
        }
    }

    pub(super) fn rank_steps(&self, text: &Text, head: &Head, relation: u32, tail: Run, out: &mut Vec<Step>) {
        for (rank, word) in self.ranks(text, head, relation, tail) {
            out.push(Step { word, to: Move::Rank(rank) });
        }
    }

    /// The ranks from 2 that the tail can have, with their words.
    fn ranks(&self, text: &Text, head: &Head, relation: u32, tail: Run) -> impl Iterator<Item = (u32, Sym)> {
        let numbers: &[Sym] = match &self.tags {
            Tags::Relations { numbers, .. } | Tags::Mention { numbers } => numbers,
            _ => &[],
        };
        let (times, is_mention) =
            (Self::times(head, relation, tail), matches!(self.tags, Tags::Mention { .. }));
        (2..)
            .zip(numbers.iter().copied())
            .take_while(move |&(rank, _)| {
                if is_mention {
                    rank <= text.count(tail)
                } else {
                    self.allows(text, tail, rank.max(times + 1))
                }
            })
            .filter(move |&(rank, _)| !head.used.contains(&(relation, tail, rank)))
    }

    /// Whether the head can have this relation to some text once more.
    pub(super) fn has_tail(&self, text: &Text, head: &Head, relation: u32) -> bool {
        !self.longer(text, head, relation, Run::default(), true).is_empty()
    }

    /// Whether the head can have this relation to this text once more.
    fn allows_tail(&self, text: &Text, head: &Head, relation: u32, tail: Run) -> bool {
        match self.tags {
            Tags::Relations { .. } => self.allows(text, tail, Self::times(head, relation, tail) + 1),
            _ => text.count(tail) > 0,
        }
    }

    /// The texts that are one unit longer than `prefix` and can be completed to a tail, or just one of them.
    fn longer(&self, text: &Text, head: &Head, relation: u32, prefix: Run, one: bool) -> Vec<Run> {
        let mut found: Vec<Run> = Vec::new();
        let longer = |start| self.units.canonical(Run { start, length: prefix.length + 1 });
        let starts = |run: Run| {
            run.length > prefix.length && self.units.same(Run { length: prefix.length, ..run }, prefix)
        };
        for &(run, _) in &text.marked {
            if starts(run) && self.allows_tail(text, head, relation, run) {
                let next = longer(run.start);
                if !found.contains(&next) {
                    found.push(next);
                }
                if one {
                    return found;
                }
            }
        }
        let Tags::Relations { .. } = self.tags else { return found };
        let end = self.units.len();
        for start in 0..end {
            let first = match start < text.next {
                true if !text.open.contains(&start) => continue,
                true => text.next - start,
                false => 1,
            };
            let shortest = first.max(prefix.length + 1);
            if start + shortest > end || !starts(Run { start, length: shortest }) {
                continue;
            }
            let next = longer(start);
            let can_be =
                |length| self.allows_tail(text, head, relation, self.units.canonical(Run { start, length }));
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
