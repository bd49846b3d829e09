//! What stands in a span behind its text.

use super::grammar::{Move, Step};
use super::names::Node;
use super::runs::Run;
use super::spans::{Head, Place, Sentence, Tag, Tags, Text};

impl Sentence {
    pub(super) fn tag_steps(&self, text: &Text, head: &Head, tag: Tag, out: &mut Vec<Step>) {
        match tag {
            Tag::Label(node) => {
                if self.labels.name(node).is_some() {
                    if !matches!(self.tags, Tags::Roles { .. }) {
                        out.push(Step { word: self.marks.close, to: Move::Close });
                    }
                    self.more(text, head, out);
                }
                let children = self.labels.children(node);
                out.extend(children.iter().map(|&(word, node)| Step { word, to: Move::Child(node) }));
            }
            Tag::Relation(node) => self.relation_steps(text, head, node, out),
            Tag::Value(at) => match &self.tags {
                Tags::Roles { value, .. } if at < value.len() => {
                    out.push(Step { word: value[at], to: Move::Word });
                }
                _ => self.tag_end(text, head, out),
            },
            Tag::Tail { relation, text: tail } => self.tail_steps(text, head, relation, tail, out),
            Tag::Rank { relation, text: tail } => self.rank_steps(text, head, relation, tail, out),
            Tag::Whole => self.tag_end(text, head, out),
        }
    }

    /// What follows a whole tag.
    pub(super) fn tag_end(&self, text: &Text, head: &Head, out: &mut Vec<Step>) {
        out.push(Step { word: self.marks.close, to: Move::Close });
        self.more(text, head, out);
    }

    /// Another tag, if there is one that could follow.
    fn more(&self, text: &Text, head: &Head, out: &mut Vec<Step>) {
        let (Tags::Relations { names, .. } | Tags::Roles { names, .. }) = &self.tags else { return };
        if names.all().iter().any(|&relation| self.is_free(text, head, relation)) {
            out.push(Step { word: self.marks.bar, to: Move::Tag });
        }
    }

    /// Whether the head can have this relation, or this role, once more.
    fn is_free(&self, text: &Text, head: &Head, relation: u32) -> bool {
        let used = head.used.iter().any(|&(used, ..)| used == relation);
        match &self.tags {
            Tags::Relations { .. } => !used || self.has_tail(text, head, relation),
            _ => !used,
        }
    }

    fn relation_steps(&self, text: &Text, head: &Head, node: Node, out: &mut Vec<Step>) {
        let (Tags::Relations { names, .. } | Tags::Roles { names, .. }) = &self.tags else { return };
        if let Some(relation) = names.name(node).filter(|&relation| self.is_free(text, head, relation)) {
            out.push(match &self.tags {
                Tags::Roles { value, .. } => Step { word: value[0], to: Move::Role(relation) },
                _ => Step { word: self.marks.equals, to: Move::Relation(relation) },
            });
        }
        for &(word, child) in names.children(node) {
            if names.below(child).iter().any(|&relation| self.is_free(text, head, relation)) {
                out.push(Step { word, to: Move::Child(child) });
            }
        }
    }

    /// Where a step within the tags leads.
    pub(super) fn after_tag(&self, mut text: Text, mut head: Head, tag: Tag, to: Move) -> Option<Place> {
        let tag = match (tag, to) {
            (Tag::Label(_), Move::Child(node)) => Tag::Label(node),
            (Tag::Relation(_), Move::Child(node)) => Tag::Relation(node),
            (Tag::Relation(_), Move::Role(role)) => {
                head.used.push((role, Run::default(), 0));
                Tag::Value(1)
            }
            (Tag::Value(at), Move::Word) => Tag::Value(at + 1),
            (Tag::Relation(_), Move::Relation(relation)) => Tag::Tail { relation, text: Run::default() },
            (Tag::Tail { relation, .. }, Move::Tail(text)) => Tag::Tail { relation, text },
            (Tag::Tail { relation, text }, Move::Equals) => Tag::Rank { relation, text },
            (Tag::Rank { relation, text: tail }, Move::Rank(rank)) => {
                self.relate(&mut text, &mut head, relation, tail, rank);
                Tag::Whole
            }
            (tag, Move::Close | Move::Tag) => {
                if let Tag::Tail { relation, text: tail } = tag {
                    self.relate(&mut text, &mut head, relation, tail, 0);
                }
                if to == Move::Close {
                    if let Tags::Mention { .. } = self.tags {
                        text.mark(head.text);
                    }
                    return Some(Place::Text(text));
                }
                Tag::Relation(0)
            }
            _ => return None,
        };
        Some(Place::Tags(text, head, tag))
    }
}
