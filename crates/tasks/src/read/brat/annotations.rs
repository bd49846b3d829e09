//! The lines of an annotation file.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::json::fields::Record;
use super::super::raw_text::RawText;
use super::super::span_fields::same_words;
use super::super::{CharSpan, NoteKind, Notes};
use super::files::Pair;
use crate::error::span_fault;
use crate::text::is_space;
use crate::{Argument, Error, Example, Origin, Relation, Result};

/// A text and what is annotated in it, by the ids of the annotations.
pub(super) struct Document<'a> {
    pair: &'a Pair,
    notes: &'a Notes,
    text: &'a str,
    chars: Vec<char>,
    /// What offsets are ahead of the text: a byte order mark, which some programs count.
    ahead: usize,
    /// Every `T`, in the order of the file; none where it is left out.
    spans: Vec<(&'a str, Option<CharSpan>)>,
    relations: Vec<(Origin, &'a str, [&'a str; 2])>,
    events: Vec<Event<'a>>,
}

/// An event: its type and trigger, and who plays which role.
struct Event<'a> {
    at: Origin,
    id: &'a str,
    label: &'a str,
    trigger: &'a str,
    roles: Vec<(&'a str, &'a str)>,
}

impl<'a> Document<'a> {
    pub(super) fn new(text: &'a str, pair: &'a Pair, notes: &'a Notes) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (spans, relations, events) = (Vec::new(), Vec::new(), Vec::new());
        Self { pair, notes, text, chars: text.chars().collect(), ahead: 0, spans, relations, events }
    }

    /// Reads the lines of the annotation file.
    pub(super) fn read(&mut self, lines: &'a [(Origin, String)]) -> Result<()> {
        self.ahead = self.ahead_of(lines);
        let mut known: BTreeMap<&str, &Origin> = BTreeMap::new();
        for (at, line) in lines {
            let (id, rest) = line.split_once('\t').unwrap_or((line, ""));
            let wrong = |problem: &str| wrong(at, &self.pair.name, id, problem);
            let mut letters = id.chars();
            let kind = letters
                .next()
                .filter(|kind| *kind == '*' || letters.next().is_some_and(|c| c.is_ascii_digit()));
            if matches!(kind, Some('T' | 'R' | 'E'))
                && let Some(first) = known.insert(id, at)
            {
                let line = first.line();
                return Err(wrong(&format!(
                    "stands in line {line} as well, so that it is open which of the two is meant; give one of them an id of its own, or take it out"
                )));
            }
            match kind {
                Some('T') => {
                    let span = self.span(at, id, rest)?;
                    self.spans.push((id, span));
                }
                Some('R') => {
                    let mut parts = rest.split_whitespace();
                    let label = parts.next().ok_or_else(|| wrong("has no type"))?;
                    let ends: Vec<&str> =
                        parts.filter_map(|part| part.split_once(':').map(|(_, id)| id)).collect();
                    let &[head, tail] = ends.as_slice() else {
                        return Err(wrong("should have two arguments, such as Arg1:T1 Arg2:T2"));
                    };
                    self.relations.push((at.clone(), label, [head, tail]));
                }
                Some('E') => {
                    let mut parts = rest.split_whitespace().map(|part| part.split_once(':'));
                    let Some(Some((label, trigger))) = parts.next() else {
                        return Err(wrong("should have its type and trigger, such as Death:T1"));
                    };
                    let roles: Option<Vec<_>> = parts.collect();
                    let roles = roles.ok_or_else(|| wrong("has an argument that is not Role:id"))?;
                    self.events.push(Event { at: at.clone(), id, label, trigger, roles });
                }
                Some('A' | 'M' | 'N' | '#' | '*') => {
                    self.leave_out(at, id, rest.split('\t').next().unwrap_or_default());
                }
                _ => {
                    return Err(wrong(
                        "is no annotation of brat; lines begin with T, R, E, A, M, N, # or *, a number and a tab",
                    ));
                }
            }
        }
        Ok(())
    }

    fn leave_out(&self, at: &Origin, id: &str, what: &str) {
        self.notes.add(NoteKind::LeftOut, Some(at), format!("document {}: {id} {what}", self.pair.name));
    }

    /// 1 where a byte order mark is counted, as the first text of an annotation shows.
    fn ahead_of(&self, lines: &[(Origin, String)]) -> usize {
        let first = lines.iter().find_map(|(_, line)| {
            let mut parts = line.strip_prefix('T')?.split('\t').skip(1);
            let (place, text) = (parts.next()?, parts.next()?);
            let (start, end) = place.split_once(' ')?.1.split_once(' ')?;
            Some((start.parse::<usize>().ok()?, end.parse::<usize>().ok()?, text))
        });
        let Some((start, end, text)) = first else { return 0 };
        let says = |ahead: usize| {
            let range = start.checked_sub(ahead)?..end.checked_sub(ahead)?;
            let covered: String = self.chars.get(range)?.iter().collect();
            Some(same_words(&covered, text))
        };
        usize::from(says(0) != Some(true) && says(1) == Some(true))
    }

    /// The span of a type, offsets and the text; nothing where words lie between its pieces.
    fn span(&self, at: &Origin, id: &str, rest: &str) -> Result<Option<CharSpan>> {
        let wrong = |problem: &str| wrong(at, &self.pair.name, id, problem);
        let mut parts = rest.splitn(2, '\t');
        let (place, own) = (parts.next().unwrap_or_default(), parts.next());
        let (label, places) =
            place.split_once(' ').ok_or_else(|| wrong("should be a type and two offsets"))?;
        let mut pieces: Vec<Range<usize>> = Vec::new();
        for piece in places.split(';') {
            let offset = |text: &str| text.parse::<usize>().ok()?.checked_sub(self.ahead);
            let ends =
                piece.trim().split_once(' ').and_then(|(start, end)| Some((offset(start)?, offset(end)?)));
            let (start, end) = ends.ok_or_else(|| wrong("should be a type and two offsets"))?;
            let covered = self.chars.get(start..end).unwrap_or_default();
            if covered.iter().all(|c| is_space(*c)) {
                let fault = span_fault(start, end, self.chars.len());
                return Err(wrong(&format!("{start}..{end} {fault}; correct its offsets")));
            }
            pieces.push(start..end);
        }
        let covered: Vec<String> =
            pieces.iter().map(|piece| self.chars[piece.clone()].iter().collect()).collect();
        let covered = covered.join(" ");
        if let Some(own) = own.filter(|own| !same_words(&covered, own)) {
            return Err(wrong(&format!(
                "{places} says {own:?}, but there the text has {covered:?}; correct its offsets, which count characters (code points), or \
                 check that the text is the one that was annotated"
            )));
        }
        // brat parts an entity at the end of a line as well.
        let between = |pair: &[Range<usize>]| self.chars.get(pair[0].end..pair[1].start);
        let whole =
            pieces.windows(2).all(|pair| between(pair).is_some_and(|gap| gap.iter().all(|c| is_space(*c))));
        let (Some(first), Some(last), true) = (pieces.first(), pieces.last(), whole) else {
            self.leave_out(at, id, "is in pieces with words between them");
            return Ok(None);
        };
        Ok(Some(CharSpan { start: first.start, end: last.end, label: label.to_owned() }))
    }

    /// The example that was read.
    pub(super) fn example(self) -> Result<Example> {
        let triggers: Vec<&str> = self.events.iter().map(|event| event.trigger).collect();
        let mut indices: BTreeMap<&str, Option<usize>> = BTreeMap::new();
        let mut raw = RawText::new(self.text);
        for (id, span) in self.spans.iter().filter(|(id, _)| !triggers.contains(id)) {
            indices.insert(id, span.as_ref().map(|_| raw.spans.len()));
            raw.spans.extend(span.clone());
        }
        for (at, label, ends) in &self.relations {
            let mut found = Vec::new();
            for end in ends {
                match indices.get(end) {
                    Some(index) => found.extend(*index),
                    // A relation with an event or its trigger has no entity at its end.
                    None if end.starts_with('E') || triggers.contains(end) => {}
                    None => {
                        return Err(wrong(
                            at,
                            &self.pair.name,
                            label,
                            &format!("names {end}, which is not there"),
                        ));
                    }
                }
            }
            match found.as_slice() {
                &[head, tail] => raw.relations.push(Relation::new(*label, head, tail)),
                _ => self.leave_out(at, label, "is a relation with what is no entity or left out"),
            }
        }
        let entities = raw.spans.len();
        let (events, arguments) = self.events(&indices, &mut raw)?;
        let record = Record::new(Origin::new(&self.pair.text, 1), "document", &self.pair.name);
        let mut example = raw.example(self.pair.name.clone(), &record)?;
        example.triggers = example.entities.split_off(entities.min(example.entities.len()));
        for (trigger, label) in example.triggers.iter_mut().zip(events) {
            trigger.label = label;
        }
        example.arguments = arguments;
        Ok(example)
    }

    /// Adds the triggers of the events to `raw`, behind the entities, and gives the events' types and who
    /// takes part.
    fn events(
        &self,
        indices: &BTreeMap<&str, Option<usize>>,
        raw: &mut RawText,
    ) -> Result<(Vec<String>, Vec<Argument>)> {
        let (mut labels, mut arguments) = (Vec::new(), Vec::new());
        for event in &self.events {
            let wrong = |problem: &str| wrong(&event.at, &self.pair.name, event.id, problem);
            let Some((_, span)) = self.spans.iter().find(|(id, _)| *id == event.trigger) else {
                return Err(wrong(&format!("has the trigger {}, which is not there", event.trigger)));
            };
            let Some(span) = span else {
                self.leave_out(&event.at, event.id, "is an event whose trigger is left out");
                continue;
            };
            let number = labels.len();
            labels.push(event.label.to_owned());
            raw.spans.push(span.clone());
            for (role, id) in &event.roles {
                // The second of a role is numbered: Theme, Theme2.
                let bare = role.trim_end_matches(|c: char| c.is_ascii_digit());
                let role = if event.roles.iter().any(|(other, _)| *other == bare) { bare } else { role };
                match indices.get(id) {
                    Some(Some(entity)) => arguments.push(Argument::new(role, *entity, number)),
                    Some(None) => self.leave_out(&event.at, event.id, "has an argument that is left out"),
                    None if self.events.iter().any(|other| other.id == *id || other.trigger == *id) => {
                        self.leave_out(&event.at, event.id, "has an event for an argument");
                    }
                    None => return Err(wrong(&format!("names {id}, which is not there"))),
                }
            }
        }
        Ok((labels, arguments))
    }
}

/// An error about an annotation.
fn wrong(at: &Origin, document: &str, id: &str, problem: &str) -> Error {
    Record::new(at.clone(), "document", document).wrong(format!("{id} {problem}"))
}
