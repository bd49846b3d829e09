//! Dialogue state: `[belief] hotel area centre , hotel name not given [belief]`.
//!
//! Every slot of a domain that is spoken of is written, sorted. In fixed mode commas and delimiters of values
//! are escaped.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Pairs, Task};
use crate::codec::{Reading, escape_item, unescape_item};
use crate::score::{DialogueCounts, Score};
use crate::text::is_space;
use crate::{Belief, Decoded, Example, RepairKind, Report, Result};

pub(crate) const MARKER: &str = "[belief]";
pub(crate) const NOT_GIVEN: &str = "not given";

/// Values by domain and slot.
type State<'a> = BTreeMap<(&'a str, &'a str), String>;

pub(super) fn source(task: &Task, example: &Example) -> Result<String> {
    match &example.history {
        Some(history) => Ok(history.clone()),
        None if example.tokens.is_empty() => Err(task.no_field(example, "history")),
        None => Ok(example.tokens.join(" ")),
    }
}

pub(super) fn target(task: &Task, example: &Example) -> Result<String> {
    let ontology = task.schema.ontology();
    let mut domains: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    for ((domain, slot), value) in given(task, &example.belief) {
        let known = || ontology.keys().map(String::as_str).collect::<Vec<_>>();
        let slots = ontology.get(domain).ok_or_else(|| super::unknown_label(example, domain, &known()))?;
        if !slots.contains_key(slot) && !task.quirks.split_values {
            let known: Vec<&str> = slots.keys().map(String::as_str).collect();
            return Err(super::unknown_label(example, slot, &known));
        }
        let all = domains
            .entry(domain)
            .or_insert_with(|| slots.keys().map(|slot| (slot.as_str(), NOT_GIVEN.to_owned())).collect());
        let value = if task.quirks.split_values { value } else { escape_item(&value).into_owned() };
        all.insert(slot, value);
    }
    let items: Vec<String> = domains
        .iter()
        .flat_map(|(domain, slots)| slots.iter().map(move |(slot, value)| format!("{domain} {slot} {value}")))
        .collect();
    if items.is_empty() && !task.quirks.split_values {
        return Ok(format!("{MARKER} {MARKER}"));
    }
    Ok(format!("{MARKER} {} {MARKER}", items.join(" , ")))
}

/// What was asked for. In fixed mode values have single spaces, and an empty or `not given` one is none.
fn given<'a>(task: &Task, belief: &'a [Belief]) -> State<'a> {
    let mut state = State::new();
    for Belief { domain, slot, value } in belief {
        let value =
            if task.quirks.split_values { value.clone() } else { words(value).collect::<Vec<_>>().join(" ") };
        if task.quirks.split_values || !(value.is_empty() || value == NOT_GIVEN) {
            state.insert((domain, slot), value);
        }
    }
    state
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

pub(super) fn decode(task: &Task, output: &str) -> Decoded {
    let (mut reading, mut decoded) = (Reading::default(), Decoded::default());
    let part = state_part(task, output, &mut reading, &mut decoded);
    let mut belief = BTreeSet::new();
    let mut at = part.start;
    if task.quirks.empty_state_wrong && output[part.clone()].trim_matches(is_space).is_empty() {
        belief.insert(Belief::default());
    }
    for item in output[part].split(',') {
        if task.quirks.split_values {
            loose_item(task, item, &mut belief);
        } else {
            exact_item(task, at, item, &mut belief, &mut reading, &mut decoded);
        }
        at += item.len() + 1;
    }
    decoded.belief = belief.into_iter().collect();
    decoded.repairs = reading.take_repairs(output);
    decoded
}

/// Where the items are.
fn state_part(task: &Task, output: &str, reading: &mut Reading, decoded: &mut Decoded) -> Range<usize> {
    let (first, last) = (output.find(MARKER), output.rfind(MARKER));
    if let (Some(first), Some(last)) = (first, last)
        && first + MARKER.len() <= last
    {
        return first + MARKER.len()..last;
    }
    reading.repair(RepairKind::MissingMarker, first.map_or(0, |at| at + MARKER.len()), MARKER);
    decoded.format_error = true;
    match first {
        Some(_) if task.quirks.slice_without_markers => 0..0,
        Some(at) => at + MARKER.len()..output.len(),
        None if task.quirks.slice_without_markers => {
            let start = output.char_indices().nth(MARKER.len() - 1).map_or(output.len(), |(at, _)| at);
            let end = output.char_indices().next_back().map_or(0, |(at, _)| at);
            start.min(end)..end
        }
        None => 0..0,
    }
}

/// An item as the original reads it: any text. One that names a slot of the ontology is split.
fn loose_item(task: &Task, item: &str, belief: &mut BTreeSet<Belief>) {
    let text = item.trim_matches(is_space);
    if item.contains(NOT_GIVEN) || (text.is_empty() && !task.quirks.empty_state_wrong) {
        return;
    }
    let split = slots(task).find_map(|(domain, slot)| {
        let rest = text.strip_prefix(domain)?.strip_prefix(' ')?.strip_prefix(slot)?.strip_prefix(' ')?;
        Some(Belief::new(domain, slot, rest))
    });
    belief.insert(split.unwrap_or_else(|| Belief::new("", "", text)));
}

fn exact_item(
    task: &Task,
    at: usize,
    item: &str,
    belief: &mut BTreeSet<Belief>,
    reading: &mut Reading,
    decoded: &mut Decoded,
) {
    let text = words(item).collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return;
    }
    let split = slots(task).find_map(|(domain, slot)| {
        let rest = text.strip_prefix(domain)?.strip_prefix(' ')?.strip_prefix(slot)?.strip_prefix(' ')?;
        Some((domain, slot, rest))
    });
    let is_new = |domain: &str, slot: &str| !belief.iter().any(|b| b.domain == domain && b.slot == slot);
    match split {
        Some((_, _, NOT_GIVEN)) => {}
        Some((domain, slot, value)) if is_new(domain, slot) => {
            belief.insert(Belief::new(domain, slot, unescape_item(value)));
        }
        _ => {
            decoded.label_error |= split.is_none();
            decoded.format_error |= split.is_some();
            let start = at + item.len() - item.trim_start_matches(is_space).len();
            reading.repair(RepairKind::BadItem, start, text);
        }
    }
}

/// Every domain with every slot of it.
fn slots(task: &Task) -> impl Iterator<Item = (&str, &str)> {
    let ontology = task.schema.ontology();
    ontology.iter().flat_map(|(domain, slots)| slots.keys().map(move |slot| (domain.as_str(), slot.as_str())))
}

pub(super) fn score(task: &Task, pairs: &Pairs<'_>) -> Report {
    let mut counts = DialogueCounts::default();
    for (gold, predicted) in pairs {
        let is_right = if task.quirks.split_values {
            texts(&gold.belief) == texts(&predicted.belief)
        } else {
            given(task, &gold.belief) == state(&predicted.belief)
        };
        let (gold, found) = (given(task, &gold.belief), state(&predicted.belief));
        let known: BTreeSet<(&str, &str)> = slots(task).collect();
        let value = |state: &State<'_>, slot| state.get(slot).map(|value| loosely(task, value));
        let right = known.iter().filter(|slot| value(&gold, slot) == value(&found, slot)).count();
        counts.add(is_right, right, known.len());
    }
    Report::new(Score::Dialogue(counts.score()), pairs)
}

fn loosely(task: &Task, value: &str) -> String {
    if task.quirks.split_values { value.replace('-', " ") } else { value.to_owned() }
}

fn state(belief: &[Belief]) -> State<'_> {
    belief.iter().map(|Belief { domain, slot, value }| ((&**domain, &**slot), value.clone())).collect()
}

/// The items as the original compares them.
fn texts(belief: &[Belief]) -> BTreeSet<String> {
    let text = |Belief { domain, slot, value }: &Belief| match (domain.is_empty(), slot.is_empty()) {
        (true, true) => value.replace('-', " "),
        _ => format!("{domain} {slot} {value}").replace('-', " "),
    };
    belief.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;
    use crate::{Mode, Quirks, Schema};

    fn task(mode: Mode) -> Task {
        Task::dialogue_state(Schema::multiwoz(), mode)
    }

    fn example(belief: &[(&str, &str, &str)]) -> Example {
        Example {
            history: Some("[User]: a room, please ;".to_owned()),
            belief: belief.iter().map(|&(d, s, v)| Belief::new(d, s, v)).collect(),
            ..Example::default()
        }
    }

    fn joint(task: &Task, example: &Example, output: &str) -> f64 {
        task.score([(example, &task.decode(example, output))]).headline()
    }

    #[test]
    fn every_slot_of_a_domain_is_written() {
        let example = example(&[("taxi", "leave at", "17:15"), ("attraction", "area", "centre")]);
        for mode in [Mode::Fixed, Mode::Reference] {
            let encoded = task(mode).encode(&example).unwrap();
            assert_eq!(encoded.source, "[User]: a room, please ;");
            assert_eq!(
                encoded.target,
                "[belief] attraction area centre , attraction name not given , attraction type not given , \
                 taxi arrive by not given , taxi departure not given , taxi destination not given , \
                 taxi leave at 17:15 [belief]"
            );
            assert_eq!(joint(&task(mode), &example, &encoded.target), 1.0);
        }
    }

    #[test]
    fn empty_states() {
        let nothing = example(&[]);
        assert_eq!(task(Mode::Fixed).encode(&nothing).unwrap().target, "[belief] [belief]");
        for output in ["[belief]  [belief]", "[belief] hotel name not given [belief]"] {
            assert_eq!(joint(&task(Mode::Fixed), &nothing, output), 1.0);
        }
        assert_eq!(joint(&task(Mode::Reference), &nothing, "[belief]  [belief]"), 0.0);
        let quirks = Quirks { empty_state_wrong: false, ..Quirks::ALL };
        assert_eq!(joint(&task(Mode::Fixed).with_quirks(quirks), &nothing, "[belief]  [belief]"), 1.0);
    }

    #[test]
    fn values_with_commas() {
        let example = example(&[("hotel", "name", "a, b [belief] - not given c")]);
        let target = |mode| task(mode).encode(&example).unwrap().target;
        assert!(target(Mode::Fixed).contains(" , hotel name a&; b &(belief&) - not given c , "));
        assert_eq!(joint(&task(Mode::Fixed), &example, &target(Mode::Fixed)), 1.0);
        assert_eq!(joint(&task(Mode::Reference), &example, &target(Mode::Reference)), 0.0);
    }

    #[test]
    fn hyphens_count_as_spaces_in_reference_mode_only() {
        let example = example(&[("hotel", "name", "el-shaddai")]);
        let output = "[belief] hotel name el shaddai [belief]";
        assert_eq!(joint(&task(Mode::Reference), &example, output), 1.0);
        assert_eq!(joint(&task(Mode::Fixed), &example, output), 0.0);
    }

    #[test]
    fn missing_markers() {
        let example = example(&[("hotel", "area", "east")]);
        let read = |mode, output: &str| task(mode).decode(&example, output).belief;
        let east = vec![Belief::new("hotel", "area", "east")];
        assert_eq!(read(Mode::Fixed, "[belief] hotel area east"), east);
        assert!(read(Mode::Fixed, "hotel area east").is_empty());
        // As the original: seven characters in front and one behind are cut off.
        assert_eq!(read(Mode::Reference, "é hotelhotel area eastx"), east);
        assert_eq!(read(Mode::Reference, "[belief] hotel area east"), [Belief::default()]);
        assert_eq!(read(Mode::Reference, "é"), [Belief::default()]);
    }

    #[test]
    fn items_that_mean_nothing_are_reported() {
        let output = "[belief] hotel area east , hotel area west, hotel colour red ,, hotel [belief]";
        let decoded = task(Mode::Fixed).decode(&example(&[]), output);
        assert_eq!(decoded.belief, [Belief::new("hotel", "area", "east")]);
        let details: Vec<_> = decoded.repairs.iter().map(|r| (r.at, r.detail.as_str())).collect();
        assert_eq!(details, [(27, "hotel area west"), (44, "hotel colour red"), (64, "hotel")]);
        assert!(decoded.label_error && decoded.format_error);
    }

    #[test]
    fn slots_are_scored_over_the_ontology() {
        let gold = example(&[("hotel", "area", "east"), ("hotel", "stars", "4"), ("bus", "day", "friday")]);
        let output = "[belief] hotel area east , hotel stars 3 , train day friday [belief]";
        let task = task(Mode::Fixed);
        let report = task.score([(&gold, &task.decode(&gold, output))]);
        let Score::Dialogue(score) = report.score else { unreachable!() };
        // Of the 37 slots stars, bus day and train day are wrong.
        assert_eq!((score.joint_accuracy, score.slot_accuracy), (0.0, 34.0 / 37.0));
    }

    #[test]
    fn slots_must_be_in_the_ontology() {
        let odd = example(&[("hotel", "colour", "red")]);
        assert!(task(Mode::Fixed).encode(&odd).unwrap_err().to_string().contains("colour"));
        assert!(task(Mode::Reference).encode(&odd).unwrap().target.contains("hotel colour red"));
        assert!(task(Mode::Reference).encode(&example(&[("shop", "name", "x")])).is_err());
    }
}
