//! What was found in windows, as found in the whole.

use super::super::{Chunk, Task, TaskKind};
use crate::{Decoded, FoundArgument, FoundEntity, FoundRelation};

/// What was found in the windows of an example, joined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Joined {
    /// What was found in the whole.
    pub decoded: Decoded,
    /// For each of its [spans](Decoded::spans), the window that found it and which of the spans of that
    /// window it is.
    pub origins: Vec<(usize, usize)>,
}

/// The lists of [`Decoded::spans`], in its order.
const LISTS: [fn(&Decoded) -> &Vec<FoundEntity>; 4] =
    [|found| &found.entities, |found| &found.slots, |found| &found.roles, |found| &found.triggers];

impl Task {
    /// What was found in each of the [windows](Task::windows) of an example and the probability of that
    /// output, as found in the whole.
    ///
    /// Each window answers for its core. Cores part the text: between two windows the border is in the middle
    /// of what they share, or behind the spans of the first one that reach over it. A span counts if it
    /// starts in the core of the window that found it, so no two spans of different windows share a token; a
    /// relation counts, whichever window found it, if both its ends do. An intent or class is the one with
    /// the largest sum of probabilities, the earlier of two equal ones. Repairs are listed one window after
    /// the other, each with its place in its own output; those of coreference are left out.
    pub fn join_windows(&self, windows: &[Chunk], found: &[(&Decoded, f64)]) -> Joined {
        if self.kind() == TaskKind::Coref {
            let parts = windows.iter().zip(found).map(|(window, (decoded, _))| (window.offset, *decoded));
            return Joined { decoded: self.join_chunks(parts), origins: Vec::new() };
        }
        let all: Vec<_> = windows.iter().zip(found.iter().map(|(decoded, _)| *decoded)).collect();
        let borders = borders(&all);
        let mut joined = Joined::default();
        let whole = &mut joined.decoded;
        [whole.entities, whole.slots, whole.roles, whole.triggers] = std::array::from_fn(|list| {
            let mut kept = Vec::new();
            for (window, (chunk, decoded)) in all.iter().enumerate() {
                // Origins count as `Decoded::spans` does, which goes through the lists one after another.
                let before: usize = LISTS[..list].iter().map(|list| list(decoded).len()).sum();
                for (place, span) in LISTS[list](decoded).iter().enumerate() {
                    let span = shifted(span, chunk.offset);
                    if borders[window] <= span.start && span.start < borders[window + 1] {
                        kept.push(span);
                        joined.origins.push((window, before + place));
                    }
                }
            }
            kept
        });
        for (chunk, decoded) in &all {
            links(whole, decoded, chunk.offset);
            whole.repairs.extend(decoded.repairs.iter().cloned());
            whole.wrong_reconstruction |= decoded.wrong_reconstruction;
            whole.format_error |= decoded.format_error;
            whole.label_error |= decoded.label_error;
            whole.entity_error |= decoded.entity_error;
        }
        let most = |class: fn(&Decoded) -> Option<&String>| {
            most_probable(found.iter().filter_map(|&(decoded, p)| Some((class(decoded)?, p))))
        };
        whole.intent = most(|found| found.intent.as_ref());
        whole.relation = most(|found| found.relation.as_ref());
        whole.label = most(|found| found.label.as_ref());
        // A dialogue is read as one.
        whole.belief = found.first().map(|(decoded, _)| decoded.belief.clone()).unwrap_or_default();
        joined
    }
}

/// Where the cores of the windows start, and the end of the last.
fn borders(all: &[(&Chunk, &Decoded)]) -> Vec<usize> {
    let mut borders = vec![0];
    for pair in all.windows(2) {
        let [(first, found), (second, _)] = pair else { continue };
        let mut border = second.offset.midpoint(first.offset + first.example.tokens.len());
        let spans = || found.spans().map(|span| shifted(span, first.offset));
        // The end of one span may lie within another, which then is the first window's as well.
        while let Some(over) = spans().find(|span| span.start < border && border < span.end) {
            border = over.end;
        }
        // What an earlier window answers for, it keeps.
        borders.push(border.max(borders[borders.len() - 1]));
    }
    borders.push(usize::MAX);
    borders
}

fn shifted(span: &FoundEntity, offset: usize) -> FoundEntity {
    FoundEntity { start: span.start + offset, end: span.end + offset, ..span.clone() }
}

/// Adds the relations and arguments of a window that lead between spans of the whole and are not there yet.
fn links(whole: &mut Decoded, window: &Decoded, offset: usize) {
    let kept = |span: &FoundEntity| {
        let span = shifted(span, offset);
        whole.entities.iter().find(|known| known.key() == span.key()).cloned()
    };
    for FoundRelation { label, head, tail } in &window.relations {
        let (Some(head), Some(tail)) = (kept(head), kept(tail)) else { continue };
        let is_known =
            |r: &FoundRelation| r.label == *label && r.head.key() == head.key() && r.tail.key() == tail.key();
        if !whole.relations.iter().any(is_known) {
            whole.relations.push(FoundRelation { label: label.clone(), head, tail });
        }
    }
    for FoundArgument { label, entity, trigger } in &window.arguments {
        let Some(entity) = kept(entity) else { continue };
        let trigger = shifted(trigger, offset);
        whole.arguments.push(FoundArgument { label: label.clone(), entity, trigger });
    }
}

/// The class with the largest sum of probabilities.
fn most_probable<'a>(classes: impl Iterator<Item = (&'a String, f64)>) -> Option<String> {
    let mut sums: Vec<(&String, f64)> = Vec::new();
    for (class, probability) in classes {
        match sums.iter_mut().find(|(known, _)| *known == class) {
            Some((_, sum)) => *sum += probability,
            None => sums.push((class, probability)),
        }
    }
    let most = sums.into_iter().reduce(|most, other| if other.1 > most.1 { other } else { most });
    most.map(|(class, _)| class.clone())
}

#[cfg(test)]
mod tests;
