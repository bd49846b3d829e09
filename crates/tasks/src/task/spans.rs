//! Labelled spans, which most tasks write and read.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;

use super::Task;
use crate::codec::{self, Annotation, Augmented, Reading, Span, augment, augment_flat, escape_tokens};
use crate::score::{MacroScore, SpanCounts};
use crate::{Decoded, Entity, Example, FoundEntity, Mode, Nesting, RepairKind, Result, Schema, TokenSpan};

/// The table of the schema that names the spans of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Entities, slots and semantic roles.
    Entities,
    /// Kinds of event.
    Triggers,
}

impl Table {
    fn name(self, schema: &Schema, label: &str) -> Option<String> {
        match self {
            Self::Entities => schema.entity_name(label),
            Self::Triggers => schema.trigger_name(label),
        }
        .map(str::to_owned)
    }

    fn label(self, schema: &Schema, name: &str) -> Option<String> {
        match self {
            Self::Entities => schema.entity_label(name),
            Self::Triggers => schema.trigger_label(name),
        }
        .map(str::to_owned)
    }

    fn known(self, schema: &Schema) -> Vec<&str> {
        match self {
            Self::Entities => schema.entities().map(|(label, _)| label).collect(),
            Self::Triggers => schema.triggers().map(|(label, _)| label).collect(),
        }
    }

    /// The natural name of `label`, which the example must not have made up.
    pub(super) fn named(self, task: &Task, example: &Example, label: &str) -> Result<String> {
        let unknown = || super::unknown_label(example, label, &self.known(&task.schema));
        self.name(&task.schema, label).ok_or_else(unknown)
    }
}

/// The tokens as texts show them.
pub(super) fn shown<'a>(task: &Task, tokens: &'a [String]) -> Vec<Cow<'a, str>> {
    match task.mode() {
        Mode::Reference => tokens.iter().map(|token| Cow::Borrowed(token.as_str())).collect(),
        Mode::Fixed => escape_tokens(tokens),
    }
}

/// The tokens of `span` as texts show them.
pub(super) fn shown_span(task: &Task, example: &Example, span: TokenSpan) -> String {
    shown(task, example.tokens.get(span.start..span.end).unwrap_or_default()).join(" ")
}

/// The sentence as it is.
pub(super) fn plain(task: &Task, example: &Example) -> String {
    shown(task, &example.tokens).join(" ")
}

/// One annotation a span, tagged with its natural name.
pub(super) fn annotations(
    task: &Task,
    example: &Example,
    table: Table,
    spans: &[Entity],
) -> Result<Vec<Annotation>> {
    let annotation = |span: &Entity| {
        let name = table.named(task, example, &span.label)?;
        Ok(Annotation { tags: vec![vec![name]], start: span.start, end: span.end })
    };
    spans.iter().map(annotation).collect()
}

/// The sentence with its annotations, those that the task's nesting allows.
pub(super) fn marked(task: &Task, example: &Example, annotations: &[Annotation]) -> Augmented {
    let tokens = shown(task, &example.tokens);
    match task.nesting {
        Nesting::Flat => augment_flat(&tokens, annotations),
        Nesting::Nested => augment(&tokens, annotations),
    }
}

/// The sentence with one annotation a span.
pub(super) fn target(
    task: &Task,
    example: &Example,
    table: Table,
    spans: &[Entity],
) -> Result<(String, Vec<usize>)> {
    let annotations = annotations(task, example, table, spans)?;
    let augmented = marked(task, example, &annotations);
    Ok((augmented.text, augmented.dropped))
}

/// The markup of the part `within` of an output, with offsets in the whole of it.
pub(super) fn begin(
    task: &Task,
    example: &Example,
    output: &str,
    within: Range<usize>,
) -> (Reading, Decoded) {
    let from = within.start;
    let mut reading = codec::decode(&example.tokens, output.get(within).unwrap_or_default(), task.quirks);
    for repair in &mut reading.repairs {
        repair.at += from;
    }
    for span in &mut reading.spans {
        span.markup = span.markup.start + from..span.markup.end + from;
    }
    let decoded = Decoded {
        wrong_reconstruction: reading.wrong_reconstruction,
        format_error: reading.format_error,
        ..Decoded::default()
    };
    (reading, decoded)
}

/// The span with the label that its first tag names.
pub(super) fn labelled(
    task: &Task,
    table: Table,
    span: &Span,
    reading: &mut Reading,
    decoded: &mut Decoded,
) -> Option<FoundEntity> {
    let [name] = span.tags.first().map_or(&[][..], Vec::as_slice) else {
        decoded.format_error = true;
        reading.repair(RepairKind::BadSpan, span.markup.start, &*span.name);
        return None;
    };
    let Some(label) = table.label(&task.schema, name) else {
        decoded.label_error = true;
        reading.repair(RepairKind::UnknownLabel, span.markup.start, name);
        return None;
    };
    Some(FoundEntity { label, start: span.start, end: span.end, markup: span.markup.clone() })
}

/// Spans here have no attributes: one with a value names an unknown relation, any other is malformed.
pub(super) fn no_attributes(span: &Span, reading: &mut Reading, decoded: &mut Decoded) {
    for tag in span.tags.iter().skip(1) {
        if let [relation, _] = &tag[..] {
            decoded.label_error = true;
            reading.repair(RepairKind::UnknownLabel, span.markup.start, relation);
        } else {
            decoded.format_error = true;
            reading.repair(RepairKind::BadAttribute, span.markup.start, tag.join(" = "));
        }
    }
}

/// All labelled spans of an output, without attributes.
pub(super) fn found(
    task: &Task,
    table: Table,
    reading: &mut Reading,
    decoded: &mut Decoded,
) -> Vec<FoundEntity> {
    let mut found = Vec::new();
    for span in std::mem::take(&mut reading.spans) {
        if let Some(entity) = labelled(task, table, &span, reading, decoded) {
            no_attributes(&span, reading, decoded);
            found.push(entity);
        }
    }
    in_order(&mut found);
    found
}

/// The mean over the labels in gold or output, or over all that are `declared`, as the original does it.
pub(super) fn macro_average<'a>(
    task: &Task,
    counts: &SpanCounts,
    declared: impl Iterator<Item = (&'a str, &'a str)>,
) -> MacroScore {
    if task.quirks.macro_over_schema {
        counts.macro_over(declared.map(|(label, _)| label))
    } else {
        counts.macro_average()
    }
}

/// Sorts by position and drops duplicates, of which the one written first stays.
pub(super) fn in_order(found: &mut Vec<FoundEntity>) {
    found.sort_by(|a, b| (a.start, Reverse(a.end), &a.label).cmp(&(b.start, Reverse(b.end), &b.label)));
    found.dedup_by(|a, b| a.key() == b.key());
}
