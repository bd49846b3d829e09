//! Intent and slots: `(( play music )) Play [ Yesterday | track ]`.

use std::ops::Range;

use super::spans::{self, Table};
use super::{Pairs, Task};
use crate::codec::Reading;
use crate::score::{ClassCounts, Score, SpanCounts};
use crate::text::is_space;
use crate::{Decoded, Example, Mode, RepairKind, Report, Result};

pub(crate) const OPEN: &str = "((";
pub(crate) const CLOSE: &str = "))";

pub(super) fn target(task: &Task, example: &Example) -> Result<(String, Vec<usize>)> {
    let intent = example.intent.as_deref().ok_or_else(|| task.no_field(example, "intent"))?;
    let name = super::class_name(task, example, intent)?;
    let (sentence, dropped) = spans::target(task, example, Table::Entities, &example.slots)?;
    Ok((format!("{OPEN} {name} {CLOSE} {sentence}"), dropped))
}

pub(super) fn decode(task: &Task, example: &Example, output: &str) -> Decoded {
    let parts = if task.quirks.cut_at_markers { loose_parts(output) } else { parts(output) };
    let sentence = parts.as_ref().map_or(0..output.len(), |(_, sentence)| sentence.clone());
    let (mut reading, mut decoded) = spans::begin(task, example, output, sentence);
    decoded.intent = intent(task, output, parts.map(|(intent, _)| intent), &mut reading, &mut decoded);
    decoded.slots = match task.mode() {
        Mode::Fixed => spans::found(task, Table::Entities, &mut reading, &mut decoded),
        Mode::Reference => without_attributes(task, &mut reading, &mut decoded),
    };
    decoded.repairs = reading.take_repairs(output);
    decoded
}

/// The intent at the front, and the sentence behind it.
fn parts(output: &str) -> Option<(Range<usize>, Range<usize>)> {
    let open = output.find(|c| !is_space(c))?;
    let start = open + output[open..].strip_prefix(OPEN).map(|_| OPEN.len())?;
    let end = start + output[start..].find(CLOSE)?;
    Some((start..end, end + CLOSE.len()..output.len()))
}

/// As the original does: the markers must be words of their own, anywhere; nothing is read beyond a second
/// one.
fn loose_parts(output: &str) -> Option<(Range<usize>, Range<usize>)> {
    let has = |marker| output.split(is_space).any(|word| word == marker);
    if !has(OPEN) || !has(CLOSE) {
        return None;
    }
    let until = |from: usize, marker| output[from..].find(marker).map_or(output.len(), |at| from + at);
    let start = until(0, OPEN) + OPEN.len();
    let end = until(start, CLOSE).min(until(start, OPEN));
    let sentence = until(0, CLOSE) + CLOSE.len();
    Some((start..end, sentence..until(sentence, CLOSE)))
}

fn intent(
    task: &Task,
    output: &str,
    part: Option<Range<usize>>,
    reading: &mut Reading,
    decoded: &mut Decoded,
) -> Option<String> {
    let strict = task.mode() == Mode::Fixed;
    let Some(part) = part else {
        decoded.format_error |= strict;
        reading.repair(RepairKind::MissingMarker, 0, format!("{OPEN} {CLOSE}"));
        return None;
    };
    let name = output[part.clone()].trim_matches(is_space);
    let label = task.schema.class_label(name).map(str::to_owned);
    if label.is_none() {
        decoded.label_error |= strict;
        reading.repair(RepairKind::UnknownLabel, part.start, name);
    }
    label
}

/// As the original does: attributes are not looked at.
fn without_attributes(task: &Task, reading: &mut Reading, decoded: &mut Decoded) -> Vec<crate::FoundEntity> {
    let mut found = Vec::new();
    for span in std::mem::take(&mut reading.spans) {
        found.extend(spans::labelled(task, Table::Entities, &span, reading, decoded));
    }
    spans::in_order(&mut found);
    found
}

pub(super) fn score(task: &Task, pairs: &Pairs<'_>) -> Report {
    let (mut slots, mut untyped) = (SpanCounts::default(), SpanCounts::default());
    let mut intents = ClassCounts::default();
    for (gold, predicted) in pairs {
        slots.add_entities(&gold.slots, &predicted.slots);
        untyped.add_untyped(&gold.slots, &predicted.slots);
        if let Some(intent) = &gold.intent {
            intents.add(intent, predicted.intent.as_deref());
        }
    }
    let mut report = Report::new(Score::Spans(slots.score()), pairs);
    report.entity_no_type = Some(untyped.total().into());
    report.macro_average = Some(spans::macro_average(task, &slots, task.schema.entities()));
    report.intent = Some(intents.score());
    report
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Entity, FoundEntity, Schema};

    fn example() -> Example {
        let mut example = Example::new(["play", "(", "))", "yesterday"]);
        example.intent = Some("PlayMusic".to_owned());
        example.slots = vec![Entity::new("track", 3, 4)];
        example
    }

    fn task(mode: Mode) -> Task {
        let schema = Schema::new([("track", "track"), ("year", "year")], []).unwrap();
        let intents = [("PlayMusic", "play music"), ("RateBook", "rate book")];
        Task::slots(schema.with_classes(intents).unwrap(), mode)
    }

    fn read(mode: Mode, output: &str) -> (Option<String>, Vec<(String, usize, usize)>) {
        let decoded = task(mode).decode(&example(), output);
        let owned = |e: &FoundEntity| (e.label.clone(), e.start, e.end);
        (decoded.intent, decoded.slots.iter().map(owned).collect())
    }

    #[test]
    fn markers_of_the_text_do_not_matter_in_fixed_mode() {
        let encoded = task(Mode::Fixed).encode(&example()).unwrap();
        assert_eq!(encoded.target, "(( play music )) play ( )) [ yesterday | track ]");
        let track = vec![("track".to_owned(), 3, 4)];
        assert_eq!(read(Mode::Fixed, &encoded.target), (Some("PlayMusic".to_owned()), track));
        assert!(task(Mode::Fixed).decode(&example(), &encoded.target).repairs.is_empty());
        // As the original: nothing beyond the second marker.
        assert_eq!(read(Mode::Reference, &encoded.target), (Some("PlayMusic".to_owned()), vec![]));
    }

    #[test]
    fn a_missing_marker_costs_the_intent_alone() {
        let track = vec![("track".to_owned(), 3, 4)];
        for mode in [Mode::Fixed, Mode::Reference] {
            let output = "play music play ( )) [ yesterday | track ]";
            assert_eq!(read(mode, output), (None, track.clone()));
            let repairs = task(mode).decode(&example(), output).repairs;
            assert!(repairs.iter().any(|repair| repair.kind == RepairKind::MissingMarker));
        }
        assert_eq!(read(Mode::Fixed, " ((rate book)) play").0.as_deref(), Some("RateBook"));
        assert_eq!(read(Mode::Reference, " ((rate book)) play").0, None);
        assert_eq!(read(Mode::Reference, "x (( rate book (( y )) play").0.as_deref(), Some("RateBook"));
    }

    #[test]
    fn offsets_are_those_of_the_whole_output() {
        let output = "(( sing )) play ( )) [ yesterday | day ]";
        let decoded = task(Mode::Fixed).decode(&example(), output);
        let at: Vec<_> = decoded.repairs.iter().map(|repair| (repair.at, repair.kind)).collect();
        assert_eq!(at, [(2, RepairKind::UnknownLabel), (21, RepairKind::UnknownLabel)]);
        assert!(decoded.label_error && !decoded.format_error);
    }

    #[test]
    fn intent_and_slots_are_scored_apart() {
        let decoded = task(Mode::Fixed).decode(&example(), "(( rate book )) play ( )) [ yesterday | track ]");
        let report = task(Mode::Fixed).score([(&example(), &decoded)]);
        assert_eq!((report.headline(), report.intent.as_ref().unwrap().accuracy), (1.0, 0.0));
    }
}
