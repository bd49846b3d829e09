//! A sentence being copied, with labelled brackets.

use super::grammar::{Marks, Move, Step};
use super::names::{Names, Node};
use super::runs::{Run, Units};
use super::tails::Need;
use super::words::{END, Sym, Words};
use std::sync::Arc;

/// What can be written of an example's sentence.
///
/// A unit is a token, together with tokens beside it that have no pieces. Spans start and end between units.
#[derive(Debug)]
pub(super) struct Sentence {
    pub(super) units: Units,
    /// The ids from each unit to the end of the sentence.
    pub(super) rest: Vec<usize>,
    pub(super) labels: Arc<Names>,
    pub(super) tags: Tags,
    pub(super) nesting: usize,
    pub(super) marks: Marks,
}

/// What stands in a span behind its text.
#[derive(Debug)]
pub(super) enum Tags {
    /// A label.
    Label,
    /// A label, and relations to other spans, each named by its text.
    Relations { names: Arc<Names>, numbers: Arc<[Sym]> },
    /// A label, and roles in the event of a given trigger: at least one.
    Roles { names: Arc<Names>, value: Vec<Sym> },
    /// Nothing, or the text of an earlier span.
    Mention { numbers: Arc<[Sym]> },
}

/// A place between two units. The spans that are open, marked and needed are known where spans can be named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Text {
    /// The next unit.
    pub(super) next: u32,
    /// Where the open spans start, outermost first.
    pub(super) open: Vec<u32>,
    /// How many spans there are of each text, by text.
    pub(super) marked: Vec<(Run, u32)>,
    /// How many more spans there must be of a text.
    pub(super) needs: Vec<Need>,
}

/// The span whose tags are being written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Head {
    pub(super) text: Run,
    /// The relations it has: name, text of the tail, and rank, which is 0 if it was not written. Of roles, the name.
    pub(super) used: Vec<(u32, Run, u32)>,
}

/// Where in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Between units.
    Text(Text),
    /// In the tags of a span, behind which the text goes on.
    Tags(Text, Head, Tag),
}

/// Where in the tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tag {
    /// In the label.
    Label(Node),
    /// In the name of a relation or role.
    Relation(Node),
    /// So many words into the value of a role.
    Value(usize),
    /// In the text of the tail.
    Tail { relation: u32, text: Run },
    /// Before the rank of the tail.
    Rank { relation: u32, text: Run },
    /// Behind all of a tag.
    Whole,
}

impl Sentence {
    pub(super) fn new(
        units: Units,
        labels: Arc<Names>,
        tags: Tags,
        nesting: usize,
        marks: Marks,
        words: &Words,
    ) -> Self {
        let mut rest = vec![0];
        for &unit in units.0.iter().rev() {
            rest.push(rest[rest.len() - 1] + words.cost(unit));
        }
        rest.reverse();
        Self { units, rest, labels, tags, nesting, marks }
    }

    /// The steps from `place`.
    pub(super) fn steps(&self, place: &Place, out: &mut Vec<Step>) {
        match place {
            Place::Text(text) => self.text_steps(text, out),
            Place::Tags(text, head, tag) => self.tag_steps(text, head, *tag, out),
        }
    }

    fn text_steps(&self, text: &Text, out: &mut Vec<Step>) {
        let kept = |after: &dyn Fn() -> Text| text.needs.is_empty() || self.can_meet(&after());
        if let Some(unit) = self.units.get(text.next) {
            if kept(&|| text.copied()) {
                out.push(Step { word: unit, to: Move::Copy });
            }
            let may_open = text.open.len() < self.nesting || self.must_open(text);
            if self.has_tags() && may_open && kept(&|| text.opened()) {
                out.push(Step { word: self.marks.open, to: Move::Open });
            }
        } else if text.open.is_empty() {
            out.push(Step { word: END, to: Move::End });
        }
        if text.open.last().is_some_and(|&start| start < text.next) {
            if let Tags::Mention { .. } = self.tags {
                out.push(Step { word: self.marks.close, to: Move::Close });
                if !text.marked.is_empty() {
                    out.push(Step { word: self.marks.bar, to: Move::Tag });
                }
            } else if kept(&|| self.closed(text).0) {
                out.push(Step { word: self.marks.bar, to: Move::Tag });
            }
        }
    }

    /// Whether a span can be written at all.
    fn has_tags(&self) -> bool {
        match &self.tags {
            Tags::Mention { .. } => true,
            Tags::Label | Tags::Relations { .. } => !self.labels.all().is_empty(),
            Tags::Roles { names, .. } => !self.labels.all().is_empty() && !names.all().is_empty(),
        }
    }

    /// Where a step leads.
    pub(super) fn after(&self, place: &Place, to: Move) -> Option<Place> {
        Some(match (place, to) {
            (Place::Text(text), Move::Copy) => Place::Text(text.copied()),
            (Place::Text(text), Move::Open) => Place::Text(text.opened()),
            (Place::Text(text), Move::Close) => {
                let (mut text, run) = self.closed(text);
                text.mark(run);
                Place::Text(text)
            }
            (Place::Text(text), Move::Tag) => {
                let (text, run) = self.closed(text);
                let tag = match self.tags {
                    Tags::Mention { .. } => Tag::Tail { relation: 0, text: Run::default() },
                    _ => Tag::Label(0),
                };
                Place::Tags(text, Head { text: run, used: Vec::new() }, tag)
            }
            (Place::Tags(text, head, tag), to) => self.after_tag(text.clone(), head.clone(), *tag, to)?,
            _ => return None,
        })
    }

    /// The place behind the text of the innermost span, and the span. Where spans are named it counts as marked, but a
    /// mention only when it is closed.
    pub(super) fn closed(&self, text: &Text) -> (Text, Run) {
        let mut after = text.clone();
        let start = after.open.pop().unwrap_or_default();
        let run = match self.tags {
            Tags::Label | Tags::Roles { .. } => Run::default(),
            _ => self.units.canonical(Run { start, length: text.next - start }),
        };
        if let Tags::Relations { .. } = self.tags {
            after.mark(run);
        }
        (after, run)
    }

    /// At least as many ids as the way to the end that [`Step::finishing`] prefers has.
    pub(super) fn bound(&self, place: &Place, words: &Words) -> usize {
        let cost = |word| words.cost(word);
        let all = self.rest[0];
        let tag = match &self.tags {
            Tags::Label | Tags::Relations { .. } => self.labels.longest,
            Tags::Roles { names, value } => {
                self.labels.longest + cost(self.marks.bar) + names.longest + words.costs(value)
            }
            Tags::Mention { .. } => all,
        };
        let close = cost(self.marks.bar) + tag + cost(self.marks.close);
        let rest = |text: &Text| {
            let needs: usize = text.needs.iter().map(|need| need.missing as usize).sum();
            let more = needs * (cost(self.marks.open) + close);
            self.rest[text.next as usize] + text.open.len() * close + more + 1
        };
        match place {
            Place::Text(text) => rest(text),
            Place::Tags(text, head, tag) => {
                let names = |names: &Names| names.longest;
                let inside = match (&self.tags, tag) {
                    (_, Tag::Label(_)) | (Tags::Label | Tags::Mention { .. }, _) => close,
                    (Tags::Roles { names: roles, value }, _) => {
                        names(roles) + words.costs(value) + cost(self.marks.close)
                    }
                    (Tags::Relations { .. }, Tag::Whole) => cost(self.marks.close),
                    (Tags::Relations { names: relations, numbers }, _) => {
                        let rank = numbers.iter().map(|&number| cost(number)).max().unwrap_or_default();
                        // A tag needs at most one span more than there are tags, and the least free rank is no higher.
                        let need = (head.used.len() + 2) * (cost(self.marks.open) + close);
                        names(relations)
                            + cost(self.marks.equals)
                            + all
                            + rank
                            + need
                            + cost(self.marks.close)
                    }
                };
                inside + rest(text)
            }
        }
    }
}

impl Text {
    fn copied(&self) -> Self {
        Self { next: self.next + 1, ..self.clone() }
    }

    fn opened(&self) -> Self {
        let mut after = self.clone();
        after.open.push(self.next);
        after
    }
}
