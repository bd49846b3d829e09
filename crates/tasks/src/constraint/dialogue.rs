//! The state of a dialogue: domains in order, every slot of each, and for each a value.
//!
//! A value is one of the ontology, a text of the dialogue, or `not given`.

use std::sync::Arc;

use super::grammar::{Move, Step};
use super::names::{Names, Node};
use super::runs::{Run, Units};
use super::words::{Sym, Words};
use crate::codec::{escape_item, is_space};
use crate::task::dialogue::NOT_GIVEN;
use crate::{Error, Pieces, Result, Task};

/// What can be written of a dialogue.
#[derive(Debug)]
pub(super) struct Dialogue {
    pub(super) slots: Arc<[Slot]>,
    /// The words of the dialogue, as values show them.
    pub(super) units: Units,
    pub(super) comma: Sym,
    pub(super) marker: Sym,
}

/// A slot of a domain.
#[derive(Debug)]
pub(super) struct Slot {
    /// The slots of a domain are neighbours.
    pub(super) domain: u32,
    /// Domain and slot.
    pub(super) lead: Vec<Sym>,
    /// The values known, and `not given`.
    pub(super) values: Names,
}

/// Where in the state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Behind the first marker.
    #[default]
    Start,
    /// Behind the comma after the last slot of a domain; the next slot.
    Domain(u32),
    /// Before a word of a slot's lead.
    Lead(u32, u32),
    /// In a known value.
    Known(u32, Node),
    /// In a value that is a text of the dialogue.
    Copied(u32, Run),
}

/// The slots of the ontology of `task`, by domain.
pub(super) fn slots(task: &Task, words: &mut Words, pieces: &dyn Pieces) -> Result<Arc<[Slot]>> {
    let mut slots = Vec::new();
    for (number, (domain, known)) in (0..).zip(task.schema().ontology()) {
        for (slot, values) in known {
            let name = format!("{domain} {slot}");
            let lead = words.add_text(&name, pieces);
            if lead.is_empty() {
                return Err(Error::NameWithoutPieces { name });
            }
            let spaced = values.iter().map(|value| {
                let words: Vec<&str> = value.split(is_space).filter(|word| !word.is_empty()).collect();
                escape_item(&words.join(" ")).into_owned()
            });
            let all: Vec<String> =
                [NOT_GIVEN.to_owned()].into_iter().chain(spaced.filter(|value| !value.is_empty())).collect();
            let values = Names::new((0..).zip(all.iter().map(String::as_str)), false, words, pieces)?;
            slots.push(Slot { domain: number, lead, values });
        }
    }
    Ok(slots.into())
}

impl Dialogue {
    pub(super) fn new(slots: Arc<[Slot]>, units: Units, marker: Sym, comma: Sym) -> Self {
        Self { slots, units, comma, marker }
    }

    pub(super) fn steps(&self, place: &Place, out: &mut Vec<Step>) {
        match *place {
            Place::Start => {
                out.push(Step { word: self.marker, to: Move::Close });
                self.domains(0, out);
            }
            Place::Domain(slot) => self.domains(slot, out),
            Place::Lead(slot, at) => {
                let lead = &self.slots[slot as usize].lead;
                if let Some(&word) = lead.get(at as usize) {
                    out.push(Step { word, to: Move::Word });
                    return;
                }
                self.known(slot, 0, out);
                let mut seen: Vec<Sym> = Vec::new();
                for start in 0..self.units.len() {
                    self.copy(Run { start, length: 1 }, &mut seen, out);
                }
            }
            Place::Known(slot, node) => {
                if self.slots[slot as usize].values.name(node).is_some() {
                    self.item_end(slot, out);
                }
                self.known(slot, node, out);
            }
            Place::Copied(slot, run) => {
                self.item_end(slot, out);
                let mut seen: Vec<Sym> = Vec::new();
                for other in self.units.occurrences(run) {
                    self.copy(other.longer(), &mut seen, out);
                }
            }
        }
    }

    /// The domains from `slot` on.
    fn domains(&self, slot: u32, out: &mut Vec<Step>) {
        let mut last = None;
        for (at, slot) in self.slots.iter().enumerate().skip(slot as usize) {
            if last != Some(slot.domain) {
                out.push(Step { word: slot.lead[0], to: Move::Domain(at as u32) });
            }
            last = Some(slot.domain);
        }
    }

    fn known(&self, slot: u32, node: Node, out: &mut Vec<Step>) {
        let children = self.slots[slot as usize].values.children(node);
        out.extend(children.iter().map(|&(word, node)| Step { word, to: Move::Child(node) }));
    }

    /// The last unit of `run`, unless there is none or it is one of those seen.
    fn copy(&self, run: Run, seen: &mut Vec<Sym>, out: &mut Vec<Step>) {
        if let Some(word) = self.units.get(run.end() - 1).filter(|word| !seen.contains(word)) {
            seen.push(word);
            out.push(Step { word, to: Move::Value(self.units.canonical(run)) });
        }
    }

    /// What follows the value of `slot`.
    fn item_end(&self, slot: u32, out: &mut Vec<Step>) {
        let next = self.slots.get(slot as usize + 1);
        if next.is_none_or(|next| next.domain != self.slots[slot as usize].domain) {
            out.push(Step { word: self.marker, to: Move::Close });
        }
        if next.is_some() {
            out.push(Step { word: self.comma, to: Move::Comma });
        }
    }

    /// Where a step leads; nothing: to the end.
    pub(super) fn after(&self, place: &Place, to: Move) -> Option<Place> {
        Some(match (place, to) {
            (_, Move::Domain(slot)) => Place::Lead(slot, 1),
            (&Place::Lead(slot, at), Move::Word) => Place::Lead(slot, at + 1),
            (&(Place::Lead(slot, _) | Place::Known(slot, _)), Move::Child(node)) => Place::Known(slot, node),
            (&(Place::Lead(slot, _) | Place::Copied(slot, _)), Move::Value(run)) => Place::Copied(slot, run),
            (&(Place::Known(slot, _) | Place::Copied(slot, _)), Move::Comma) => {
                let (this, next) = (&self.slots[slot as usize], self.slots.get(slot as usize + 1)?);
                if this.domain == next.domain { Place::Lead(slot + 1, 0) } else { Place::Domain(slot + 1) }
            }
            _ => return None,
        })
    }

    /// At least as many ids as the most direct way to the end has.
    pub(super) fn bound(&self, place: &Place, words: &Words) -> usize {
        let longest = self.units.0.iter().map(|&unit| words.cost(unit)).max().unwrap_or_default();
        let item =
            |slot: &Slot| words.costs(&slot.lead) + slot.values.longest.max(longest) + words.cost(self.comma);
        let first = match *place {
            Place::Start => return words.cost(self.marker) + 1,
            Place::Domain(slot) | Place::Lead(slot, _) | Place::Known(slot, _) | Place::Copied(slot, _) => {
                slot as usize
            }
        };
        // The rest of this domain; before its first slot, the longest of those that can be chosen.
        let of_domain = |domain: u32| {
            self.slots[first..].iter().filter(|slot| slot.domain == domain).map(item).sum::<usize>()
        };
        let domains = match *place {
            Place::Domain(_) => self.slots[first..].iter().map(|slot| of_domain(slot.domain)).max(),
            _ => self.slots.get(first).map(|slot| of_domain(slot.domain)),
        };
        domains.unwrap_or_default() + words.cost(self.marker) + 1
    }
}
