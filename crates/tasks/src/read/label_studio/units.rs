//! What the offsets of a whole file count.

use super::super::Notes;
use super::assume;
use super::offsets::{CountedText, Fit, OffsetUnit};
use super::region::{Body, RegionPlace};
use super::task::Task;
use super::text::TextField;
use crate::Result;

/// What the offsets of a file count, decided by all of its regions together.
pub(super) fn units<'a>(
    tasks: impl Iterator<Item = &'a Task>,
    key: &TextField,
    notes: &Notes,
) -> Result<OffsetUnit> {
    let (mut points, mut utf16, mut open) = (None, None, false);
    for task in tasks {
        let Some(text) = task.data.get(key.name()).and_then(|text| text.as_str()) else { continue };
        let text = CountedText::new(text);
        if text.counts_alike() {
            continue;
        }
        for region in task.annotations.iter().flat_map(|annotation| &annotation.regions) {
            let Body::Span {
                place: RegionPlace::Text(start, end) | RegionPlace::Shown(start, end), own, ..
            } = &region.body
            else {
                continue;
            };
            let fit = |units| text.fit((*start, *end), own.as_deref(), units);
            let (as_points, as_utf16) = (fit(OffsetUnit::CodePoints), fit(OffsetUnit::Utf16));
            let same = text.range(*start, *end, OffsetUnit::CodePoints)
                == text.range(*start, *end, OffsetUnit::Utf16);
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
            let line = first.at.line();
            return Err(second.wrong(format!(
                "has offsets in UTF-16 units, but those of {} (line {line}) count characters (code points); export the project again, or split it \
                 into a file of each",
                first.name
            )));
        }
        (Some(_), None) => {
            (OffsetUnit::CodePoints, "offsets count characters (code points), as the regions' own texts show")
        }
        (None, Some(_)) => (OffsetUnit::Utf16, "offsets count UTF-16 units, as the regions' own texts show"),
        (None, None) if open => (
            OffsetUnit::CodePoints,
            "offsets are taken to count characters (code points), as in present exports: no region shows otherwise",
        ),
        (None, None) => return Ok(OffsetUnit::CodePoints),
    };
    assume(notes, why.to_owned());
    Ok(found)
}
