//! What can be written for one example, word by word.

use super::dialogue::{self, Dialogue};
use super::names::{Names, Node};
use super::runs::Run;
use super::spans::{self, Sentence};
use super::words::{END, Sym, Words};
use std::sync::Arc;

/// The markup.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    pub(super) open: Sym,
    pub(super) bar: Sym,
    pub(super) equals: Sym,
    pub(super) close: Sym,
}

/// Words that are always written, then one of several names, then more such words, then a body.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) words: Words,
    pub(super) lead: Vec<Sym>,
    /// None: no name is written.
    pub(super) names: Option<Arc<Names>>,
    pub(super) trail: Vec<Sym>,
    pub(super) body: Body,
    /// What is written at the end without a single piece.
    pub(super) silent: String,
}

/// What comes last.
#[derive(Debug)]
pub(super) enum Body {
    /// Nothing.
    Nothing,
    /// A sentence with its spans.
    Sentence(Box<Sentence>),
    /// The items of a dialogue state.
    Dialogue(Box<Dialogue>),
}

/// Between two words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Before a word of the lead.
    Lead(usize),
    /// In the name.
    Name(Node),
    /// Before a word behind the name.
    Trail(usize),
    /// In the sentence.
    Sentence(spans::Place),
    /// In the dialogue state.
    Dialogue(dialogue::Place),
    /// Before the end.
    Last,
    /// Behind the end.
    Done,
}

/// A word that can follow, and where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Step {
    pub(super) word: Sym,
    pub(super) to: Move,
}

/// What a word does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Move {
    /// Ends the output.
    End,
    /// Is the only one that can follow here.
    Word,
    /// Goes on with a name.
    Child(Node),
    /// Copies a unit.
    Copy,
    /// Opens a span.
    Open,
    /// Closes a span.
    Close,
    /// Starts a tag.
    Tag,
    /// Ends the name of a relation.
    Relation(u32),
    /// Ends the name of a role.
    Role(u32),
    /// Goes on with a tail, which is then this text.
    Tail(Run),
    /// Ends the text of a tail that gets a rank.
    Equals,
    /// Is the rank of a tail.
    Rank(u32),
    /// Goes on with a value that is a text of the dialogue.
    Value(Run),
    /// Ends an item.
    Comma,
    /// Starts the items of a domain.
    Domain(u32),
}

impl Grammar {
    /// Where an output starts.
    pub(super) fn start(&self) -> Place {
        self.settled(Place::Lead(0))
    }

    /// The place itself, or the next part if this one is over.
    fn settled(&self, place: Place) -> Place {
        match place {
            Place::Lead(at) if at == self.lead.len() => match &self.names {
                Some(_) => Place::Name(0),
                None => self.settled(Place::Trail(0)),
            },
            Place::Trail(at) if at == self.trail.len() => match &self.body {
                Body::Nothing => Place::Last,
                Body::Sentence(_) => Place::Sentence(spans::Place::Text(spans::Text::default())),
                Body::Dialogue(_) => Place::Dialogue(dialogue::Place::default()),
            },
            place => place,
        }
    }

    /// The steps from `place`, copying first.
    pub(super) fn steps(&self, place: &Place, out: &mut Vec<Step>) {
        match (place, &self.body, &self.names) {
            (&Place::Lead(at), ..) => out.push(Step { word: self.lead[at], to: Move::Word }),
            (&Place::Trail(at), ..) => out.push(Step { word: self.trail[at], to: Move::Word }),
            (&Place::Name(node), _, Some(names)) => {
                if names.name(node).is_some() {
                    self.steps(&self.settled(Place::Trail(0)), out);
                }
                out.extend(
                    names.children(node).iter().map(|&(word, node)| Step { word, to: Move::Child(node) }),
                );
            }
            (Place::Sentence(place), Body::Sentence(sentence), _) => sentence.steps(place, out),
            (Place::Dialogue(place), Body::Dialogue(dialogue), _) => dialogue.steps(place, out),
            (Place::Last, ..) => out.push(Step { word: END, to: Move::End }),
            _ => {}
        }
    }

    /// Where `to`, one of the steps from `place`, leads.
    pub(super) fn after(&self, place: &Place, to: Move) -> Option<Place> {
        if to == Move::End {
            return Some(Place::Done);
        }
        Some(match (place, to, &self.body) {
            (&Place::Lead(at), ..) => self.settled(Place::Lead(at + 1)),
            (&Place::Trail(at), ..) => self.settled(Place::Trail(at + 1)),
            (Place::Name(_), Move::Child(node), _) => Place::Name(node),
            (Place::Name(_), ..) => self.after(&self.settled(Place::Trail(0)), to)?,
            (Place::Sentence(place), _, Body::Sentence(sentence)) => {
                Place::Sentence(sentence.after(place, to)?)
            }
            (Place::Dialogue(_), Move::Close, _) => Place::Last,
            (Place::Dialogue(place), _, Body::Dialogue(dialogue)) => {
                Place::Dialogue(dialogue.after(place, to)?)
            }
            _ => return None,
        })
    }

    /// At least as many ids as a way to the end has that takes [`Step::haste`] first.
    pub(super) fn bound(&self, place: &Place) -> usize {
        let trail = self.words.costs(&self.trail);
        let body = || match &self.body {
            Body::Nothing => 1,
            Body::Sentence(sentence) => {
                sentence.bound(&spans::Place::Text(spans::Text::default()), &self.words)
            }
            Body::Dialogue(dialogue) => dialogue.bound(&dialogue::Place::default(), &self.words),
        };
        let name = self.names.as_ref().map_or(0, |names| names.longest);
        match (place, &self.body) {
            (&Place::Lead(at), _) => self.words.costs(&self.lead[at..]) + name + trail + body(),
            (Place::Name(_), _) => name + trail + body(),
            (&Place::Trail(at), _) => self.words.costs(&self.trail[at..]) + body(),
            (Place::Sentence(place), Body::Sentence(sentence)) => sentence.bound(place, &self.words),
            (Place::Dialogue(place), Body::Dialogue(dialogue)) => dialogue.bound(place, &self.words),
            (Place::Done, _) => 0,
            _ => 1,
        }
    }
}

impl Step {
    /// How directly it leads to the end; the least is the most direct.
    pub(super) fn haste(self, place: &Place) -> u8 {
        let in_text = matches!(place, Place::Sentence(spans::Place::Text(_)));
        match self.to {
            Move::End | Move::Close | Move::Rank(_) => 0,
            Move::Tag if in_text => 1,
            Move::Copy | Move::Word | Move::Role(_) | Move::Relation(_) | Move::Comma => 2,
            Move::Child(_) | Move::Tail(_) | Move::Value(_) => 3,
            Move::Domain(_) => 4,
            Move::Tag | Move::Equals | Move::Open => 5,
        }
    }
}
