//! The state of a dialogue: domains in order, every slot of each, and for each a value.
//!
//! A value is one of the ontology, a text of the dialogue, or `not given`.

use std::sync::Arc;

use super::transition::{Action, Transition};
use super::trie::{NodeId, Trie};
use super::units::{UnitRange, Units};
use super::words::{WordId, Words};
use crate::codec::escape_item;
use crate::task::dialogue::NOT_GIVEN;
use crate::text::is_space;
use crate::{ConstraintError, Error, Result, Task, Vocabulary};

/// What can be written of a dialogue.
#[derive(Debug)]
pub(super) struct Dialogue {
    pub(super) slots: Arc<[Slot]>,
    /// The words of the dialogue, as values show them.
    pub(super) units: Units,
    pub(super) comma: WordId,
    pub(super) marker: WordId,
}

/// A slot of a domain.
#[derive(Debug)]
pub(super) struct Slot {
    /// The slots of a domain are neighbours.
    pub(super) domain: u32,
    /// Domain and slot.
    pub(super) name: Vec<WordId>,
    /// The values known, and `not given`.
    pub(super) values: Trie,
}

/// Where in the state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum DialoguePosition {
    /// Behind the first marker.
    #[default]
    Start,
    /// Behind the comma after the last slot of a domain, before a domain of this slot or a later one.
    Domain(u32),
    /// Before a word of domain and slot.
    SlotName(u32, u32),
    /// In a known value.
    Known(u32, NodeId),
    /// In a value that is a text of the dialogue.
    Copied(u32, UnitRange),
}

/// The slots of the ontology of `task`, by domain.
pub(super) fn slots(task: &Task, words: &mut Words, vocabulary: &dyn Vocabulary) -> Result<Arc<[Slot]>> {
    let mut slots = Vec::new();
    for (number, (domain, known)) in (0..).zip(task.schema().ontology()) {
        for (slot, values) in known {
            let text = format!("{domain} {slot}");
            let name = words.add_text(&text, vocabulary);
            if name.is_empty() {
                return Err(Error::Constraint(ConstraintError::NameWithoutPieces { name: text }));
            }
            let spaced = values.iter().map(|value| {
                let words: Vec<&str> = value.split(is_space).filter(|word| !word.is_empty()).collect();
                escape_item(&words.join(" ")).into_owned()
            });
            // Every slot of a domain must be written. `not given` is always among the values, so that each of
            // them can be, also where the ontology knows no value and the dialogue has no words.
            let all: Vec<String> =
                [NOT_GIVEN.to_owned()].into_iter().chain(spaced.filter(|value| !value.is_empty())).collect();
            let values = Trie::new((0..).zip(all.iter().map(String::as_str)), false, words, vocabulary)?;
            slots.push(Slot { domain: number, name, values });
        }
    }
    Ok(slots.into())
}

impl Dialogue {
    pub(super) fn new(slots: Arc<[Slot]>, units: Units, marker: WordId, comma: WordId) -> Self {
        Self { slots, units, comma, marker }
    }

    pub(super) fn transitions(&self, position: &DialoguePosition, out: &mut Vec<Transition>) {
        match *position {
            DialoguePosition::Start => {
                out.push(Transition { word: self.marker, action: Action::Close });
                self.domains(0, out);
            }
            DialoguePosition::Domain(slot) => self.domains(slot, out),
            DialoguePosition::SlotName(slot, at) => {
                let name = &self.slots[slot as usize].name;
                if let Some(&word) = name.get(at as usize) {
                    out.push(Transition { word, action: Action::Word });
                    return;
                }
                self.known(slot, 0, out);
                let mut seen: Vec<WordId> = Vec::new();
                for start in 0..self.units.len() {
                    self.copy(UnitRange { start, length: 1 }, &mut seen, out);
                }
            }
            DialoguePosition::Known(slot, node) => {
                if self.slots[slot as usize].values.name(node).is_some() {
                    self.item_end(slot, out);
                }
                self.known(slot, node, out);
            }
            DialoguePosition::Copied(slot, range) => {
                self.item_end(slot, out);
                let mut seen: Vec<WordId> = Vec::new();
                // `range` is the first place of the text, and the value may go on as the text does at any of
                // its places: in `at six ... at noon`, the value `at` can become `at six` or `at noon`.
                for other in self.units.occurrences(range) {
                    self.copy(other.longer(), &mut seen, out);
                }
            }
        }
    }

    /// The domains from `slot` on.
    fn domains(&self, slot: u32, out: &mut Vec<Transition>) {
        // A domain has no word of its own; it begins with the name of its first slot, as in `taxi departure`.
        // Two domains may begin with the same word, which then are two transitions.
        let mut last = None;
        for (at, slot) in self.slots.iter().enumerate().skip(slot as usize) {
            if last != Some(slot.domain) {
                out.push(Transition { word: slot.name[0], action: Action::Domain(at as u32) });
            }
            last = Some(slot.domain);
        }
    }

    fn known(&self, slot: u32, node: NodeId, out: &mut Vec<Transition>) {
        let children = self.slots[slot as usize].values.children(node);
        out.extend(children.iter().map(|&(word, node)| Transition { word, action: Action::Child(node) }));
    }

    /// Copying the last unit of `range`, unless there is none or it is one of those seen.
    fn copy(&self, range: UnitRange, seen: &mut Vec<WordId>, out: &mut Vec<Transition>) {
        if let Some(word) = self.units.get(range.end() - 1).filter(|word| !seen.contains(word)) {
            seen.push(word);
            out.push(Transition { word, action: Action::Value(self.units.canonical(range)) });
        }
    }

    /// What follows the value of `slot`.
    fn item_end(&self, slot: u32, out: &mut Vec<Transition>) {
        // A domain that was begun has all of its slots, so the state ends only behind the last of them. The
        // last slot of all has no comma: domains keep their order, and none is left.
        let next = self.slots.get(slot as usize + 1);
        if next.is_none_or(|next| next.domain != self.slots[slot as usize].domain) {
            out.push(Transition { word: self.marker, action: Action::Close });
        }
        if next.is_some() {
            out.push(Transition { word: self.comma, action: Action::Comma });
        }
    }

    /// Where an action leads; nothing where it leads out of the state.
    pub(super) fn after(&self, position: &DialoguePosition, action: Action) -> Option<DialoguePosition> {
        Some(match (position, action) {
            // The first word of the name was written as the domain's.
            (_, Action::Domain(slot)) => DialoguePosition::SlotName(slot, 1),
            (&DialoguePosition::SlotName(slot, at), Action::Word) => DialoguePosition::SlotName(slot, at + 1),
            (
                &(DialoguePosition::SlotName(slot, _) | DialoguePosition::Known(slot, _)),
                Action::Child(node),
            ) => DialoguePosition::Known(slot, node),
            (
                &(DialoguePosition::SlotName(slot, _) | DialoguePosition::Copied(slot, _)),
                Action::Value(range),
            ) => DialoguePosition::Copied(slot, range),
            (&(DialoguePosition::Known(slot, _) | DialoguePosition::Copied(slot, _)), Action::Comma) => {
                let (this, next) = (&self.slots[slot as usize], self.slots.get(slot as usize + 1)?);
                if this.domain == next.domain {
                    DialoguePosition::SlotName(slot + 1, 0)
                } else {
                    DialoguePosition::Domain(slot + 1)
                }
            }
            _ => return None,
        })
    }

    /// At least as many ids as the most direct way to the end has.
    pub(super) fn bound(&self, position: &DialoguePosition, words: &Words) -> usize {
        let longest = self.units.0.iter().map(|&unit| words.cost(unit)).max().unwrap_or_default();
        let item =
            |slot: &Slot| words.costs(&slot.name) + slot.values.longest.max(longest) + words.cost(self.comma);
        let first = match *position {
            DialoguePosition::Start => return words.cost(self.marker) + 1,
            DialoguePosition::Domain(slot)
            | DialoguePosition::SlotName(slot, _)
            | DialoguePosition::Known(slot, _)
            | DialoguePosition::Copied(slot, _) => slot as usize,
        };
        // The rest of this domain; before its first slot, the longest of those that can be chosen.
        let of_domain = |domain: u32| {
            self.slots[first..].iter().filter(|slot| slot.domain == domain).map(item).sum::<usize>()
        };
        let domains = match *position {
            DialoguePosition::Domain(_) => {
                self.slots[first..].iter().map(|slot| of_domain(slot.domain)).max()
            }
            _ => self.slots.get(first).map(|slot| of_domain(slot.domain)),
        };
        domains.unwrap_or_default() + words.cost(self.marker) + 1
    }
}
