//! A sentence being copied, with labelled brackets.

use std::sync::Arc;

use super::markup::Markup;
use super::sentence_position::{Head, SentencePosition, TagPosition, TextPosition};
use super::transition::{Action, Transition};
use super::trie::Trie;
use super::units::{UnitRange, Units};
use super::words::{END, WordId, Words};

/// What can be written of an example's sentence.
///
/// A unit is a token, together with tokens beside it that have no pieces. Spans start and end between units.
#[derive(Debug)]
pub(super) struct Sentence {
    pub(super) units: Units,
    /// The ids from each unit to the end of the sentence.
    pub(super) rest: Vec<usize>,
    pub(super) labels: Arc<Trie>,
    pub(super) tags: TagKind,
    pub(super) nesting: usize,
    pub(super) markup: Markup,
}

/// What stands in a span behind its text.
#[derive(Debug)]
pub(super) enum TagKind {
    /// A label.
    Label,
    /// A label, and relations to other spans, each named by its text.
    Relations { names: Arc<Trie>, numbers: Arc<[WordId]> },
    /// A label, and roles in the event of a given trigger: at least one.
    Roles { names: Arc<Trie>, value: Vec<WordId> },
    /// Nothing, or the text of an earlier span.
    Mention { numbers: Arc<[WordId]> },
}

impl Sentence {
    pub(super) fn new(
        units: Units,
        labels: Arc<Trie>,
        tags: TagKind,
        nesting: usize,
        markup: Markup,
        words: &Words,
    ) -> Self {
        let mut rest = vec![0];
        for &unit in units.0.iter().rev() {
            rest.push(rest[rest.len() - 1] + words.cost(unit));
        }
        rest.reverse();
        Self { units, rest, labels, tags, nesting, markup }
    }

    /// The transitions from `position`.
    pub(super) fn transitions(&self, position: &SentencePosition, out: &mut Vec<Transition>) {
        match position {
            SentencePosition::Text(text) => self.text_transitions(text, out),
            SentencePosition::Tags(text, head, tag) => self.tag_transitions(text, head, *tag, out),
        }
    }

    fn text_transitions(&self, text: &TextPosition, out: &mut Vec<Transition>) {
        // Where a relation has named a span that is still to come, nothing may make it impossible.
        let kept = |after: &dyn Fn() -> TextPosition| text.required.is_empty() || self.can_meet(&after());
        if let Some(unit) = self.units.get(text.next) {
            if kept(&|| text.copied()) {
                out.push(Transition { word: unit, action: Action::Copy });
            }
            let may_open = text.open.len() < self.nesting || self.must_open(text);
            if self.has_tags() && may_open && kept(&|| text.opened()) {
                out.push(Transition { word: self.markup.open, action: Action::Open });
            }
        } else if text.open.is_empty() {
            out.push(Transition { word: END, action: Action::End });
        }
        // A span that is empty, as in `[ | person ]`, covers no token and could not be read back.
        if text.open.last().is_some_and(|&start| start < text.next) {
            if let TagKind::Mention { .. } = self.tags {
                out.push(Transition { word: self.markup.close, action: Action::Close });
                if !text.marked.is_empty() {
                    out.push(Transition { word: self.markup.bar, action: Action::Tag });
                }
            } else if kept(&|| self.closed(text).0) {
                out.push(Transition { word: self.markup.bar, action: Action::Tag });
            }
        }
    }

    /// Whether a span can be written at all.
    fn has_tags(&self) -> bool {
        match &self.tags {
            TagKind::Mention { .. } => true,
            TagKind::Label | TagKind::Relations { .. } => !self.labels.all().is_empty(),
            TagKind::Roles { names, .. } => !self.labels.all().is_empty() && !names.all().is_empty(),
        }
    }

    /// Where an action leads.
    pub(super) fn after(&self, position: &SentencePosition, action: Action) -> Option<SentencePosition> {
        Some(match (position, action) {
            (SentencePosition::Text(text), Action::Copy) => SentencePosition::Text(text.copied()),
            (SentencePosition::Text(text), Action::Open) => SentencePosition::Text(text.opened()),
            (SentencePosition::Text(text), Action::Close) => {
                let (mut text, range) = self.closed(text);
                text.mark(range);
                SentencePosition::Text(text)
            }
            (SentencePosition::Text(text), Action::Tag) => {
                let (text, range) = self.closed(text);
                let tag = match self.tags {
                    TagKind::Mention { .. } => TagPosition::Tail { relation: 0, text: UnitRange::default() },
                    _ => TagPosition::Label(0),
                };
                SentencePosition::Tags(text, Head { text: range, used: Vec::new() }, tag)
            }
            (SentencePosition::Tags(text, head, tag), action) => {
                self.after_tag(text.clone(), head.clone(), *tag, action)?
            }
            _ => return None,
        })
    }

    /// The position behind the text of the innermost span, and that text. Where relations name spans, it
    /// counts as marked from here on, so that a span can be its own tail; a mention is marked only when it is
    /// closed, as it cannot refer to itself.
    pub(super) fn closed(&self, text: &TextPosition) -> (TextPosition, UnitRange) {
        let mut after = text.clone();
        let start = after.open.pop().unwrap_or_default();
        let range = match self.tags {
            // No tag will name this text. Were it remembered, positions would differ from which the same can
            // follow.
            TagKind::Label | TagKind::Roles { .. } => UnitRange::default(),
            _ => self.units.canonical(UnitRange { start, length: text.next - start }),
        };
        if let TagKind::Relations { .. } = self.tags {
            after.mark(range);
        }
        (after, range)
    }

    /// An upper bound of the ids to the end of the output, if the transitions with the least
    /// [detour](super::grammar::Position::detour) are taken.
    pub(super) fn bound(&self, position: &SentencePosition, words: &Words) -> usize {
        let cost = |word| words.cost(word);
        let all = self.rest[0];
        let tag = match &self.tags {
            TagKind::Label | TagKind::Relations { .. } => self.labels.longest,
            TagKind::Roles { names, value } => {
                self.labels.longest + cost(self.markup.bar) + names.longest + words.costs(value)
            }
            TagKind::Mention { .. } => all,
        };
        let close = cost(self.markup.bar) + tag + cost(self.markup.close);
        let rest = |text: &TextPosition| {
            let required: usize = text.required.iter().map(|need| need.missing as usize).sum();
            let more = required * (cost(self.markup.open) + close);
            self.rest[text.next as usize] + text.open.len() * close + more + 1
        };
        match position {
            SentencePosition::Text(text) => rest(text),
            SentencePosition::Tags(text, head, tag) => {
                let names = |names: &Trie| names.longest;
                let inside = match (&self.tags, tag) {
                    (_, TagPosition::Label(_)) | (TagKind::Label | TagKind::Mention { .. }, _) => close,
                    (TagKind::Roles { names: roles, value }, _) => {
                        names(roles) + words.costs(value) + cost(self.markup.close)
                    }
                    (TagKind::Relations { .. }, TagPosition::Whole) => cost(self.markup.close),
                    (TagKind::Relations { names: relations, numbers }, _) => {
                        let rank = numbers.iter().map(|&number| cost(number)).max().unwrap_or_default();
                        // The tag may name spans that are still to be marked, as many as its rank says. Of
                        // the ranks from 2 to `used.len() + 2` the head has not used all yet, so the least
                        // free one is no higher.
                        let need = (head.used.len() + 2) * (cost(self.markup.open) + close);
                        names(relations)
                            + cost(self.markup.equals)
                            + all
                            + rank
                            + need
                            + cost(self.markup.close)
                    }
                };
                inside + rest(text)
            }
        }
    }
}
