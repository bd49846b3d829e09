//! Labels that are read as they stand, but may not be meant so: several in one, labels with numbers behind them,
//! and what programs write for a missing value.

use std::collections::BTreeMap;

use super::labels::labels;
use super::{NoteKind, Notes};
use crate::counted::counted;
use crate::text::is_space;
use crate::{Example, Origin, Result};

type Boxed = Box<dyn Iterator<Item = Result<Example>> + Send>;

/// What programs write for a missing value, in lower case.
const MISSING: [&str; 11] = ["na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", "?", "-", "_"];

/// The labels of a file, each with where it stands first.
type Known = BTreeMap<String, Option<Origin>>;

/// The same examples; after the last one it is noted which labels may not be meant as they stand.
pub(super) fn noted(mut examples: Boxed, notes: &Notes) -> Boxed {
    let notes = notes.clone();
    let mut known = Known::new();
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    Box::new(std::iter::from_fn(move || {
        let mut next = examples.next();
        match &mut next {
            Some(Ok(example)) => {
                for label in classes_and_spans(example).filter(|label| is_missing(label)) {
                    *missing.entry(label.clone()).or_default() += 1;
                }
                let origin = example.origin.clone();
                for label in labels(example) {
                    if !known.contains_key(label) {
                        known.insert(label.clone(), origin.clone());
                    }
                }
            }
            Some(Err(_)) => {}
            None => {
                let found = std::mem::take(&mut known);
                for (label, at) in found.iter().filter(|(label, _)| is_joined(label, &found)) {
                    notes.add(NoteKind::JoinedLabels, at.as_ref(), format!("{label:?}"));
                }
                for (base, labels) in numbered(&found) {
                    notes.add(NoteKind::Assumed, None, told_numbered(base, &labels));
                }
                // What all have is what the user calls it.
                for (label, count) in std::mem::take(&mut missing).into_iter().filter(|_| found.len() > 1) {
                    let first = found.get(&label).and_then(Option::as_ref);
                    let first = first.map(|at| format!(", first in line {}", at.line())).unwrap_or_default();
                    let detail = format!(
                        "{label:?} is read as a label ({}{first}), but is what programs write for a missing value; take out what has it if it is one",
                        counted(count, "time")
                    );
                    notes.add(NoteKind::Assumed, None, detail);
                }
            }
        }
        next
    }))
}

/// Whether a label, cut at a mark that stands between things, gives several others.
fn is_joined(label: &str, known: &Known) -> bool {
    let mut marks = [',', ';', '|', '/', '+', '&'].into_iter().filter(|mark| label.contains(*mark));
    marks.any(|mark| label.split(mark).all(|part| known.contains_key(part.trim_matches(is_space))))
}

fn is_missing(label: &str) -> bool {
    MISSING.contains(&label.to_lowercase().as_str())
}

/// The labels of classes and spans. A relation may well be called `NA`: NYT10 has it where there is none.
fn classes_and_spans(example: &Example) -> impl Iterator<Item = &String> {
    let Example { entities, slots, roles, triggers, intent, label, .. } = example;
    let spans = [entities, slots, roles, triggers].into_iter().flatten().map(|span| &span.label);
    spans.chain([intent, label].into_iter().flatten())
}

/// The labels that are another one with a number behind it, by that one: those with `#` before the number, and
/// those beside the other one.
fn numbered(known: &Known) -> BTreeMap<&str, Vec<&str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for label in known.keys() {
        let base = label.trim_end_matches(|c: char| c.is_ascii_digit());
        let mark = base.chars().last().filter(|mark| "#_-:.@|".contains(*mark) && base.len() < label.len());
        let Some(mark) = mark else { continue };
        let base = &base[..base.len() - mark.len_utf8()];
        if !base.is_empty() && (mark == '#' || known.contains_key(base)) {
            found.entry(base).or_default().push(label);
        }
    }
    found
}

fn told_numbered(base: &str, labels: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = labels.iter().take(SHOWN).map(|label| format!("{label:?}")).collect();
    let more = labels.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let (verb, own) =
        if labels.len() == 1 { ("counts", "a label of its own") } else { ("count", "labels of their own") };
    format!(
        "{}{more} {verb} as {own}; if {base:?} with a number behind it is meant, take the number away",
        shown.join(", ")
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Entity;

    fn told(examples: Vec<Example>) -> Vec<(NoteKind, String)> {
        let (notes, count) = (Notes::default(), examples.len());
        assert_eq!(noted(Box::new(examples.into_iter().map(Ok)), &notes).count(), count);
        notes.take().into_iter().map(|note| (note.kind, note.detail)).collect()
    }

    fn of_class(label: &str) -> Example {
        Example { label: Some(label.to_owned()), ..Example::new(["w"]) }
    }

    #[test]
    fn labels_that_are_several() {
        let told = told(["a,b", "a", "b", "c, d", "c", "x/y", "a; b"].map(of_class).to_vec());
        let expected = ["\"a,b\"", "\"a; b\""].map(|label| (NoteKind::JoinedLabels, label.to_owned()));
        assert_eq!(told, expected);
    }

    #[test]
    fn labels_with_numbers() {
        let mut example = Example::new(["w"]);
        example.entities =
            ["PER#1", "PER#2", "LOC", "LOC_1", "ARG_1", "A1", "B-1"].map(|l| Entity::new(l, 0, 1)).to_vec();
        let told = told(vec![example]);
        let details: Vec<&str> = told.iter().map(|(_, detail)| detail.as_str()).collect();
        assert_eq!(
            details,
            [
                "\"LOC_1\" counts as a label of its own; if \"LOC\" with a number behind it is meant, take the number away",
                "\"PER#1\", \"PER#2\" count as labels of their own; if \"PER\" with a number behind it is meant, take the number away",
            ]
        );
    }

    #[test]
    fn missing_values() {
        let found = told(["pos", "NA", "nan", "NA"].map(of_class).to_vec());
        let details: Vec<&str> = found.iter().map(|(_, detail)| detail.as_str()).collect();
        assert!(details[0].starts_with("\"NA\" is read as a label (2 times)"), "{details:?}");
        assert!(details[1].starts_with("\"nan\" is read as a label (1 time)"), "{details:?}");
        assert_eq!(told(vec![of_class("NA")]), []);
        let relation = |name: &str| Example { relation: Some(name.to_owned()), ..Example::new(["w"]) };
        assert_eq!(told(vec![relation("NA"), relation("left")]), []);
    }
}
