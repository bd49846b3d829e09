//! What can be written for one example, word by word.

use std::sync::Arc;

use super::dialogue::{Dialogue, DialoguePosition};
use super::sentence::Sentence;
use super::sentence_position::{SentencePosition, TextPosition};
use super::transition::{Action, Transition};
use super::trie::{NodeId, Trie};
use super::words::{END, WordId, Words};

/// What can be written for an example: words that are always written, then one of several names, then more
/// words that are always written, then a body.
///
/// It is an automaton over words. A [`Position`] is one of its states, a [`Transition`] leads from one to
/// another. Most have few transitions, and there are far too many positions to list them, so both are made as
/// they are reached.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) words: Words,
    pub(super) prefix: Vec<WordId>,
    /// The names to choose from; nothing if there is no name.
    pub(super) names: Option<Arc<Trie>>,
    pub(super) suffix: Vec<WordId>,
    pub(super) body: Body,
    /// A text that has no pieces at all, which is put at the end when the output is rendered.
    pub(super) pieceless: String,
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
pub(super) enum Position {
    /// Before a word of the prefix.
    Prefix(usize),
    /// In the name.
    Name(NodeId),
    /// Before a word behind the name.
    Suffix(usize),
    /// In the sentence.
    Sentence(SentencePosition),
    /// In the dialogue state.
    Dialogue(DialoguePosition),
    /// Before the end.
    Last,
    /// Behind the end.
    Done,
}

impl Grammar {
    /// Where an output starts.
    pub(super) fn start(&self) -> Position {
        self.settled(Position::Prefix(0))
    }

    /// The position itself, or the start of the next part if this part is over.
    fn settled(&self, position: Position) -> Position {
        match position {
            Position::Prefix(at) if at == self.prefix.len() => match &self.names {
                Some(_) => Position::Name(0),
                None => self.settled(Position::Suffix(0)),
            },
            Position::Suffix(at) if at == self.suffix.len() => match &self.body {
                Body::Nothing => Position::Last,
                Body::Sentence(_) => Position::Sentence(SentencePosition::Text(TextPosition::default())),
                Body::Dialogue(_) => Position::Dialogue(DialoguePosition::default()),
            },
            position => position,
        }
    }

    /// The transitions from `position`, copying first.
    pub(super) fn transitions(&self, position: &Position, out: &mut Vec<Transition>) {
        match (position, &self.body, &self.names) {
            (&Position::Prefix(at), ..) => {
                out.push(Transition { word: self.prefix[at], action: Action::Word });
            }
            (&Position::Suffix(at), ..) => {
                out.push(Transition { word: self.suffix[at], action: Action::Word });
            }
            (&Position::Name(node), _, Some(names)) => {
                // Nothing marks the end of a name. Where one is complete, what comes behind it may follow, or
                // the rest of a longer name: `flight` and `flight time`.
                if names.name(node).is_some() {
                    self.transitions(&self.settled(Position::Suffix(0)), out);
                }
                let children = names.children(node).iter();
                out.extend(children.map(|&(word, node)| Transition { word, action: Action::Child(node) }));
            }
            (Position::Sentence(position), Body::Sentence(sentence), _) => {
                sentence.transitions(position, out);
            }
            (Position::Dialogue(position), Body::Dialogue(dialogue), _) => {
                dialogue.transitions(position, out);
            }
            (Position::Last, ..) => out.push(Transition { word: END, action: Action::End }),
            _ => {}
        }
    }

    /// Where `action`, of one of the transitions from `position`, leads.
    pub(super) fn after(&self, position: &Position, action: Action) -> Option<Position> {
        if action == Action::End {
            return Some(Position::Done);
        }
        Some(match (position, action, &self.body) {
            (&Position::Prefix(at), ..) => self.settled(Position::Prefix(at + 1)),
            (&Position::Suffix(at), ..) => self.settled(Position::Suffix(at + 1)),
            (Position::Name(_), Action::Child(node), _) => Position::Name(node),
            (Position::Name(_), ..) => self.after(&self.settled(Position::Suffix(0)), action)?,
            (Position::Sentence(position), _, Body::Sentence(sentence)) => {
                Position::Sentence(sentence.after(position, action)?)
            }
            (Position::Dialogue(_), Action::Close, _) => Position::Last,
            (Position::Dialogue(position), _, Body::Dialogue(dialogue)) => {
                Position::Dialogue(dialogue.after(position, action)?)
            }
            _ => return None,
        })
    }

    /// An upper bound of the ids to the end of the output, if the transitions with the least
    /// [detour](Position::detour) are taken.
    ///
    /// It is cheap where that way itself takes many transitions to walk, and so saves the walk wherever room
    /// is left.
    pub(super) fn bound(&self, position: &Position) -> usize {
        let suffix = self.words.costs(&self.suffix);
        let body = || match &self.body {
            Body::Nothing => 1,
            Body::Sentence(sentence) => {
                sentence.bound(&SentencePosition::Text(TextPosition::default()), &self.words)
            }
            Body::Dialogue(dialogue) => dialogue.bound(&DialoguePosition::default(), &self.words),
        };
        let name = self.names.as_ref().map_or(0, |names| names.longest);
        match (position, &self.body) {
            (&Position::Prefix(at), _) => self.words.costs(&self.prefix[at..]) + name + suffix + body(),
            (Position::Name(_), _) => name + suffix + body(),
            (&Position::Suffix(at), _) => self.words.costs(&self.suffix[at..]) + body(),
            (Position::Sentence(position), Body::Sentence(sentence)) => sentence.bound(position, &self.words),
            (Position::Dialogue(position), Body::Dialogue(dialogue)) => dialogue.bound(position, &self.words),
            (Position::Done, _) => 0,
            _ => 1,
        }
    }
}

impl Position {
    /// How far from the end an action leads, roughly; 0 is the most direct.
    pub(super) fn detour(&self, action: Action) -> u8 {
        let in_text = matches!(self, Self::Sentence(SentencePosition::Text(_)));
        match action {
            Action::End | Action::Close | Action::Rank(_) => 0,
            // The span is open, and this is how it comes to its end.
            Action::Tag if in_text => 1,
            // What ends a name or a value goes before what makes it longer.
            Action::Copy | Action::Word | Action::Role(_) | Action::Relation(_) | Action::Comma => 2,
            Action::Child(_) | Action::Tail(_) | Action::Value(_) => 3,
            Action::Domain(_) => 4,
            // Whatever starts something that would not have to be there.
            Action::Tag | Action::Equals | Action::Open => 5,
        }
    }
}
