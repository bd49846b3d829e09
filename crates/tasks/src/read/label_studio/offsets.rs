//! What offsets count.
//!
//! Label Studio's editor counted UTF-16 units, as browsers do, and counts code points since version 1.4; so
//! do programs that write its format. The two differ behind characters beyond the basic plane, such as emoji.

use std::ops::Range;

use super::super::span_fields::same_words;
use super::region::RegionPlace;
use crate::counted::counted;

/// What offsets count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OffsetUnit {
    CodePoints,
    Utf16,
}

/// A text, counted both ways.
pub(super) struct CountedText {
    chars: Vec<char>,
    /// How many UTF-16 units are before each character and in all, if that is not the number of characters.
    units: Option<Vec<usize>>,
    markup: bool,
}

/// How well a region's own text agrees with what it covers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    Not,
    /// But for white space.
    Words,
    Whole,
}

impl CountedText {
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

    /// Whether both ways of counting agree on all of it.
    pub(super) fn counts_alike(&self) -> bool {
        self.units.is_none()
    }

    /// `start..end` in characters, if it is there and holds something.
    pub(super) fn range(&self, start: usize, end: usize, units: OffsetUnit) -> Option<Range<usize>> {
        let range = match (&self.units, units) {
            (Some(before), OffsetUnit::Utf16) => {
                before.binary_search(&start).ok()?..before.binary_search(&end).ok()?
            }
            _ => start..end,
        };
        (range.start < range.end && range.end <= self.chars.len()).then_some(range)
    }

    fn covered(&self, range: Range<usize>) -> String {
        self.chars[range].iter().collect()
    }

    pub(super) fn fit(&self, (start, end): (usize, usize), own: Option<&str>, units: OffsetUnit) -> Fit {
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
    pub(super) fn can_hold(&self, place: RegionPlace, own: &str) -> bool {
        let (RegionPlace::Text(start, end) | RegionPlace::Shown(start, end)) = place else { return false };
        [OffsetUnit::CodePoints, OffsetUnit::Utf16]
            .into_iter()
            .any(|units| self.fit((start, end), Some(own), units) > Fit::Not)
    }

    /// Where a region is, in characters, or what is wrong with it.
    pub(super) fn region(
        &self,
        place: RegionPlace,
        own: Option<&str>,
        units: OffsetUnit,
    ) -> Result<Range<usize>, String> {
        let (start, end) = match place {
            RegionPlace::Text(start, end) => (start, end),
            RegionPlace::Shown(start, end) if !self.markup => (start, end),
            RegionPlace::Shown(..) | RegionPlace::Elements => {
                return Err("is a place in HTML, whose markup is not read; label the text without markup in a project with a Text tag, and \
                            export that"
                    .to_owned());
            }
        };
        let length = self.chars.len();
        let Some(range) = self.range(start, end, units) else {
            return Err(format!(
                "{start}..{end} is not within its text of {}; correct its offsets",
                counted(length, "character")
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
