//! Natural names as a tree of words.

use std::collections::BTreeMap;

use super::words::{Sym, Words};
use crate::{Error, Pieces, Result};

/// A node of a [`Names`] tree; the root is 0.
pub(super) type Node = u32;

/// Names that can be written word by word. The root is no name.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    nodes: Vec<Branch>,
    /// The most ids that a name has.
    pub(super) longest: usize,
}

#[derive(Clone, Debug, Default)]
struct Branch {
    children: Vec<(Sym, Node)>,
    /// The name that is complete here.
    name: Option<u32>,
    /// The names that are complete here or beyond.
    below: Vec<u32>,
}

/// Two words or names that the tokenizer does not tell apart.
pub(super) fn same_pieces(first: &str, second: &str) -> Error {
    Error::SamePieces { first: first.to_owned(), second: second.to_owned() }
}

impl Names {
    /// The tree of `names`, each with its number. Those without pieces cannot be written, and of those that have the same
    /// pieces only the first; that is an error if they are labels.
    pub(super) fn new<'a>(
        names: impl IntoIterator<Item = (u32, &'a str)>,
        are_labels: bool,
        words: &mut Words,
        pieces: &dyn Pieces,
    ) -> Result<Self> {
        let mut tree = Self { nodes: vec![Branch::default()], longest: 0 };
        let mut seen: BTreeMap<Vec<u32>, &str> = BTreeMap::new();
        for (number, name) in names {
            let syms = words.add_text(name, pieces);
            if syms.is_empty() && are_labels {
                return Err(Error::NameWithoutPieces { name: name.to_owned() });
            }
            if syms.is_empty() {
                continue;
            }
            let ids: Vec<u32> = syms.iter().flat_map(|&sym| words.ids(sym, false)).copied().collect();
            tree.longest = tree.longest.max(ids.len());
            match seen.get(&ids) {
                None => tree.insert(&syms, number),
                Some(&first) if are_labels => return Err(same_pieces(first, name)),
                Some(_) => {}
            }
            seen.insert(ids, name);
        }
        Ok(tree)
    }

    fn insert(&mut self, syms: &[Sym], name: u32) {
        let mut at = 0;
        for &sym in syms {
            self.nodes[at].below.push(name);
            let child = self.nodes[at].children.iter().find(|&&(child, _)| child == sym);
            let node = child.map_or(self.nodes.len(), |&(_, node)| node as usize);
            if node == self.nodes.len() {
                self.nodes[at].children.push((sym, node as Node));
                self.nodes.push(Branch::default());
            }
            at = node;
        }
        self.nodes[at].below.push(name);
        self.nodes[at].name = Some(name);
    }

    /// The words that can follow, and where they lead.
    pub(super) fn children(&self, node: Node) -> &[(Sym, Node)] {
        &self.nodes[node as usize].children
    }

    /// The name that is complete at `node`.
    pub(super) fn name(&self, node: Node) -> Option<u32> {
        self.nodes[node as usize].name
    }

    /// The names that are complete at `node` or beyond.
    pub(super) fn below(&self, node: Node) -> &[u32] {
        &self.nodes[node as usize].below
    }

    /// All names.
    pub(super) fn all(&self) -> &[u32] {
        self.nodes.first().map_or(&[], |root| &root.below)
    }
}
