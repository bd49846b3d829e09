//! What offsets count.
//!
//! Label Studio's editor counted UTF-16 units, as browsers do, and counts code points since version 1.4; so do programs that write its
//! format. The two differ behind characters beyond the basic plane, such as emoji.

use std::ops::Range;

use super::super::Notes;
use super::super::span_fields::same_words;
use super::assume;
use super::region::{Body, Place};
use super::task::Task;
use super::text::Key;
use crate::Result;

/// What offsets count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Units {
    CodePoints,
    Utf16,
}

/// A text, counted both ways.
pub(super) struct Text {
    chars: Vec<char>,
    /// How many UTF-16 units are before each character and in all, if that is not the number of characters.
    units: Option<Vec<usize>>,
    markup: bool,
}

/// How well a region's own text agrees with what it covers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Not,
    /// But for white space.
    Words,
    Whole,
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let units = text.encode_utf16().count() != chars.len();
        let units = units.then(|| {
            let mut before = vec![0];
            before.extend(chars.iter().scan(0, |sum, c| {
                *sum += c.len_utf16();
                Some(*sum)
            }));
            before
        });
        Self { chars, units, markup: has_markup(text) }
    }

    /// `start..end` in characters, if it is there and holds something.
    fn range(&self, start: usize, end: usize, units: Units) -> Option<Range<usize>> {
        let range = match (&self.units, units) {
            (Some(before), Units::Utf16) => {
                before.binary_search(&start).ok()?..before.binary_search(&end).ok()?
            }
            _ => start..end,
        };
        (range.start < range.end && range.end <= self.chars.len()).then_some(range)
    }

    fn covered(&self, range: Range<usize>) -> String {
        self.chars[range].iter().collect()
    }

    fn fit(&self, (start, end): (usize, usize), own: Option<&str>, units: Units) -> Fit {
        match (self.range(start, end, units), own) {
            (None, _) => Fit::Not,
            (Some(_), None) => Fit::Whole,
            (Some(range), Some(own)) => match self.covered(range) {
                covered if covered == own => Fit::Whole,
                covered if same_words(&covered, own) => Fit::Words,
                _ => Fit::Not,
            },
        }
    }

    /// Whether a region can be in this text, however it counts.
    pub(super) fn can_hold(&self, place: Place, own: &str) -> bool {
        let (Place::Text(start, end) | Place::Shown(start, end)) = place else { return false };
        [Units::CodePoints, Units::Utf16]
            .into_iter()
            .any(|units| self.fit((start, end), Some(own), units) > Fit::Not)
    }

    /// Where a region is, in characters, or what is wrong with it.
    pub(super) fn region(
        &self,
        place: Place,
        own: Option<&str>,
        units: Units,
    ) -> Result<Range<usize>, String> {
        let (start, end) = match place {
            Place::Text(start, end) => (start, end),
            Place::Shown(start, end) if !self.markup => (start, end),
            Place::Shown(..) | Place::Elements => {
                return Err("is a place in HTML, whose markup is not read; label the text without markup in a project with a Text tag, and \
                            export that"
                    .to_owned());
            }
        };
        let length = self.chars.len();
        let Some(range) = self.range(start, end, units) else {
            return Err(format!(
                "{start}..{end} is not within its text of {length} characters; correct its offsets"
            ));
        };
        if self.fit((start, end), own, units) > Fit::Not {
            return Ok(range);
        }
        let (own, covered) = (own.unwrap_or_default(), self.covered(range));
        let cut = if covered.contains(own) {
            "; where regions snap to whole words (granularity), label it again, or correct one of the two"
        } else {
            "; correct its offsets or its text"
        };
        Err(format!("{start}..{end} says {own:?}, but there the text has {covered:?}{cut}"))
    }
}

/// Whether `text` has tags or character references.
fn has_markup(text: &str) -> bool {
    let tag = text.match_indices('<').any(|(at, _)| {
        let next = text[at + 1..].chars().next();
        text[at..].contains('>') && next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!'))
    });
    let reference = text.match_indices('&').any(|(at, _)| {
        let name: &str = text[at + 1..].split(';').next().unwrap_or_default();
        let named = (1..=10).contains(&name.len())
            && name.trim_start_matches('#').chars().all(|c| c.is_ascii_alphanumeric());
        named && text[at + 1..].contains(';')
    });
    tag || reference
}

/// What the offsets of a file count, decided by all of its regions together.
pub(super) fn units<'a>(tasks: impl Iterator<Item = &'a Task>, key: &Key, notes: &Notes) -> Result<Units> {
    let (mut points, mut utf16, mut open) = (None, None, false);
    for task in tasks {
        let Some(text) = task.data.get(key.name()).and_then(|text| text.as_str()) else { continue };
        let text = Text::new(text);
        if text.units.is_none() {
            continue;
        }
        for region in task.annotations.iter().flat_map(|annotation| &annotation.regions) {
            let Body::Span { place: Place::Text(start, end) | Place::Shown(start, end), own, .. } =
                &region.body
            else {
                continue;
            };
            let fit = |units| text.fit((*start, *end), own.as_deref(), units);
            let (as_points, as_utf16) = (fit(Units::CodePoints), fit(Units::Utf16));
            let same = text.range(*start, *end, Units::CodePoints) == text.range(*start, *end, Units::Utf16);
            if as_points > as_utf16 {
                points.get_or_insert(task);
            } else if as_utf16 > as_points {
                utf16.get_or_insert(task);
            } else if !same && as_points > Fit::Not {
                open = true;
            }
        }
    }
    let (found, why) = match (points, utf16) {
        (Some(points), Some(utf16)) => {
            let (first, second) = (&points.record, &utf16.record);
            return Err(second.wrong(format!(
                "has offsets in UTF-16 units, but those of {} ({}) count characters (code points); export the project again, or split it \
                 into a file of each",
                first.name, first.at
            )));
        }
        (Some(_), None) => {
            (Units::CodePoints, "offsets count characters (code points), as the regions' own texts show")
        }
        (None, Some(_)) => (Units::Utf16, "offsets count UTF-16 units, as the regions' own texts show"),
        (None, None) if open => (
            Units::CodePoints,
            "offsets are taken to count characters (code points), as in present exports: no region shows otherwise",
        ),
        (None, None) => return Ok(Units::CodePoints),
    };
    assume(notes, why.to_owned());
    Ok(found)
}
