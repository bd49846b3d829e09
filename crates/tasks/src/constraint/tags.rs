//! What stands in a span behind its text.

use super::sentence::{Sentence, TagKind};
use super::sentence_position::{Head, SentencePosition, TagPosition, TextPosition};
use super::transition::{Action, Transition};
use super::trie::NodeId;
use super::units::UnitRange;

impl Sentence {
    pub(super) fn tag_transitions(
        &self,
        text: &TextPosition,
        head: &Head,
        tag: TagPosition,
        out: &mut Vec<Transition>,
    ) {
        match tag {
            TagPosition::Label(node) => {
                if self.labels.name(node).is_some() {
                    // Arguments of an event are marked for their role, and a label alone says nothing about
                    // it.
                    if !matches!(self.tags, TagKind::Roles { .. }) {
                        out.push(Transition { word: self.markup.close, action: Action::Close });
                    }
                    self.more(text, head, out);
                }
                let children = self.labels.children(node);
                out.extend(
                    children.iter().map(|&(word, node)| Transition { word, action: Action::Child(node) }),
                );
            }
            TagPosition::Relation(node) => self.relation_transitions(text, head, node, out),
            TagPosition::Value(at) => match &self.tags {
                TagKind::Roles { value, .. } if at < value.len() => {
                    out.push(Transition { word: value[at], action: Action::Word });
                }
                _ => self.tag_end(text, head, out),
            },
            TagPosition::Tail { relation, text: tail } => {
                self.tail_transitions(text, head, relation, tail, out);
            }
            TagPosition::Rank { relation, text: tail } => {
                self.rank_transitions(text, head, relation, tail, out);
            }
            TagPosition::Whole => self.tag_end(text, head, out),
        }
    }

    /// What follows a whole tag.
    pub(super) fn tag_end(&self, text: &TextPosition, head: &Head, out: &mut Vec<Transition>) {
        out.push(Transition { word: self.markup.close, action: Action::Close });
        self.more(text, head, out);
    }

    /// Another tag, if there is one that could follow.
    fn more(&self, text: &TextPosition, head: &Head, out: &mut Vec<Transition>) {
        let (TagKind::Relations { names, .. } | TagKind::Roles { names, .. }) = &self.tags else { return };
        if names.all().iter().any(|&relation| self.is_free(text, head, relation)) {
            out.push(Transition { word: self.markup.bar, action: Action::Tag });
        }
    }

    /// Whether the head can have this relation, or this role, once more.
    fn is_free(&self, text: &TextPosition, head: &Head, relation: u32) -> bool {
        let used = head.used.iter().any(|&(used, ..)| used == relation);
        match &self.tags {
            // A relation that was not used yet needs no search for a tail: the head's own span counts as
            // marked.
            TagKind::Relations { .. } => !used || self.has_tail(text, head, relation),
            _ => !used,
        }
    }

    fn relation_transitions(
        &self,
        text: &TextPosition,
        head: &Head,
        node: NodeId,
        out: &mut Vec<Transition>,
    ) {
        let (TagKind::Relations { names, .. } | TagKind::Roles { names, .. }) = &self.tags else { return };
        if let Some(relation) = names.name(node).filter(|&relation| self.is_free(text, head, relation)) {
            out.push(match &self.tags {
                // The first word of the value is its `=`, so this transition already writes a part of it.
                TagKind::Roles { value, .. } => Transition { word: value[0], action: Action::Role(relation) },
                _ => Transition { word: self.markup.equals, action: Action::Relation(relation) },
            });
        }
        for &(word, child) in names.children(node) {
            // A name must not be begun where no name of this branch could be ended.
            if names.below(child).iter().any(|&relation| self.is_free(text, head, relation)) {
                out.push(Transition { word, action: Action::Child(child) });
            }
        }
    }

    /// Where a step within the tags leads.
    pub(super) fn after_tag(
        &self,
        mut text: TextPosition,
        mut head: Head,
        tag: TagPosition,
        action: Action,
    ) -> Option<SentencePosition> {
        let tag = match (tag, action) {
            (TagPosition::Label(_), Action::Child(node)) => TagPosition::Label(node),
            (TagPosition::Relation(_), Action::Child(node)) => TagPosition::Relation(node),
            (TagPosition::Relation(_), Action::Role(role)) => {
                head.used.push((role, UnitRange::default(), 0));
                TagPosition::Value(1)
            }
            (TagPosition::Value(at), Action::Word) => TagPosition::Value(at + 1),
            (TagPosition::Relation(_), Action::Relation(relation)) => {
                TagPosition::Tail { relation, text: UnitRange::default() }
            }
            (TagPosition::Tail { relation, .. }, Action::Tail(text)) => TagPosition::Tail { relation, text },
            (TagPosition::Tail { relation, text }, Action::Equals) => TagPosition::Rank { relation, text },
            (TagPosition::Rank { relation, text: tail }, Action::Rank(rank)) => {
                self.relate(&mut text, &mut head, relation, tail, rank);
                TagPosition::Whole
            }
            (tag, Action::Close | Action::Tag) => {
                // Only here it is clear that the tail has ended, and has no rank.
                if let TagPosition::Tail { relation, text: tail } = tag {
                    self.relate(&mut text, &mut head, relation, tail, 0);
                }
                if action == Action::Close {
                    if let TagKind::Mention { .. } = self.tags {
                        text.mark(head.text);
                    }
                    return Some(SentencePosition::Text(text));
                }
                TagPosition::Relation(0)
            }
            _ => return None,
        };
        Some(SentencePosition::Tags(text, head, tag))
    }
}
