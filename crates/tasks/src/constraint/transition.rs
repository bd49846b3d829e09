//! The transitions of the automaton: a word, and what it does.

use super::trie::NodeId;
use super::units::UnitRange;
use super::words::WordId;

/// A word that can follow, and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Transition {
    pub(super) word: WordId,
    pub(super) action: Action,
}

/// What a word does. Together with the position before it, this is the position behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Action {
    /// Ends the output.
    End,
    /// Is the only word that can follow here.
    Word,
    /// Goes on with a name, down to this node of its trie.
    Child(NodeId),
    /// Copies a unit.
    Copy,
    /// Opens a span.
    Open,
    /// Closes a span, or a dialogue state.
    Close,
    /// Starts a tag.
    Tag,
    /// Ends the name of a relation.
    Relation(u32),
    /// Ends the name of a role.
    Role(u32),
    /// Goes on with the text of a tail, which then is this text.
    Tail(UnitRange),
    /// Ends the text of a tail that gets a rank.
    Equals,
    /// Is the rank of a tail.
    Rank(u32),
    /// Goes on with a value that is a text of the dialogue.
    Value(UnitRange),
    /// Ends an item of a dialogue state.
    Comma,
    /// Starts the items of a domain, the first of which has this slot.
    Domain(u32),
}
