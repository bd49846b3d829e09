//! What one annotation says of its text.

use super::super::raw_text::RawText;
use super::super::{CharSpan, NoteKind};
use super::controls::Control;
use super::offsets::{CountedText, OffsetUnit};
use super::quoted;
use super::region::{Body, Direction, Region};
use super::task::{Annotation, Task};
use crate::{Error, Relation, Result};

/// What is written beside the annotation and is no part of it.
const ASIDES: [&str; 6] = ["textarea", "rating", "number", "datetime", "pairwise", "ranker"];

/// What is to be told of an annotation.
pub(super) type Told = Vec<(NoteKind, String)>;

/// An annotation that is being read.
struct Reading<'a> {
    task: &'a Task,
    annotation: &'a Annotation,
    raw: RawText,
    told: Told,
    /// The id of each span's region, and whether the span is its region's only one.
    names: Vec<(Option<&'a str>, bool)>,
    /// The ids of regions of other controls than the one that is read.
    unread: Vec<&'a str>,
}

/// What `annotation` says of `text`, and what is to be told of it.
pub(super) fn raw_text(
    task: &Task,
    annotation: &Annotation,
    text: &str,
    units: OffsetUnit,
    control: &Control,
) -> Result<(RawText, Told)> {
    let (raw, counted) = (RawText::new(text), CountedText::new(text));
    let (told, names, unread) = (Vec::new(), Vec::new(), Vec::new());
    let mut reading = Reading { task, annotation, raw, told, names, unread };
    for region in &annotation.regions {
        match &region.body {
            Body::Link { .. } => {}
            _ if !control.takes(region) => reading.unread.extend(region.id.as_deref()),
            Body::Choice { choices, of_region } => reading.choice(region, choices, *of_region)?,
            Body::Other { kind } => reading.other(region, kind)?,
            Body::Span { place, own, labels } => {
                let range = counted.region(*place, own.as_deref(), units);
                let range = range.map_err(|problem| reading.wrong(region, &problem))?;
                if labels.is_empty() {
                    return Err(reading.wrong(region, "has no label; give it one, or take it out"));
                }
                for label in labels {
                    reading.raw.spans.push(CharSpan {
                        start: range.start,
                        end: range.end,
                        label: label.clone(),
                    });
                    reading.names.push((region.id.as_deref(), labels.len() == 1));
                }
            }
        }
    }
    // The ends of a relation may stand behind it.
    for region in &annotation.regions {
        if let Body::Link { from, to, direction, labels } = &region.body {
            let ends = (reading.end(from.as_deref())?, reading.end(to.as_deref())?);
            reading.link(ends, *direction, labels);
        }
    }
    Ok((reading.raw, reading.told))
}

impl<'a> Reading<'a> {
    fn wrong(&self, region: &Region, problem: &str) -> Error {
        self.task.record.wrong(format!("{} {problem}", region.name))
    }

    fn choice(&mut self, region: &'a Region, choices: &[String], of_region: bool) -> Result<()> {
        let is_labelled = |other: &Region| other.id == region.id && matches!(other.body, Body::Span { .. });
        if of_region || (region.id.is_some() && self.annotation.regions.iter().any(is_labelled)) {
            self.told.push((NoteKind::LeftOut, format!("{} is a choice for a span", region.name)));
            return Ok(());
        }
        match choices {
            [] => Ok(()),
            [choice] if self.raw.label.as_ref().is_none_or(|label| label == choice) => {
                self.raw.label = Some(choice.clone());
                Ok(())
            }
            _ => Err(self.task.record.wrong(format!(
                "has several choices for one text ({}), of which fishdip learns one; leave one, or give what they are together a name of \
                 its own",
                quoted(self.raw.label.iter().chain(choices))
            ))),
        }
    }

    fn other(&mut self, region: &Region, kind: &str) -> Result<()> {
        if ASIDES.contains(&kind) {
            self.told.push((NoteKind::LeftOut, format!("{} is a {kind}", region.name)));
            return Ok(());
        }
        Err(self.wrong(
            region,
            &format!(
                "is of the type {kind:?}, which is no span, choice or relation of a text; take it out, or name the control that is to be \
                 read with --tag-column (data.tag_column)"
            ),
        ))
    }

    /// The span at an end of a relation; nothing where it is of a control that is not read.
    fn end(&self, id: Option<&str>) -> Result<Option<usize>> {
        let found = (0..self.names.len()).filter(|&index| id.is_some() && self.names[index].0 == id);
        let problem = match found.collect::<Vec<_>>().as_slice() {
            [index] if self.names[*index].1 => return Ok(Some(*index)),
            [] if id.is_some_and(|id| self.unread.contains(&id)) => return Ok(None),
            [] => "which is not there; correct or remove the relation",
            [index, ..] if self.names[*index].1 => {
                "an id that several regions have, so that it is open which is meant; give each its own"
            }
            _ => "which has several labels, so that it is open which span is meant; leave one label",
        };
        Err(self.task.record.wrong(format!("has a relation with region {}, {problem}", id.unwrap_or("?"))))
    }

    fn link(&mut self, ends: (Option<usize>, Option<usize>), direction: Direction, labels: &[String]) {
        let (Some(from), Some(to)) = ends else {
            self.told.push((NoteKind::LeftOut, "has a relation with a span of another control".to_owned()));
            return;
        };
        let ways: &[(usize, usize)] = match direction {
            Direction::Right => &[(from, to)],
            Direction::Left => &[(to, from)],
            Direction::Both => &[(from, to), (to, from)],
        };
        let unnamed = ["related".to_owned()];
        if labels.is_empty() {
            let what = "has a relation without a label, which is called \"related\"";
            self.told.push((NoteKind::Assumed, what.to_owned()));
        }
        for label in if labels.is_empty() { &unnamed } else { labels } {
            self.raw.relations.extend(ways.iter().map(|&(head, tail)| Relation::new(label, head, tail)));
        }
    }
}
