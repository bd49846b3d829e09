//! Natural names as a trie over words.

use std::collections::BTreeMap;

use super::words::{WordId, Words};
use crate::{ConstraintError, Error, Result, Vocabulary};

/// A node of a [`Trie`]; the root is 0.
pub(super) type NodeId = u32;

/// Names that are written word by word. No name is empty, so none ends at the root.
#[derive(Clone, Debug, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    /// The most ids that a name has.
    pub(super) longest: usize,
}

#[derive(Clone, Debug, Default)]
struct Node {
    children: Vec<(WordId, NodeId)>,
    /// The name that is complete here.
    name: Option<u32>,
    /// The names that are complete here or beyond.
    below: Vec<u32>,
}

/// Two words or names that the tokenizer does not tell apart.
pub(super) fn same_pieces(first: &str, second: &str) -> Error {
    Error::Constraint(ConstraintError::SamePieces { first: first.to_owned(), second: second.to_owned() })
}

impl Trie {
    /// The trie of `names`, each with its number.
    ///
    /// A name without pieces cannot be written, nor the second of two that have the same pieces: both are an
    /// error if the names are labels, and are left out if they are not.
    pub(super) fn new<'a>(
        names: impl IntoIterator<Item = (u32, &'a str)>,
        are_labels: bool,
        words: &mut Words,
        vocabulary: &dyn Vocabulary,
    ) -> Result<Self> {
        let mut trie = Self { nodes: vec![Node::default()], longest: 0 };
        let mut seen: BTreeMap<Vec<u32>, &str> = BTreeMap::new();
        for (number, name) in names {
            let word_ids = words.add_text(name, vocabulary);
            if word_ids.is_empty() && are_labels {
                return Err(Error::Constraint(ConstraintError::NameWithoutPieces { name: name.to_owned() }));
            }
            if word_ids.is_empty() {
                continue;
            }
            // Names are compared by their pieces: `{` and `}` are different words, but in T5's vocabulary
            // both are the unknown piece, so no output could say which of two names that differ only there is
            // meant.
            let ids: Vec<u32> =
                word_ids.iter().flat_map(|&word_id| words.ids(word_id, false)).copied().collect();
            trie.longest = trie.longest.max(ids.len());
            match seen.get(&ids) {
                None => trie.insert(&word_ids, number),
                Some(&first) if are_labels => return Err(same_pieces(first, name)),
                Some(_) => {}
            }
            seen.insert(ids, name);
        }
        Ok(trie)
    }

    fn insert(&mut self, word_ids: &[WordId], name: u32) {
        let mut at = 0;
        for &word_id in word_ids {
            self.nodes[at].below.push(name);
            let child = self.nodes[at].children.iter().find(|&&(child, _)| child == word_id);
            let node = child.map_or(self.nodes.len(), |&(_, node)| node as usize);
            if node == self.nodes.len() {
                self.nodes[at].children.push((word_id, node as NodeId));
                self.nodes.push(Node::default());
            }
            at = node;
        }
        self.nodes[at].below.push(name);
        self.nodes[at].name = Some(name);
    }

    /// The words that can follow, and where they lead.
    pub(super) fn children(&self, node: NodeId) -> &[(WordId, NodeId)] {
        &self.nodes[node as usize].children
    }

    /// The name that is complete at `node`.
    pub(super) fn name(&self, node: NodeId) -> Option<u32> {
        self.nodes[node as usize].name
    }

    /// The names that are complete at `node` or beyond.
    pub(super) fn below(&self, node: NodeId) -> &[u32] {
        &self.nodes[node as usize].below
    }

    /// All names.
    pub(super) fn all(&self) -> &[u32] {
        self.nodes.first().map_or(&[], |root| &root.below)
    }
}
