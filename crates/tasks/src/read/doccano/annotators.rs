//! Lines of one text by several annotators.

use std::collections::BTreeMap;

use super::super::json::fields::{Fields, name};
use super::super::{NoteKind, Notes};
use super::Line;
use crate::Result;

/// Keys that tell who annotated or approved a text.
pub(super) const KEYS: [&str; 5] = ["annotator", "user", "username", "annotation_approver", "approver"];

/// Who annotated the text of a line, where it is said.
pub(super) fn of(fields: &Fields<'_>) -> Option<String> {
    KEYS.iter().find_map(|key| fields.get(key).and_then(name))
}

/// Leaves one line of each text: that of `annotator`, if one is asked for, or the first of several that
/// agree. Where they differ, all but the first are errors.
pub(super) fn choose(lines: &mut Vec<Result<Line>>, annotator: Option<&str>, notes: &Notes) -> Result<()> {
    if let Some(annotator) = annotator {
        theirs(lines, annotator, notes)?;
    }
    // A file that was put together may have an id for several texts.
    let mut first: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut kept: Vec<Result<Line>> = Vec::with_capacity(lines.len());
    for line in lines.drain(..) {
        let Ok(line) = line else {
            kept.push(line);
            continue;
        };
        let index = *first.entry((line.id.clone(), line.raw.text.clone())).or_insert(kept.len());
        match kept.get(index) {
            Some(Ok(other)) if other.raw.annotation() == line.raw.annotation() => {
                let (at, other) = (&line.record.at, other.record.at.line());
                let what = format!("{} says the same as line {other} and counts once", line.record.name);
                notes.add(NoteKind::Assumed, Some(at), what);
            }
            Some(Ok(other)) => kept.push(Err(differ(&line, other))),
            _ => kept.push(Ok(line)),
        }
    }
    *lines = kept;
    Ok(())
}

fn differ(line: &Line, other: &Line) -> crate::Error {
    let what = match line.by.as_ref().or(other.by.as_ref()) {
        Some(by) => {
            format!("choose an annotator, such as data.annotator = {by:?} (--annotator), or keep one")
        }
        None => "keep one of the two, or export each annotator to a file".to_owned(),
    };
    line.record.wrong(format!(
        "is labelled otherwise in line {}, with the same id and text; {what}",
        other.record.at.line()
    ))
}

/// Leaves out the lines of others than `annotator`.
fn theirs(lines: &mut Vec<Result<Line>>, annotator: &str, notes: &Notes) -> Result<()> {
    let understood = || lines.iter().filter_map(|line| line.as_ref().ok());
    let is_theirs = |line: &Line| line.by.as_ref().is_some_and(|by| by.eq_ignore_ascii_case(annotator));
    if !understood().any(is_theirs) {
        let Some(first) = understood().next() else { return Ok(()) };
        let mut names: Vec<String> =
            understood().filter_map(|line| Some(format!("{:?}", line.by.as_ref()?))).collect();
        names.sort();
        names.dedup();
        let known = match names.as_slice() {
            [] => format!("no line says by whom it is (under {})", KEYS.join(", ")),
            names => format!("the annotators are {}", names.join(", ")),
        };
        let problem = format!("like every other is not by the annotator {annotator:?}; {known}");
        return Err(first.record.wrong(problem));
    }
    lines.retain(|line| {
        let Some(line) = line.as_ref().ok().filter(|line| !is_theirs(line)) else { return true };
        let what = format!("{} is not by {annotator:?}", line.record.name);
        notes.add(NoteKind::Unlabelled, Some(&line.record.at), what);
        false
    });
    Ok(())
}
